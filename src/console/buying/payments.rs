//! The list of payments.

use askama::Template;

use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::lists::{Chip, Pager};
use crate::console::state::State;

/// The list.
#[derive(Debug, Template)]
#[template(path = "buying/payments.html", config = "src/console/askama.toml")]
pub(crate) struct PaymentsPage {
    pub frame: Frame,
    pub chips: Vec<Chip>,
    /// The filters as they stand in the URL.
    pub status: String,
    pub checkout: String,
    pub error: Option<String>,
    pub rows: Vec<PaymentRow>,
    pub pager: Pager,
    pub is_filtered: bool,
}

/// One payment.
#[derive(Debug)]
pub(crate) struct PaymentRow {
    pub id: String,
    pub state: State,
    /// Why the bank refused, or that it is disputed.
    pub note: Option<String>,
    pub amount: String,
    pub refunded: String,
    pub processor: String,
    pub checkout: String,
    pub created_at: Moment,
    pub updated_at: Moment,
}
