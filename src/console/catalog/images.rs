//! A partner's main pictures by what their checks found.

use askama::Template;

use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::lists::Tab;
use crate::console::lists::{Chip, Pager};
use crate::console::state::State;

/// The list.
#[derive(Debug, Template)]
#[template(path = "catalog/images.html", config = "src/console/askama.toml")]
pub(crate) struct ImagesPage {
    pub frame: Frame,
    pub tabs: Vec<Tab>,
    pub chips: Vec<Chip>,
    pub status: String,
    /// What stands in the field; `None` if there is one partner only.
    pub partner: Option<String>,
    pub error: Option<String>,
    /// Whether a partner must be chosen first.
    pub needs_partner: bool,
    pub rows: Vec<ImageRow>,
    pub pager: Pager,
}

/// One picture.
#[derive(Debug)]
pub(crate) struct ImageRow {
    pub url: String,
    pub state: State,
    pub finding: String,
    /// Some of the items that show it, each with where it is found.
    pub items: Vec<(String, String)>,
    pub checked_at: Option<Moment>,
}
