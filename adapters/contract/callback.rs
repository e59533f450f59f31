//! What a partner sends back: shipments, refunds and stock, in canonical form.
//!
//! The gateway verifies a request, lets the adapter read it, stores the result, answers, and applies it later.
//! Promises: a value that this build does not know is kept as it came, never dropped and never guessed. Must not judge
//! whether an update fits its order: the gateway knows the order.

use buywire_schemas::ids::OrderId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use time::OffsetDateTime;
use url::Url;

/// What an adapter implements when its partner sends something back.
pub trait Callbacks: Send + Sync {
    /// Reads a callback. The gateway has verified that it comes from this partner.
    ///
    /// # Errors
    /// When the request is not in the dialect's format; the partner receives the reason. A value that the format allows
    /// and this build does not know is [`Update::Unknown`], never an error: partners add values without notice.
    fn read(
        &self,
        request: &CallbackRequest<'_>,
        settings: &Value,
    ) -> Result<Callback, CallbackReadError>;

    /// Names the record to fetch when a callback came unsigned. Anybody may have sent it, so the adapter believes only
    /// the id in it. The same callback may arrive again before and after the record changes, so the gateway never
    /// drops it as a duplicate.
    ///
    /// # Errors
    /// When it names no record, or the dialect has no record to fetch. The gateway then refuses the callback.
    fn confirmation_request(
        &self,
        _request: &CallbackRequest<'_>,
        _settings: &Value,
    ) -> Result<ConfirmationRequest, CallbackReadError> {
        Err(CallbackReadError::Unsupported)
    }

    /// Reads the fetched record, the body of a 2xx, and believes nothing else. The key of the result names the state
    /// that the record shows, so that fetching the same state twice counts once and a later state counts again.
    ///
    /// # Errors
    /// When it is not the record that [`confirmation_request`](Callbacks::confirmation_request) named.
    fn read_confirmation(
        &self,
        _request: &CallbackRequest<'_>,
        _record: &[u8],
        _settings: &Value,
    ) -> Result<Callback, CallbackReadError> {
        Err(CallbackReadError::Unsupported)
    }
}

/// A partner's request to us, as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct CallbackRequest<'a> {
    /// Such as `POST`.
    pub method: &'a str,
    /// Our URL as the partner called it, query included.
    pub url: &'a Url,
    /// Header names in any case, with their values as they came.
    pub headers: &'a [(String, String)],
    /// The raw bytes of the body.
    pub body: &'a [u8],
}

impl<'a> CallbackRequest<'a> {
    /// The value of a header that came exactly once. A header that came twice is ambiguous, and what a signature covers
    /// must not be.
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

/// Where to fetch the partner's own record that confirms an unsigned callback: one GET, whose answer
/// [`read_confirmation`](Callbacks::read_confirmation) reads. The gateway puts the partner's access token where this
/// says; the adapter never sees it. Callbacks that name the same record share one fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationRequest {
    /// On a host that the dialect or an operator names, never one that the callback names.
    pub url: Url,
    /// The partner's own id of the order or sale, as its acknowledgement gave it.
    pub partner_order_id: String,
    /// The header that carries the token, in lower case.
    pub header: &'static str,
    /// The text before the token in that header, including the space.
    pub prefix: &'static str,
}

impl ConfirmationRequest {
    /// With the usual header: `Authorization: Bearer <token>`.
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

/// A callback, read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Callback {
    /// The partner's own name for this message. A second message with the same key is a duplicate.
    pub key: String,
    /// The order it is about, or `None` when it is about stock alone.
    pub order: Option<OrderRef>,
    /// When it happened, by the partner's clock. A callback older than one already applied stays on the timeline and
    /// changes nothing.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub occurred_at: Option<OffsetDateTime>,
    /// Whether it gives a whole state or one change.
    pub kind: CallbackKind,
    /// The updates it holds, in its order. A test message may hold none.
    pub updates: Vec<Update>,
}

/// Whether a callback gives a whole state or one change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackKind {
    /// The whole state. The highest version wins.
    State {
        /// Grows with every change, such as a counter or a unix time in µs.
        version: i64,
    },
    /// One thing that happened; it holds whenever it arrives.
    Change,
}

/// How the partner names the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderRef {
    /// Our id.
    Ours(OrderId),
    /// The platform's id, as we sent it.
    Platform(String),
    /// The partner's own id, as it acknowledged the order.
    Partner(String),
}

/// What changed, in canonical form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum Update {
    /// The whole order has shipped.
    Shipped(Shipment),
    /// Part of the order has shipped or was handed over.
    PartlyFulfilled(Shipment),
    /// The whole order has arrived.
    Delivered(Shipment),
    /// Money was returned. The gateway caps the sum at the captured amount.
    Refunded(ReportedRefund),
    /// The partner cancelled the order.
    Cancelled {
        /// The partner's own reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The buyer disputes the payment.
    Disputed {
        /// The partner's own reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The stock of one item.
    Stock {
        /// The partner's own item id.
        item_id: String,
        /// Units available for sale.
        quantity: u32,
    },
    /// A value that this build does not know. It is kept and shown, with a warning.
    Unknown {
        /// Its place in the callback, such as `fulfillment_status`.
        at: String,
        /// The value as it came.
        raw: Value,
    },
}

/// A parcel. Every member is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shipment {
    /// The partner's id for the parcel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The carrier, as the partner names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// The carrier's tracking number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<String>,
    /// The carrier's tracking page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_url: Option<String>,
    /// Its contents; empty when the partner does not list them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ShippedItem>,
}

/// Units of one item in a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShippedItem {
    /// The partner's own item id.
    pub item_id: String,
    /// Number of units.
    pub quantity: u32,
}

/// A refund that the partner reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportedRefund {
    /// The partner's id for this refund. The same id counts once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The amount in minor units of the order's currency, or `None` for everything not yet refunded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// Whether `amount` is the total of all refunds so far instead of this one's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cumulative: bool,
}

/// Why a callback could not be read. Names places, never values.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CallbackReadError {
    /// The dialect has no callbacks, or no confirmations.
    #[error("this dialect has no callbacks")]
    Unsupported,
    /// The body is not in the dialect's format.
    #[error("the body cannot be read (line {line}, column {column})")]
    Unreadable {
        /// Line of the body.
        line: usize,
        /// Column in that line.
        column: usize,
    },
    /// A member or header that every callback of the dialect has is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A member or header has an unexpected value.
    #[error("`{0}` cannot be understood")]
    Malformed(&'static str),
}

impl From<serde_json::Error> for CallbackReadError {
    /// Keeps the position and drops the message, which may quote the buyer's data.
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable {
            line: error.line(),
            column: error.column(),
        }
    }
}
