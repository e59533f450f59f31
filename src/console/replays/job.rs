//! One replay: how far it has come, what came of it, and what can be done about it.

use askama::Template;

use super::list::Progress;
use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::state::State;

/// The page.
#[derive(Debug, Template)]
#[template(path = "replays/job.html", config = "src/console/askama.toml")]
pub(crate) struct ReplayPage {
    pub frame: Frame,
    pub id: String,
    pub state: State,
    /// `running`, `paused`, `done` or `cancelled`.
    pub status: String,
    /// How far it has come, after the state's word.
    pub sentence: String,
    /// What it sends again.
    pub subject: String,
    pub reason: String,
    pub actor: String,
    pub rate: String,
    pub includes_superseded: bool,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub progress: Progress,
    pub figures: Vec<Figure>,
    /// What has died again, newest first.
    pub deaths: Vec<DeathRow>,
    /// Whether earlier deaths are left out.
    pub is_cut: bool,
    /// Where all that is dead now is listed.
    pub dead_href: String,
}

/// A number with its name.
#[derive(Debug)]
pub(crate) struct Figure {
    pub name: &'static str,
    pub value: String,
    /// `ok`, `bad` or nothing.
    pub class: &'static str,
    pub note: &'static str,
}

/// A delivery that died again.
#[derive(Debug)]
pub(crate) struct DeathRow {
    pub id: String,
    pub partner: String,
    pub event_type: String,
    pub order: Option<String>,
    pub problem: String,
    pub died_at: Moment,
}

/// The question before a replay is cancelled.
#[derive(Debug, Template)]
#[template(path = "replays/cancel.html", config = "src/console/askama.toml")]
pub(crate) struct CancelReplayPage {
    pub frame: Frame,
    pub id: String,
    pub status: String,
    pub subject: String,
    /// What happens, in sentences.
    pub effects: Vec<String>,
}
