//! Failures in groups: what fails, where, how often, what it means and what helps.

use askama::Template;

use crate::console::Moment;
use crate::console::frame::Frame;
use crate::console::lists::{Chip, Pager};

/// The list of groups.
#[derive(Debug, Template)]
#[template(path = "overview/failures.html", config = "src/console/askama.toml")]
pub(crate) struct FailuresPage {
    pub frame: Frame,
    pub chips: Vec<Chip>,
    pub partner: String,
    pub since: String,
    pub error: Option<String>,
    pub groups: Vec<FailureRow>,
    pub pager: Pager,
    pub is_filtered: bool,
}

/// One group in the list.
#[derive(Debug)]
pub(crate) struct FailureRow {
    pub id: String,
    pub partner: String,
    pub title: &'static str,
    pub sample: Option<String>,
    pub waiting: String,
    pub dead: String,
    pub has_dead: bool,
    pub attempts: String,
    pub first_seen_at: Moment,
    pub last_seen_at: Moment,
}

/// One group.
#[derive(Debug, Template)]
#[template(path = "overview/failure.html", config = "src/console/askama.toml")]
pub(crate) struct FailurePage {
    pub frame: Frame,
    pub id: String,
    pub partner: String,
    pub endpoint: String,
    pub title: &'static str,
    pub cause: String,
    pub signature: String,
    pub sample: Option<String>,
    /// What it usually means.
    pub meaning: &'static str,
    /// What to do.
    pub help: &'static str,
    pub waiting: i64,
    pub waiting_text: String,
    pub dead: i64,
    pub dead_text: String,
    pub attempts: String,
    pub first_seen_at: Moment,
    pub last_seen_at: Moment,
    /// Failed attempts at the endpoint by the hour, for 24 hours.
    pub chart: String,
    pub hours: Vec<(String, String)>,
    /// Where all dead deliveries of the group are replayed.
    pub replay: String,
    /// Where the ones that wait are made due.
    pub replay_waiting: String,
    pub dead_list: String,
    pub endpoint_page: String,
    /// Where the endpoint is paused, for who may.
    pub pause: Option<String>,
}
