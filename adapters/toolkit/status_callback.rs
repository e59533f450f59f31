//! What merchants' order managers report, one message at a time: a status,
//! parcels, a refund, stock.
//!
//! Promises: every part of a message is told, and a part that has no canonical
//! word is kept raw. Must not know any dialect's names: a dialect reads them.

use buywire_schemas::ids::OrderId;
use buywire_schemas::money::Currency;
use time::OffsetDateTime;

use crate::contract::callback::{
    Callback, CallbackKind, CallbackReadError, OrderRef, ReportedRefund, Shipment, Update,
};
use crate::toolkit::fulfillment_snapshot::unknown_value;

/// One message, in words that the dialects share.
pub(crate) struct StatusReport {
    /// The partner's own name of the message.
    pub(crate) key: Option<String>,
    pub(crate) order: Option<OrderRef>,
    pub(crate) occurred_at: Option<OffsetDateTime>,
    pub(crate) status: Option<ReportedStatus>,
    pub(crate) reason: Option<String>,
    pub(crate) parcels: Vec<Shipment>,
    pub(crate) refund: Option<RawRefund>,
    pub(crate) stock: Vec<StockReport>,
}

/// What a dialect calls these parts, for refusals and for what is kept raw.
pub(crate) struct FieldNames {
    pub(crate) key: &'static str,
    pub(crate) order: &'static str,
    pub(crate) status: &'static str,
    pub(crate) amount: &'static str,
    pub(crate) stock: &'static str,
}

/// How the order stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReportedStatus {
    /// Being worked on: nothing to tell.
    Open,
    PartlyShipped,
    Shipped,
    Delivered,
    /// As it came: how much went back stands in the refund, if anywhere.
    PartlyRefunded(String),
    Refunded,
    Cancelled,
    Disputed,
    /// As it came.
    Other(String),
}

/// Money that went back.
pub(crate) struct RawRefund {
    pub(crate) reference: Option<String>,
    /// A decimal, as it came.
    pub(crate) amount: String,
    pub(crate) currency: Option<String>,
}

/// How many pieces are left; less than none is none.
pub(crate) struct StockReport {
    pub(crate) item_id: String,
    pub(crate) quantity: i64,
}

/// The order by the platform's name of it, which may be ours, else by the
/// partner's own.
pub(crate) fn parse_order_ref(
    platform_order_id: Option<String>,
    partner_order_id: Option<String>,
) -> Option<OrderRef> {
    match platform_order_id {
        Some(name) => Some(match name.parse::<OrderId>() {
            Ok(order_id) => OrderRef::Ours(order_id),
            Err(_) => OrderRef::Platform(name),
        }),
        None => partner_order_id.map(OrderRef::Partner),
    }
}

impl StatusReport {
    /// The message in canonical words.
    pub(crate) fn into_callback(self, names: &FieldNames) -> Result<Callback, CallbackReadError> {
        let about_order = self.status.is_some() || self.refund.is_some() || self.stock.is_empty();
        if about_order && self.order.is_none() {
            return Err(CallbackReadError::Missing(names.order));
        }
        let mut updates = status_updates(self.status.as_ref(), self.reason, self.parcels, names);
        match (self.refund, self.status) {
            (Some(refund), _) => updates.push(refund.into_update(names)),
            (None, Some(ReportedStatus::Refunded)) => updates.push(refund_update(None, None)),
            (None, Some(ReportedStatus::PartlyRefunded(raw))) => {
                updates.push(unknown_value(names.status.to_owned(), &raw));
            }
            (None, _) => {}
        }
        updates.extend(self.stock.into_iter().map(|stock| stock.into_update(names)));
        Ok(Callback {
            key: self.key.ok_or(CallbackReadError::Missing(names.key))?,
            order: self.order,
            occurred_at: self.occurred_at,
            kind: CallbackKind::Change,
            updates,
        })
    }
}

/// Parcels take their word from the status. Beside a status without one they
/// still left.
fn status_updates(
    status: Option<&ReportedStatus>,
    reason: Option<String>,
    parcels: Vec<Shipment>,
    names: &FieldNames,
) -> Vec<Update> {
    let to_update: fn(Shipment) -> Update = match status {
        Some(ReportedStatus::Shipped) => Update::Shipped,
        Some(ReportedStatus::Delivered) => Update::Delivered,
        _ => Update::PartlyFulfilled,
    };
    let moved = matches!(
        status,
        Some(ReportedStatus::PartlyShipped | ReportedStatus::Shipped | ReportedStatus::Delivered)
    );
    let unspecified = (moved && parcels.is_empty()).then(Shipment::default);
    let mut updates: Vec<_> = parcels
        .into_iter()
        .chain(unspecified)
        .map(to_update)
        .collect();
    match status {
        Some(ReportedStatus::Cancelled) => updates.push(Update::Cancelled { reason }),
        Some(ReportedStatus::Disputed) => updates.push(Update::Disputed { reason }),
        Some(ReportedStatus::Other(raw)) => {
            updates.push(unknown_value(names.status.to_owned(), raw))
        }
        _ => {}
    }
    updates
}

fn refund_update(reference: Option<String>, amount: Option<i64>) -> Update {
    Update::Refunded(ReportedRefund {
        reference,
        amount,
        cumulative: false,
    })
}

impl RawRefund {
    /// Exact, or raw: without a known currency nobody knows how many places an
    /// amount has.
    fn into_update(self, names: &FieldNames) -> Update {
        let currency = self.currency.as_deref().map(Currency::parse);
        let amount = match currency {
            Some(Ok(currency)) => currency.parse_minor(&self.amount),
            _ => None,
        };
        match amount.filter(|amount| *amount > 0) {
            Some(amount) => refund_update(self.reference, Some(amount)),
            None => unknown_value(names.amount.to_owned(), &self.amount),
        }
    }
}

impl StockReport {
    fn into_update(self, names: &FieldNames) -> Update {
        match u32::try_from(self.quantity.max(0)) {
            Ok(quantity) => Update::Stock {
                item_id: self.item_id,
                quantity,
            },
            Err(_) => unknown_value(names.stock.to_owned(), &self.quantity.to_string()),
        }
    }
}
