//! What a partner reported about its share of an order, told to the platform: always the whole
//! of it, never a difference.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ids::OrderId, money::Currency, text::Slug};

/// The `data` of `order.updated`, `order.fulfilled` and `refund.updated`, as the platform hears them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportData {
    /// The platform's order id.
    pub order_id: String,
    /// Buywire's product id.
    pub order: OrderId,
    /// The partner that reported.
    pub partner: Slug,
    /// Counts the order's events for the platform from 1, without gaps, over all its partners.
    pub sequence: u32,
    /// A test order: leave it out of statistics.
    pub test: bool,
    /// The currency of every amount.
    pub currency: Currency,
    /// How things stand.
    #[serde(flatten)]
    pub report: OrderReport,
}

/// How a partner's share of an order stands, by everything that the partner has said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderReport {
    /// How much of it has left.
    pub fulfilment: Fulfilment,
    /// What the buyer paid for this partner's share, in minor units.
    pub captured: i64,
    /// What the partner says went back, in minor units; never more than was captured.
    pub refunded: i64,
    /// Whether the partner cancelled the order.
    pub cancelled: Option<PartnerStatement>,
    /// Whether the buyer disputes the payment.
    pub disputed: Option<PartnerStatement>,
    /// What a person should look at.
    pub warnings: Vec<ReportWarning>,
}

/// How much has left, and in which parcels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fulfilment {
    /// Of the whole share.
    pub state: FulfilmentState,
    /// The parcels that the partner has reported.
    pub shipments: Vec<Parcel>,
}

/// How much has left.
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
    /// All of it, and it arrived.
    Delivered,
}

/// A parcel, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// The partner's name of it.
    pub reference: Option<String>,
    /// Who carries it.
    pub carrier: Option<String>,
    /// The carrier's number.
    pub tracking_number: Option<String>,
    /// Where its way can be followed.
    pub tracking_url: Option<String>,
    /// Whether the parcel was delivered.
    pub delivered: bool,
    /// The parcel's contents. Empty when the partner does not state them.
    pub items: Vec<ParcelItem>,
}

/// Pieces of one item in a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParcelItem {
    /// The partner's own item id.
    pub item_id: String,
    /// The number of units.
    pub quantity: u32,
}

/// Something that was said, in the partner's words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerStatement {
    /// The reason, as free text.
    pub reason: Option<String>,
}

/// What a person should look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum ReportWarning {
    /// A value that this build has no word for, kept as it came.
    UnknownValue {
        /// Where it stood.
        at: String,
        /// As it came; null after redaction.
        raw: Value,
    },
    /// The partner speaks of more money than the buyer paid.
    RefundExceedsCaptured {
        /// How much it speaks of, in minor units.
        claimed: i64,
    },
}

impl OrderReport {
    /// Without what could lead to the buyer: words, raw values and the ways of parcels.
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
