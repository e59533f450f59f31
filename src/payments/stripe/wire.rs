//! Stripe's objects, as far as they are read. Everything else in an answer is ignored.

use std::collections::BTreeMap;

use buywire_schemas::ids::CheckoutId;
use serde::Deserialize;
use time::OffsetDateTime;

use crate::payments::error::PaymentError;

/// Where our checkout's id stands in the metadata of sessions and payments. The account may have other users.
pub(super) const CHECKOUT_KEY: &str = "buywire_checkout";

pub(super) type Metadata = BTreeMap<String, String>;

/// An id, or the object itself where it was requested by `expand`.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Expandable<T> {
    Id(String),
    Object(Box<T>),
}

#[derive(Deserialize)]
pub(super) struct WireSession {
    pub(super) id: String,
    pub(super) status: Option<String>,
    pub(super) url: Option<String>,
    pub(super) amount_total: Option<i64>,
    pub(super) currency: Option<String>,
    pub(super) expires_at: i64,
    pub(super) livemode: bool,
    pub(super) metadata: Option<Metadata>,
    pub(super) payment_intent: Option<Expandable<WireIntent>>,
}

#[derive(Deserialize)]
pub(super) struct WireIntent {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) amount: i64,
    #[serde(default)]
    pub(super) amount_capturable: i64,
    #[serde(default)]
    pub(super) amount_received: i64,
    pub(super) currency: String,
    pub(super) livemode: bool,
    pub(super) metadata: Option<Metadata>,
    pub(super) last_payment_error: Option<WirePaymentError>,
    pub(super) latest_charge: Option<Expandable<WireCharge>>,
    pub(super) next_action: Option<WireAction>,
}

/// What the buyer has to do.
#[derive(Deserialize)]
pub(super) struct WireAction {
    pub(super) redirect_to_url: Option<WireRedirect>,
}

#[derive(Deserialize)]
pub(super) struct WireRedirect {
    pub(super) url: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct WirePaymentError {
    pub(super) code: Option<String>,
    pub(super) decline_code: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct WireCharge {
    pub(super) amount_refunded: i64,
    pub(super) disputed: bool,
    pub(super) payment_method_details: Option<WireMethod>,
}

#[derive(Deserialize)]
pub(super) struct WireMethod {
    pub(super) card: Option<WireCard>,
}

#[derive(Deserialize)]
pub(super) struct WireCard {
    pub(super) brand: Option<String>,
    pub(super) last4: Option<String>,
    pub(super) fingerprint: Option<String>,
    pub(super) capture_before: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct WireRefund {
    pub(super) id: String,
    pub(super) status: Option<String>,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) payment_intent: Option<String>,
    pub(super) failure_reason: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct WireDispute {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) reason: String,
}

#[derive(Deserialize)]
pub(super) struct WireList<T> {
    pub(super) data: Vec<T>,
}

/// `None`: the object is not of one of our checkouts.
pub(super) fn checkout_id(metadata: Option<&Metadata>) -> Option<CheckoutId> {
    metadata?.get(CHECKOUT_KEY)?.parse().ok()
}

pub(super) fn unix_time(seconds: i64) -> Result<OffsetDateTime, PaymentError> {
    OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| PaymentError::unreadable())
}
