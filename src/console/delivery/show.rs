//! One delivery: what became of it in a sentence, its attempts, and what was sent and answered.

use askama::Template;

use super::timing::Timing;
use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::lists::Tab;
use crate::console::state::State;

/// The page.
#[derive(Debug, Template)]
#[template(path = "delivery/show.html", config = "src/console/askama.toml")]
pub(crate) struct DeliveryPage {
    pub frame: Frame,
    pub id: String,
    pub state: State,
    /// What happened, after the state's word.
    pub sentence: String,
    pub event_type: String,
    pub event: String,
    /// The event's position in its order.
    pub sequence: Option<i32>,
    /// The platform's id of the order.
    pub order: Option<String>,
    /// The order's page, for whoever may open it.
    pub order_href: Option<String>,
    /// The endpoint's page.
    pub endpoint_href: Option<String>,
    /// Where deliveries that failed alike are, until this one is accepted.
    pub failure_group_href: Option<String>,
    /// The partner's id of the order.
    pub acknowledged: Option<String>,
    pub partner: String,
    pub endpoint: String,
    pub created_at: Moment,
    pub due_at: Option<Moment>,
    pub attempts: Vec<AttemptRow>,
    /// How many earlier attempts are not listed.
    pub unlisted: usize,
    pub tabs: Vec<Tab>,
    pub panel: Panel,
    /// Whether the caller may replay it.
    pub may_replay: bool,
    /// Whether a later event of the order was accepted already.
    pub is_superseded: bool,
}

/// One attempt, newest first.
#[derive(Debug)]
pub(crate) struct AttemptRow {
    pub number: usize,
    /// The status of the reply, or the error's name.
    pub result: String,
    pub is_success: bool,
    pub at: Moment,
    pub duration: String,
    pub timing: Timing,
    /// The time until this attempt since the one before.
    pub wait: Option<String>,
    /// Where its reply is shown.
    pub href: String,
    pub is_current: bool,
}

/// What the chosen tab shows.
#[derive(Debug)]
pub(crate) enum Panel {
    /// The request as it would be sent now.
    Request {
        /// Its first line, its headers and its body.
        text: String,
        /// The same as a command for a shell.
        curl: String,
        /// Whether an attempt sent the same body.
        comparison: Option<String>,
        notes: Vec<String>,
    },
    /// Why there is nothing to show.
    Nothing(String),
    /// The reply of an attempt.
    Reply {
        summary: String,
        body: Option<String>,
        is_cut: bool,
    },
    /// The event's data.
    Event(String),
    Verify {
        webhook_id: String,
    },
}
