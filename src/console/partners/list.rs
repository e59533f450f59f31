//! The list of partners.

use askama::Template;

use crate::console::frame::Frame;
use crate::console::lists::Pager;
use crate::console::state::State;

/// The list.
#[derive(Debug, Template)]
#[template(path = "partners/list.html", config = "src/console/askama.toml")]
pub(crate) struct PartnersPage {
    pub frame: Frame,
    pub rows: Vec<PartnerRow>,
    pub pager: Pager,
    /// Where an operator sees the keys of all callers.
    pub all_keys: Option<String>,
}

/// One partner.
#[derive(Debug)]
pub(crate) struct PartnerRow {
    pub slug: String,
    pub name: String,
    /// The title of its adapter.
    pub adapter: String,
    pub state: State,
    /// Such as `2 work, 1 fails`.
    pub endpoints: String,
    pub has_open_shop: bool,
}
