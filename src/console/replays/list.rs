//! The list of replays.

use askama::Template;

use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::lists::Pager;
use crate::console::state::State;

/// The list.
#[derive(Debug, Template)]
#[template(path = "replays/list.html", config = "src/console/askama.toml")]
pub(crate) struct ReplaysPage {
    pub frame: Frame,
    pub rows: Vec<ReplayRow>,
    pub pager: Pager,
}

/// One replay.
#[derive(Debug)]
pub(crate) struct ReplayRow {
    pub id: String,
    pub state: State,
    /// What it sends again.
    pub subject: String,
    pub reason: String,
    pub actor: String,
    pub progress: Progress,
    /// How many have died again.
    pub dead: i64,
    pub created_at: Moment,
}

/// How far a replay has come.
#[derive(Debug)]
pub(crate) struct Progress {
    /// Deliveries that it has passed.
    pub passed: i64,
    pub matched: i64,
    /// Such as `1,200 of 3,000`.
    pub text: String,
}
