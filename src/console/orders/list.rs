//! The list of orders, with its filters. It shows nothing of buyers.

use askama::Template;

use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::lists::{Chip, Pager};
use crate::console::state::State;

/// The list.
#[derive(Debug, Template)]
#[template(path = "orders/list.html", config = "src/console/askama.toml")]
pub(crate) struct OrdersPage {
    pub frame: Frame,
    /// The states to choose from.
    pub chips: Vec<Chip>,
    pub fields: OrderFields,
    /// Why the filter cannot be used.
    pub error: Option<String>,
    pub rows: Vec<OrderRow>,
    pub pager: Pager,
    pub is_filtered: bool,
}

/// The filter as it stands in the form.
#[derive(Debug, Clone, Default)]
pub(crate) struct OrderFields {
    pub status: String,
    pub partner: String,
    /// `true`, `false` or nothing.
    pub test: String,
    /// Such as `2h` or `7d`.
    pub since: String,
}

/// One order.
#[derive(Debug)]
pub(crate) struct OrderRow {
    pub id: String,
    pub platform_id: String,
    pub state: State,
    pub is_test: bool,
    pub total: String,
    pub partners: String,
    pub created_at: Moment,
}
