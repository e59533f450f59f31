//! The list of runs: those that wait for somebody first.

use askama::Template;

use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::lists::Tab;
use crate::console::lists::{Chip, Pager};
use crate::console::state::State;

/// The list.
#[derive(Debug, Template)]
#[template(path = "catalog/runs.html", config = "src/console/askama.toml")]
pub(crate) struct RunsPage {
    pub frame: Frame,
    pub tabs: Vec<Tab>,
    /// Those that wait for approval, on the first page.
    pub held: Vec<HeldRun>,
    pub chips: Vec<Chip>,
    /// The status to filter by, as it stands in the URL.
    pub status: String,
    /// What stands in the field; `None` if there is one partner only.
    pub partner: Option<String>,
    pub error: Option<String>,
    pub rows: Vec<RunRow>,
    pub pager: Pager,
    pub is_filtered: bool,
}

/// A run that waits for approval.
#[derive(Debug)]
pub(crate) struct HeldRun {
    pub id: String,
    pub partner: String,
    pub held_at: Moment,
    /// What it would change.
    pub effect: String,
    /// Why it is held, with the figures.
    pub reasons: Vec<String>,
}

/// One run.
#[derive(Debug)]
pub(crate) struct RunRow {
    pub id: String,
    pub state: State,
    pub partner: String,
    /// Such as `Full feed` or `Dry run`.
    pub kind: String,
    /// Why it ended as it did.
    pub reason: Option<String>,
    /// By column; empty until they are known.
    pub counts: Vec<(&'static str, String)>,
    pub actor: String,
    pub created_at: Moment,
}
