//! What merchants' order managers report, one message at a time: a status,
//! parcels, a refund, stock.
//!
//! Promises: every part of a message is told, and a part that has no canonical
//! word is kept raw. Must not know any dialect's names: a dialect reads them.

use buywire_schemas::ids::OrderId;
use buywire_schemas::money::Currency;
use time::OffsetDateTime;

use crate::callback::{Callback, CallbackRefusal, OrderRef, RefundSaid, Shipment, Tells, Update};
use crate::progress::unknown;

/// One message, in words that the dialects share.
pub(crate) struct Report {
    /// The partner's own name of the message.
    pub(crate) key: Option<String>,
    pub(crate) order: Option<OrderRef>,
    pub(crate) occurred_at: Option<OffsetDateTime>,
    pub(crate) status: Option<Status>,
    pub(crate) reason: Option<String>,
    pub(crate) parcels: Vec<Shipment>,
    pub(crate) refund: Option<Refund>,
    pub(crate) stock: Vec<Stock>,
}

/// What a dialect calls these parts, for refusals and for what is kept raw.
pub(crate) struct Names {
    pub(crate) key: &'static str,
    pub(crate) order: &'static str,
    pub(crate) status: &'static str,
    pub(crate) amount: &'static str,
    pub(crate) stock: &'static str,
}

/// How the order stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Status {
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
pub(crate) struct Refund {
    pub(crate) reference: Option<String>,
    /// A decimal, as it came.
    pub(crate) amount: String,
    pub(crate) currency: Option<String>,
}

/// How many pieces are left; less than none is none.
pub(crate) struct Stock {
    pub(crate) item_id: String,
    pub(crate) quantity: i64,
}

/// The order by the platform's name of it, which may be ours, else by the
/// partner's own.
pub(crate) fn order(platforms: Option<String>, theirs: Option<String>) -> Option<OrderRef> {
    match platforms {
        Some(name) => Some(match name.parse::<OrderId>() {
            Ok(ours) => OrderRef::Ours(ours),
            Err(_) => OrderRef::Platform(name),
        }),
        None => theirs.map(OrderRef::Theirs),
    }
}

impl Report {
    /// The message in canonical words.
    pub(crate) fn callback(self, names: &Names) -> Result<Callback, CallbackRefusal> {
        let about_order = self.status.is_some() || self.refund.is_some() || self.stock.is_empty();
        if about_order && self.order.is_none() {
            return Err(CallbackRefusal::Missing(names.order));
        }
        let mut updates = progress(self.status.as_ref(), self.reason, self.parcels, names);
        match (self.refund, self.status) {
            (Some(refund), _) => updates.push(refund.told(names)),
            (None, Some(Status::Refunded)) => updates.push(refunded(None, None)),
            (None, Some(Status::PartlyRefunded(raw))) => {
                updates.push(unknown(names.status.to_owned(), &raw));
            }
            (None, _) => {}
        }
        updates.extend(self.stock.into_iter().map(|stock| stock.told(names)));
        Ok(Callback {
            key: self.key.ok_or(CallbackRefusal::Missing(names.key))?,
            order: self.order,
            occurred_at: self.occurred_at,
            tells: Tells::Change,
            updates,
        })
    }
}

/// Parcels take their word from the status. Beside a status without one they
/// still left.
fn progress(
    status: Option<&Status>,
    reason: Option<String>,
    parcels: Vec<Shipment>,
    names: &Names,
) -> Vec<Update> {
    let word: fn(Shipment) -> Update = match status {
        Some(Status::Shipped) => Update::Shipped,
        Some(Status::Delivered) => Update::Delivered,
        _ => Update::PartlyFulfilled,
    };
    let moved = matches!(
        status,
        Some(Status::PartlyShipped | Status::Shipped | Status::Delivered)
    );
    let unnamed = (moved && parcels.is_empty()).then(Shipment::default);
    let mut updates: Vec<_> = parcels.into_iter().chain(unnamed).map(word).collect();
    match status {
        Some(Status::Cancelled) => updates.push(Update::Cancelled { reason }),
        Some(Status::Disputed) => updates.push(Update::Disputed { reason }),
        Some(Status::Other(raw)) => updates.push(unknown(names.status.to_owned(), raw)),
        _ => {}
    }
    updates
}

fn refunded(reference: Option<String>, amount: Option<i64>) -> Update {
    Update::Refunded(RefundSaid {
        reference,
        amount,
        cumulative: false,
    })
}

impl Refund {
    /// Exact, or raw: without a known currency nobody knows how many places an
    /// amount has.
    fn told(self, names: &Names) -> Update {
        let currency = self.currency.as_deref().map(Currency::parse);
        let amount = match currency {
            Some(Ok(currency)) => currency.minor(&self.amount),
            _ => None,
        };
        match amount.filter(|amount| *amount > 0) {
            Some(amount) => refunded(self.reference, Some(amount)),
            None => unknown(names.amount.to_owned(), &self.amount),
        }
    }
}

impl Stock {
    fn told(self, names: &Names) -> Update {
        match u32::try_from(self.quantity.max(0)) {
            Ok(quantity) => Update::Stock {
                item_id: self.item_id,
                quantity,
            },
            Err(_) => unknown(names.stock.to_owned(), &self.quantity.to_string()),
        }
    }
}
