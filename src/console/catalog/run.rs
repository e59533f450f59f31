//! One run: what it did or would do, and what is wrong with the feed.

use askama::Template;

use super::Figure;
use crate::console::confirmation::Fact;
use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::lists::Pager;
use crate::console::state::State;

/// The page.
#[derive(Debug, Template)]
#[template(path = "catalog/run.html", config = "src/console/askama.toml")]
pub(crate) struct RunPage {
    pub frame: Frame,
    pub id: String,
    pub partner: String,
    pub title: String,
    pub state: State,
    /// What happened, after the state's word.
    pub sentence: String,
    /// Why it is held, with the figures.
    pub reasons: Vec<String>,
    /// Whether it can be approved or discarded.
    pub is_held: bool,
    pub facts: Vec<Fact>,
    pub created_at: Moment,
    pub finished_at: Option<Moment>,
    /// The run with the same document, whose findings these are.
    pub identical_to: Option<String>,
    pub figures: Vec<Figure>,
    pub changes: Vec<ChangeGroup>,
    pub findings: Vec<FindingRow>,
    pub pager: Pager,
}

/// Products that a held run would change in the same manner.
#[derive(Debug)]
pub(crate) struct ChangeGroup {
    pub title: &'static str,
    pub rows: Vec<ChangeRow>,
}

/// A product that a held run would change.
#[derive(Debug)]
pub(crate) struct ChangeRow {
    pub product: String,
    pub item_id: String,
    pub title: String,
    pub before: String,
    pub after: String,
}

/// One kind of finding.
#[derive(Debug)]
pub(crate) struct FindingRow {
    pub state: State,
    pub code: String,
    pub attribute: Option<String>,
    pub count: String,
    /// How the count differs from the run before.
    pub change: Option<String>,
    /// In parts; `true`: it is quoted.
    pub help: Vec<(bool, String)>,
    pub examples: Vec<ExampleRow>,
}

/// One occurrence.
#[derive(Debug)]
pub(crate) struct ExampleRow {
    /// Such as `row 12`.
    pub position: String,
    pub item_id: String,
    pub value: String,
}
