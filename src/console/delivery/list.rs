//! The list of deliveries, with its filters.

use askama::Template;

use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::lists::{Chip, Pager};
use crate::console::state::State;

/// The list.
#[derive(Debug, Template)]
#[template(path = "delivery/list.html", config = "src/console/askama.toml")]
pub(crate) struct DeliveriesPage {
    pub frame: Frame,
    /// The states to choose from.
    pub chips: Vec<Chip>,
    pub fields: DeliveryFields,
    /// Why the filter cannot be used.
    pub error: Option<String>,
    pub rows: Vec<DeliveryRow>,
    pub pager: Pager,
    /// Where all that match are replayed, if they can be.
    pub replay: Option<String>,
    /// Whether any filter narrows the list.
    pub is_filtered: bool,
}

/// The filter as it stands in the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DeliveryFields {
    pub status: String,
    pub partner: String,
    pub endpoint: String,
    pub order: String,
    pub event_type: String,
    /// The error of the last attempt, or why it is dead.
    pub error: String,
    /// Such as `2h` or `7d`.
    pub since: String,
    /// The event types to choose from.
    pub event_types: Vec<&'static str>,
}

/// One delivery.
#[derive(Debug)]
pub(crate) struct DeliveryRow {
    pub id: String,
    pub state: State,
    pub event_type: String,
    pub order: Option<String>,
    pub order_href: Option<String>,
    pub partner: String,
    pub attempts: i32,
    /// The error of the last attempt, or why it is dead.
    pub problem: Option<String>,
    pub created_at: Moment,
    /// When it is sent next, while it waits.
    pub due_at: Option<Moment>,
}
