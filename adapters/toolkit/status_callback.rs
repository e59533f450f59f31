//! Callbacks of merchants' order systems that report one change at a time: a status, parcels, a refund, stock.
//!
//! Promises: every part of a message becomes an update, and a part without a canonical form is kept as it came. Must not
//! know any dialect's names: a dialect passes them in.

use buywire_schemas::ids::OrderId;
use buywire_schemas::money::Currency;
use time::OffsetDateTime;

use crate::contract::callback::{
    Callback, CallbackKind, CallbackReadError, OrderRef, ReportedRefund, Shipment, Update,
};
use crate::toolkit::fulfillment_snapshot::unknown_value;

/// One message, in a form that the dialects share.
pub(crate) struct StatusReport {
    /// The partner's own id for the message.
    pub(crate) key: Option<String>,
    pub(crate) order: Option<OrderRef>,
    pub(crate) occurred_at: Option<OffsetDateTime>,
    pub(crate) status: Option<ReportedStatus>,
    pub(crate) reason: Option<String>,
    pub(crate) parcels: Vec<Shipment>,
    pub(crate) refund: Option<RawRefund>,
    pub(crate) stock: Vec<StockReport>,
}

/// The dialect's names for these parts, for errors and for values kept as they came.
pub(crate) struct FieldNames {
    pub(crate) key: &'static str,
    pub(crate) order: &'static str,
    pub(crate) status: &'static str,
    pub(crate) amount: &'static str,
    pub(crate) stock: &'static str,
}

/// The order's status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReportedStatus {
    /// In progress: no update.
    Open,
    PartlyShipped,
    Shipped,
    Delivered,
    /// The status as it came. Only the refund, if there is one, has an amount.
    PartlyRefunded(String),
    Refunded,
    Cancelled,
    Disputed,
    /// The status as it came.
    Other(String),
}

/// A refund as the partner wrote it.
pub(crate) struct RawRefund {
    pub(crate) reference: Option<String>,
    /// A decimal, as it came.
    pub(crate) amount: String,
    pub(crate) currency: Option<String>,
}

/// An item's stock. A negative quantity counts as zero.
pub(crate) struct StockReport {
    pub(crate) item_id: String,
    pub(crate) quantity: i64,
}

/// Names the order by the platform's id, which may be ours, or else by the partner's own.
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
    /// The message as a callback.
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

/// The status decides the update for parcels. With a status that does not mention shipping, they count as partly shipped.
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
    /// Exact, or kept as it came: without a known currency the number of decimals is unknown.
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
