//! What a partner reported about its share of an order, for the platform: always the full state,
//! never a difference.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ids::OrderId, money::Currency, text::Slug};

/// The `data` of `order.updated`, `order.fulfilled` and `refund.updated`, as the platform receives them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportData {
    /// The platform's order id.
    pub order_id: String,
    /// Buywire's order id.
    pub order: OrderId,
    /// The partner that reported.
    pub partner: Slug,
    /// Counts the order's events for the platform from 1, without gaps, across all partners.
    pub sequence: u32,
    /// A test order: leave it out of statistics.
    pub test: bool,
    /// The currency of every amount.
    pub currency: Currency,
    /// The state of the partner's share.
    #[serde(flatten)]
    pub report: OrderReport,
}

/// The state of a partner's share of an order, from everything the partner has reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderReport {
    /// How much of it has shipped.
    pub fulfilment: Fulfilment,
    /// What the buyer paid for this partner's share, in minor units.
    pub captured: i64,
    /// The amount the partner reports as refunded, in minor units, never more than was captured.
    pub refunded: i64,
    /// Whether the partner cancelled the order.
    pub cancelled: Option<PartnerStatement>,
    /// Whether the buyer disputes the payment.
    pub disputed: Option<PartnerStatement>,
    /// What a person should review.
    pub warnings: Vec<ReportWarning>,
}

/// How much has shipped, and in which parcels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fulfilment {
    /// The state of the whole share.
    pub state: FulfilmentState,
    /// The parcels that the partner has reported.
    pub shipments: Vec<Parcel>,
}

/// How much has shipped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FulfilmentState {
    /// Nothing.
    #[default]
    Open,
    /// Some of it.
    PartlyShipped,
    /// All of it.
    Shipped,
    /// All of it, and it was delivered.
    Delivered,
}

impl FulfilmentState {
    /// Whether all of it is on its way or has arrived.
    #[must_use]
    pub const fn is_sent(self) -> bool {
        matches!(self, Self::Shipped | Self::Delivered)
    }
}

/// A parcel, as far as the partner reported it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// The partner's id of the parcel.
    pub reference: Option<String>,
    /// The carrier.
    pub carrier: Option<String>,
    /// The carrier's tracking number.
    pub tracking_number: Option<String>,
    /// The tracking URL.
    pub tracking_url: Option<String>,
    /// Whether the parcel was delivered.
    pub delivered: bool,
    /// The parcel's contents. Empty when the partner does not state them.
    pub items: Vec<ParcelItem>,
}

/// A quantity of one item in a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParcelItem {
    /// The partner's item id.
    pub item_id: String,
    /// The number of units.
    pub quantity: u32,
}

/// A statement in the partner's words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerStatement {
    /// The reason, as free text.
    pub reason: Option<String>,
}

/// What a person should review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum ReportWarning {
    /// A value that this build does not know, kept verbatim.
    UnknownValue {
        /// The name of the field that had it.
        at: String,
        /// The value. Null after redaction.
        raw: Value,
    },
    /// The partner reports a larger refund than the buyer paid.
    RefundExceedsCaptured {
        /// The reported amount, in minor units.
        claimed: i64,
    },
}

impl OrderReport {
    /// Removes what could identify the buyer: free text, raw values and tracking data.
    #[must_use]
    pub fn redacted(mut self) -> Self {
        for parcel in &mut self.fulfilment.shipments {
            parcel.reference = None;
            parcel.tracking_number = None;
            parcel.tracking_url = None;
        }
        for statement in [&mut self.cancelled, &mut self.disputed]
            .into_iter()
            .flatten()
        {
            statement.reason = None;
        }
        for warning in &mut self.warnings {
            if let ReportWarning::UnknownValue { raw, .. } = warning {
                *raw = Value::Null;
            }
        }
        self
    }
}
