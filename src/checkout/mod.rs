//! Checkouts: from a pressed Buy button to a captured order, or to nothing kept.
//!
//! `buywire_checkout::machine` decides; this room stores what it decides and carries it out. `service.rs` is what the page
//! and agents call, `drive.rs` applies an event and runs its effects, `effects/` is one file for each kind of effect,
//! `jobs.rs` does what nobody waits for.
//!
//! Promises: a decision and its effects commit together; an effect is run until it has a result; the order, its units and
//! the decision commit together, before the money is captured. Must not decide what a payment leads to, and must not know
//! HTTP.

mod after_order;
mod buyer;
mod completion;
mod draft;
mod drive;
mod effects;
mod jobs;
pub(crate) mod metrics;
mod observe;
mod order;
mod refunds;
mod sale_rules;
mod sealing;
mod service;
mod shared;
mod token;
mod view;
mod webhooks;

pub(crate) use self::after_order::Withdrawal;
pub(crate) use self::buyer::Buyer;
pub(crate) use self::draft::{CheckoutDraft, DraftLine, PurchaseOrigin};
pub(crate) use self::refunds::{RefundRefused, left_to_refund};
pub(crate) use self::sale_rules::SwitchChange;
pub(crate) use self::service::{
    AgentDraft, CartReading, InvoiceRefused, PayOutcome, PaymentRequest, ReconcileRefused,
    RefusedLine,
};
pub(crate) use self::shared::{CheckoutError, CheckoutParts, Checkouts};
pub(crate) use self::token::CheckoutToken;
pub(crate) use self::view::{CheckoutView, SetbackDetail};
pub(crate) use self::webhooks::WebhookRefused;
pub(crate) use crate::payments::{InvoiceMark, InvoiceRefundMark, MarkRefused};
