//! What the search box has found, and what it understands.

use askama::Template;

use super::frame::Frame;

/// The page.
#[derive(Debug, Template)]
#[template(path = "search.html", config = "src/console/askama.toml")]
pub(crate) struct SearchPage {
    pub frame: Frame,
    /// Why the words cannot be used.
    pub error: Option<String>,
    pub hits: Vec<HitRow>,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HitRow {
    /// What it is, such as `Order`.
    pub kind: &'static str,
    pub name: String,
    pub id: String,
    pub partner: String,
    pub href: String,
}
