//! What a partner sends back: shipments, refunds, stock, in canonical words.
//!
//! The machine verifies a request, asks the adapter to read it, stores what
//! was read, answers, and applies it in its own time. Promises: a value that
//! nobody knows is kept raw, never dropped and never guessed. Must not judge
//! whether an update fits its order: the machine knows the order.

use buywire_schemas::ids::OrderId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use time::OffsetDateTime;
use url::Url;

/// A request of a partner to us, as it came.
#[derive(Debug, Clone, Copy)]
pub struct CallbackRequest<'a> {
    /// Such as `POST`.
    pub method: &'a str,
    /// Our URL as the partner called it, query included.
    pub url: &'a Url,
    /// Names in any case, values as they came.
    pub headers: &'a [(String, String)],
    /// The raw bytes of the body.
    pub body: &'a [u8],
}

impl<'a> CallbackRequest<'a> {
    /// The value of a header, if it came exactly once. One that came twice is
    /// ambiguous, and what is signed must not be.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let mut values = self
            .headers
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value.trim()),
            _ => None,
        }
    }
}

/// Where the partner's own records tell what an unsigned callback only hints
/// at: one GET, whose answer [`read_confirmation`](crate::contract::Adapter::read_confirmation)
/// reads. The machine puts the partner's access token where this says; the
/// adapter never sees it. Two hints with the same question need one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationRequest {
    /// On a host that the dialect or an operator names, never the callback.
    pub url: Url,
    /// The partner's own id of the order or sale that it is about, as an acknowledgement names it.
    pub partner_order_id: String,
    /// The header that carries the token, in lower case.
    pub header: &'static str,
    /// What stands before the token in that header, space included.
    pub prefix: &'static str,
}

impl ConfirmationRequest {
    /// The usual way: `Authorization: Bearer <token>`.
    #[must_use]
    pub const fn bearer(url: Url, partner_order_id: String) -> Self {
        Self {
            url,
            partner_order_id,
            header: "authorization",
            prefix: "Bearer ",
        }
    }
}

/// One callback, read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Callback {
    /// The partner's own name of this message: a second one is a duplicate.
    pub key: String,
    /// Which order it is about; none when it is about stock alone.
    pub order: Option<OrderRef>,
    /// When it happened, by the partner's clock. What is older than what was
    /// applied already is kept on the timeline and changes nothing.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub occurred_at: Option<OffsetDateTime>,
    /// How much of the truth it tells.
    pub kind: CallbackKind,
    /// What it says, in the order in which it says it. Empty is allowed: a
    /// trial message says nothing.
    pub updates: Vec<Update>,
}

/// How much of the truth a callback tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackKind {
    /// The whole state, and how new it is: the highest version wins.
    State {
        /// Grows with every change, such as a counter or a unix time in µs.
        version: i64,
    },
    /// One thing that happened. It is true whenever it arrives.
    Change,
}

/// How the partner names the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderRef {
    /// By our id.
    Ours(OrderId),
    /// By the platform's id, as we sent it.
    Platform(String),
    /// By its own id, as it acknowledged it.
    Partner(String),
}

/// What changed, in canonical words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum Update {
    /// Everything is on its way.
    Shipped(Shipment),
    /// Some of it is on its way, or was handed over.
    PartlyFulfilled(Shipment),
    /// It arrived.
    Delivered(Shipment),
    /// Money went back. The machine caps the sum at what was captured.
    Refunded(ReportedRefund),
    /// The partner took the order back.
    Cancelled {
        /// In the partner's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The buyer disputes the payment.
    Disputed {
        /// In the partner's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// How many pieces are left.
    Stock {
        /// The partner's own item id.
        item_id: String,
        /// Pieces that can be sold; never below zero.
        quantity: u32,
    },
    /// A value that this build has no word for: kept, shown, warned about.
    Unknown {
        /// Where it stood, such as `fulfillment_status`.
        at: String,
        /// As it came.
        raw: Value,
    },
}

/// A parcel, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shipment {
    /// The partner's name of the parcel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Who carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// The carrier's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<String>,
    /// Where its way can be followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_url: Option<String>,
    /// What is in it; empty when the partner does not say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ShippedItem>,
}

/// Pieces of one item in a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShippedItem {
    /// The partner's own item id.
    pub item_id: String,
    /// How many pieces.
    pub quantity: u32,
}

/// A refund that the partner reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportedRefund {
    /// The partner's name of this refund: the same one counts once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// How much, in minor units of the order's currency; none: all that is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// Whether `amount` is the sum of all refunds so far, not this one's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cumulative: bool,
}

/// Why a callback was not read. Names places, never values.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CallbackReadError {
    /// The dialect has none.
    #[error("this dialect has no callbacks")]
    Unsupported,
    /// Not the format that the dialect speaks.
    #[error("the body cannot be read (line {line}, column {column})")]
    Unreadable {
        /// Line of the body.
        line: usize,
        /// Column in that line.
        column: usize,
    },
    /// Something that every callback of this dialect has is not there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// It is there, and is not what it should be.
    #[error("`{0}` cannot be understood")]
    Malformed(&'static str),
}

impl From<serde_json::Error> for CallbackReadError {
    /// Keeps the place and drops the message: it may quote the buyer's data.
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable {
            line: error.line(),
            column: error.column(),
        }
    }
}
