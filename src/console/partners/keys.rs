//! API keys: listed, issued, revoked.

use askama::Template;

use super::form::Field;
use super::{Link, PageTab};
use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::lists::Pager;
use crate::console::state::State;

/// The keys of a partner, or of everybody.
#[derive(Debug, Template)]
#[template(path = "partners/keys.html", config = "src/console/askama.toml")]
pub(crate) struct KeysPage {
    pub frame: Frame,
    pub crumbs: Vec<Link>,
    pub title: String,
    pub tabs: Vec<PageTab>,
    /// Whether keys of several callers are listed.
    pub has_owners: bool,
    pub rows: Vec<KeyRow>,
    pub pager: Pager,
    pub error: Option<String>,
    pub fields: Vec<Field>,
    pub action: String,
    /// Makes the form work once.
    pub once: String,
}

/// One key.
#[derive(Debug)]
pub(crate) struct KeyRow {
    pub id: String,
    pub label: String,
    pub state: State,
    pub role: String,
    pub partner: Option<String>,
    pub limits: String,
    pub created_at: Moment,
    pub expires_at: Option<Moment>,
    pub last_used_at: Option<Moment>,
    /// Where it is revoked, if it works.
    pub revoke: Option<String>,
}
