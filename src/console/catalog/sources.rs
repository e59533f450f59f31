//! Where feeds are pulled from, and how the last pulls went.

use askama::Template;

use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::lists::Pager;
use crate::console::lists::Tab;
use crate::console::state::State;

/// The list.
#[derive(Debug, Template)]
#[template(path = "catalog/sources.html", config = "src/console/askama.toml")]
pub(crate) struct SourcesPage {
    pub frame: Frame,
    pub tabs: Vec<Tab>,
    pub rows: Vec<SourceRow>,
    pub pager: Pager,
}

/// A partner's source.
#[derive(Debug)]
pub(crate) struct SourceRow {
    pub partner: String,
    pub state: State,
    /// Host and first part of the path.
    pub url: String,
    /// How often, and what the feed covers.
    pub schedule: String,
    pub last_at: Option<Moment>,
    /// The run of the last pull, and what came of it.
    pub run: Option<(String, String)>,
    pub next_at: Moment,
    pub is_pulling: bool,
}
