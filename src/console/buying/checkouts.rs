//! The list of checkouts: those that do not get on first.

use askama::Template;

use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::lists::{Chip, Pager};
use crate::console::state::State;

/// The list.
#[derive(Debug, Template)]
#[template(path = "buying/checkouts.html", config = "src/console/askama.toml")]
pub(crate) struct CheckoutsPage {
    pub frame: Frame,
    pub stuck: Vec<StuckRow>,
    pub chips: Vec<Chip>,
    /// The filters as they stand in the URL.
    pub state: String,
    pub partner: String,
    pub text: String,
    pub error: Option<String>,
    pub rows: Vec<CheckoutRow>,
    pub pager: Pager,
    pub is_filtered: bool,
}

/// A checkout that does not get on.
#[derive(Debug)]
pub(crate) struct StuckRow {
    pub id: String,
    /// What is bought.
    pub title: String,
    pub sentence: &'static str,
    /// What fails, up to the time since when.
    pub trouble: String,
    pub since: Moment,
}

/// One checkout.
#[derive(Debug)]
pub(crate) struct CheckoutRow {
    pub id: String,
    pub state: State,
    /// What is bought, in a few words.
    pub lines: String,
    pub partners: String,
    pub total: String,
    /// Page, ACP or UCP.
    pub channel: &'static str,
    pub is_test: bool,
    pub created_at: Moment,
    pub updated_at: Moment,
}
