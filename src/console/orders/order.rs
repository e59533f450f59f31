//! One order: its state in a sentence, each partner's share with its deliveries, and one timeline of everything.

use askama::Template;

use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::state::State;

/// The page.
#[derive(Debug, Template)]
#[template(path = "orders/order.html", config = "src/console/askama.toml")]
pub(crate) struct OrderPage {
    pub frame: Frame,
    pub id: String,
    /// The platform's id.
    pub platform_id: String,
    pub state: State,
    /// What came of it, after the state's word.
    pub sentence: String,
    /// Where its dead deliveries are, if it has any.
    pub dead_href: Option<String>,
    pub may_cancel: bool,
    pub may_redact: bool,
    pub may_refund: bool,
    pub is_test: bool,
    pub created_at: Moment,
    pub total: String,
    /// How it was paid, without the card.
    pub payment: String,
    pub post: Option<PostLink>,
    pub lines: Vec<LineRow>,
    pub sums: Vec<Fact>,
    /// Nothing once it is redacted.
    pub buyer: Vec<Fact>,
    pub shares: Vec<PartnerShare>,
    pub checkout: Option<CheckoutFacts>,
    pub timeline: Vec<TimelineRow>,
    /// Whether the timeline leaves out older entries.
    pub is_cut: bool,
}

/// A name and a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    pub name: &'static str,
    pub value: String,
}

/// The post that led to the order.
#[derive(Debug)]
pub(crate) struct PostLink {
    pub id: String,
    pub href: Option<String>,
}

/// One line of the order.
#[derive(Debug)]
pub(crate) struct LineRow {
    pub title: String,
    pub item_id: String,
    pub partner: String,
    pub quantity: i64,
    pub unit_price: String,
    pub total: String,
}

/// What one partner received and reported.
#[derive(Debug)]
pub(crate) struct PartnerShare {
    pub partner: String,
    pub facts: Vec<Fact>,
    /// The partner's own page of the order.
    pub permalink: Option<String>,
    pub events: Vec<ShareEvent>,
}

/// One event of a partner, with its deliveries.
#[derive(Debug)]
pub(crate) struct ShareEvent {
    pub event_type: String,
    pub at: Moment,
    pub deliveries: Vec<ShareDelivery>,
}

/// One delivery of an event.
#[derive(Debug)]
pub(crate) struct ShareDelivery {
    pub id: String,
    pub state: State,
    pub attempts: String,
    pub problem: Option<String>,
}

/// The checkout that became the order, and its payments.
#[derive(Debug)]
pub(crate) struct CheckoutFacts {
    pub id: String,
    pub href: Option<String>,
    pub facts: Vec<Fact>,
    pub payments: Vec<PaymentRow>,
}

/// One attempt to pay.
#[derive(Debug)]
pub(crate) struct PaymentRow {
    pub id: String,
    pub href: Option<String>,
    pub status: String,
    pub amount: String,
    pub captured: String,
    pub refunded: String,
    pub processor: String,
}

/// One entry of the timeline.
#[derive(Debug)]
pub(crate) struct TimelineRow {
    pub at: Moment,
    /// `ok`, `warn`, `bad` or nothing.
    pub class: &'static str,
    pub text: String,
    /// The partner that it is about.
    pub partner: Option<String>,
    /// What explains it, such as a reason and an actor.
    pub detail: Option<String>,
    pub href: Option<String>,
}
