//! A partner's callbacks in Stripe's form: one change of a charge, a payment or a session.
//!
//! Promises: the refunded amount is the charge's total, so that no event counts twice and none is missed; an amount without
//! an exact equivalent is kept as it came. Must not report a payment that we already know as an update.

use std::collections::BTreeMap;

use buywire_schemas::ids::OrderId;
use buywire_schemas::money::Currency;
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use super::Stripe;
use super::money::AmountScale;
use crate::contract::callback::{
    Callback, CallbackKind, CallbackReadError, CallbackRequest, Callbacks, OrderRef,
    ReportedRefund, Shipment, Update,
};
use crate::toolkit::fulfillment_snapshot::unknown_value;

#[derive(Deserialize)]
struct Event {
    id: Option<String>,
    created: Option<i64>,
    r#type: Option<String>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    object: Option<Object>,
}

/// A charge, payment, session, dispute or refund; their members have the same names.
#[derive(Deserialize)]
struct Object {
    id: Option<String>,
    metadata: Option<BTreeMap<String, Value>>,
    client_reference_id: Option<String>,
    payment_intent: Option<Expandable>,
    charge: Option<Expandable>,
    amount_refunded: Option<i64>,
    currency: Option<String>,
    reason: Option<String>,
    cancellation_reason: Option<String>,
    status: Option<String>,
    shipping: Option<Shipping>,
}

/// An id, or the expanded object.
#[derive(Deserialize)]
#[serde(untagged)]
enum Expandable {
    Id(String),
    Object { id: String },
}

#[derive(Deserialize)]
struct Shipping {
    carrier: Option<String>,
    tracking_number: Option<String>,
}

impl Callbacks for Stripe {
    fn read(
        &self,
        request: &CallbackRequest<'_>,
        _settings: &Value,
    ) -> Result<Callback, CallbackReadError> {
        read(request.body)
    }
}

/// Reads one event.
fn read(body: &[u8]) -> Result<Callback, CallbackReadError> {
    let event: Event = serde_json::from_slice(body)?;
    let key = event.id.ok_or(CallbackReadError::Missing("id"))?;
    let kind = event.r#type.ok_or(CallbackReadError::Missing("type"))?;
    let object = event.data.and_then(|data| data.object);
    let object = object.ok_or(CallbackReadError::Missing("data.object"))?;
    let created = event.created.map(OffsetDateTime::from_unix_timestamp);
    Ok(Callback {
        key,
        order: Some(object.order()?),
        occurred_at: created
            .transpose()
            .map_err(|_| CallbackReadError::Malformed("created"))?,
        kind: CallbackKind::Change,
        updates: object.update(&kind).into_iter().collect(),
    })
}

impl Object {
    /// Names the order by our id, in the metadata or in a derived id; by the platform's id; or else by the payment, which
    /// partners keep.
    fn order(&self) -> Result<OrderRef, CallbackReadError> {
        let metadata_text = |name| self.metadata.as_ref()?.get(name)?.as_str();
        let id = self.id.as_deref();
        let charge = self.charge.as_ref().map(Expandable::id);
        let payment = self.payment_intent.as_ref().map(Expandable::id);
        let ids = [id, charge, payment].into_iter().flatten();
        let order_id = metadata_text("order").and_then(|text| text.parse().ok());
        let order_id = order_id.or_else(|| derived_order_id(ids));
        let platform_order_id = metadata_text("order_id").or(self.client_reference_id.as_deref());
        let partner_order_id = payment.or(charge).or(id);
        order_id
            .map(OrderRef::Ours)
            .or_else(|| platform_order_id.map(|id| OrderRef::Platform(id.to_owned())))
            .or_else(|| partner_order_id.map(|id| OrderRef::Partner(id.to_owned())))
            .ok_or(CallbackReadError::Missing("data.object.id"))
    }

    fn update(&self, kind: &str) -> Option<Update> {
        match kind {
            "charge.refunded" => Some(self.refund_update()),
            "charge.updated" => self.shipment_update(),
            "charge.dispute.created" => Some(Update::Disputed {
                reason: self.reason.clone(),
            }),
            "payment_intent.canceled" | "checkout.session.expired" => Some(Update::Cancelled {
                reason: self.cancellation_reason.clone(),
            }),
            "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
                self.unknown_refund_status()
            }
            routine if is_routine_event(routine) => None,
            other => Some(unknown_value("type".to_owned(), other)),
        }
    }

    /// The sum of all refunds of the charge, in our minor units.
    fn refund_update(&self) -> Update {
        let amount = self.amount_refunded.filter(|amount| *amount > 0);
        let currency = self.currency.as_deref().unwrap_or_default();
        let scale = Currency::parse(&currency.to_ascii_uppercase()).ok();
        let scale = scale.and_then(AmountScale::for_currency);
        match scale
            .zip(amount)
            .map(|(by, amount)| by.minor_amount(amount))
        {
            Some(Some(amount)) => Update::Refunded(ReportedRefund {
                reference: None,
                amount: Some(amount),
                cumulative: true,
            }),
            _ if scale.is_none() => unknown_value("data.object.currency".to_owned(), currency),
            _ => Update::Unknown {
                at: "data.object.amount_refunded".to_owned(),
                raw: self.amount_refunded.into(),
            },
        }
    }

    /// A charge reports a shipment once it has a tracking number.
    fn shipment_update(&self) -> Option<Update> {
        let shipping = self.shipping.as_ref()?;
        let tracking_number = shipping.tracking_number.clone()?;
        Some(Update::Shipped(Shipment {
            carrier: shipping.carrier.clone(),
            tracking_number: Some(tracking_number),
            ..Shipment::default()
        }))
    }

    /// The charge counts completed refunds. A failed refund is kept for people.
    fn unknown_refund_status(&self) -> Option<Update> {
        let status = self.status.as_deref()?;
        let is_expected = matches!(status, "succeeded" | "pending" | "requires_action");
        (!is_expected).then(|| unknown_value("data.object.status".to_owned(), status))
    }
}

impl Expandable {
    fn id(&self) -> &str {
        match self {
            Self::Id(id) | Self::Object { id } => id,
        }
    }
}

/// The order in an id that we derived, such as `ch_` and its 32 digits.
fn derived_order_id<'a>(ids: impl IntoIterator<Item = &'a str>) -> Option<OrderId> {
    ids.into_iter().find_map(|id| {
        let (_, digits) = id.rsplit_once('_')?;
        format!("{}_{digits}", OrderId::PREFIX).parse().ok()
    })
}

/// The events of every payment before it is paid.
fn is_routine_event(kind: &str) -> bool {
    matches!(
        kind,
        "checkout.session.completed"
            | "checkout.session.async_payment_succeeded"
            | "payment_intent.created"
            | "payment_intent.processing"
            | "payment_intent.requires_action"
            | "payment_intent.succeeded"
            | "charge.pending"
            | "charge.captured"
            | "charge.succeeded"
    )
}
