//! One payment: where the money is, its refunds, and what can be done.

use askama::Template;

use crate::console::confirmation::Fact;
use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::state::State;

/// The page.
#[derive(Debug, Template)]
#[template(path = "buying/payment.html", config = "src/console/askama.toml")]
pub(crate) struct PaymentPage {
    pub frame: Frame,
    pub id: String,
    pub title: String,
    pub checkout: String,
    pub state: State,
    pub sentence: String,
    pub facts: Vec<Fact>,
    pub created_at: Moment,
    pub updated_at: Moment,
    /// Whether the processor may be asked now.
    pub may_reconcile: bool,
    /// Whether it is an open invoice that an operator decides on.
    pub is_open_invoice: bool,
    pub refund: Option<RefundForm>,
    pub refunds: Vec<RefundRow>,
}

/// What can still be given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefundForm {
    pub currency: &'static str,
    /// What is left, as it is typed.
    pub left: String,
    /// What was typed.
    pub amount: String,
    pub reason: String,
    pub reason_chars_max: usize,
    pub error: Option<String>,
}

/// One refund.
#[derive(Debug)]
pub(crate) struct RefundRow {
    pub id: String,
    pub state: State,
    pub note: Option<String>,
    pub amount: String,
    pub reason: String,
    pub created_at: Moment,
    /// What can be done: the words and where.
    pub actions: Vec<(&'static str, String)>,
}
