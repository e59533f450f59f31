//! A shop's callbacks: whole orders in their current state; fulfillments, refunds, disputes and stock one by one. The topic
//! says which.
//!
//! Promises: an amount is exact, or kept as it came; the newest `updated_at` wins, whatever arrives last. Must not take a
//! parcel for the whole order: only an order says how much of it has shipped.

use buywire_schemas::ids::OrderId;
use buywire_schemas::money::Currency;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use time::OffsetDateTime;

use super::Shopify;
use super::parcels::{Fulfillment, Id, NullableList};
use crate::contract::callback::{
    Callback, CallbackKind, CallbackReadError, CallbackRequest, Callbacks, OrderRef,
    ReportedRefund, Update,
};
use crate::toolkit::fulfillment_snapshot::{
    FulfillmentStage, body_key, parse_rfc3339, shipment_updates, unknown_value,
};

#[derive(Deserialize)]
struct Order {
    id: Option<Id>,
    updated_at: Option<String>,
    cancelled_at: Option<String>,
    cancel_reason: Option<String>,
    currency: Option<String>,
    financial_status: Option<String>,
    fulfillment_status: Option<String>,
    fulfillments: NullableList<Fulfillment>,
    refunds: NullableList<Refund>,
    note_attributes: NullableList<Attribute>,
}

#[derive(Deserialize)]
struct Attribute {
    name: String,
    value: Value,
}

#[derive(Deserialize)]
struct Refund {
    id: Option<Id>,
    order_id: Option<Id>,
    created_at: Option<String>,
    transactions: NullableList<Transaction>,
    refund_line_items: Option<Value>,
}

#[derive(Deserialize)]
struct Transaction {
    kind: Option<String>,
    status: Option<String>,
    amount: Option<String>,
    currency: Option<String>,
}

#[derive(Deserialize)]
struct Dispute {
    order_id: Option<Id>,
    reason: Option<String>,
    r#type: Option<String>,
    initiated_at: Option<String>,
}

#[derive(Deserialize)]
struct InventoryLevel {
    inventory_item_id: Option<Id>,
    available: Option<i64>,
    updated_at: Option<String>,
}

impl Callbacks for Shopify {
    fn read(
        &self,
        request: &CallbackRequest<'_>,
        _settings: &Value,
    ) -> Result<Callback, CallbackReadError> {
        read(request)
    }
}

/// Reads one webhook. Its key comes from its body and the kind of its topic. Neither topic nor webhook id is signed, so a
/// body that an attacker captures and sends again under another topic or id must not count twice or mean something else.
fn read(request: &CallbackRequest<'_>) -> Result<Callback, CallbackReadError> {
    let header = |name| request.header(name).filter(|value| !value.is_empty());
    let topic = header("x-shopify-topic").ok_or(CallbackReadError::Missing("x-shopify-topic"))?;
    header("x-shopify-webhook-id").ok_or(CallbackReadError::Missing("x-shopify-webhook-id"))?;
    let webhook = Webhook {
        topic,
        body: request.body,
    };
    match topic {
        "orders/create"
        | "orders/paid"
        | "orders/updated"
        | "orders/edited"
        | "orders/fulfilled"
        | "orders/partially_fulfilled"
        | "orders/cancelled" => webhook.order_callback(),
        "fulfillments/create" | "fulfillments/update" => webhook.fulfillment_callback(),
        "refunds/create" => webhook.refund_callback(),
        "disputes/create" => webhook.dispute_callback(),
        "inventory_levels/update" => webhook.stock_callback(),
        other => webhook.unknown_topic(other),
    }
}

/// One webhook, by its topic.
struct Webhook<'a> {
    topic: &'a str,
    body: &'a [u8],
}

impl Webhook<'_> {
    fn parse<T: DeserializeOwned>(&self) -> Result<T, CallbackReadError> {
        Ok(serde_json::from_slice(self.body)?)
    }

    /// All order topics have the same body.
    fn key(&self) -> String {
        let kind = self.topic.split('/').next().unwrap_or_default();
        format!("{kind}:{}", body_key(self.body))
    }

    fn callback(self, order: Option<OrderRef>, at: Option<OffsetDateTime>) -> Callback {
        Callback {
            key: self.key(),
            order,
            occurred_at: at,
            kind: CallbackKind::Change,
            updates: Vec::new(),
        }
    }

    fn order_callback(self) -> Result<Callback, CallbackReadError> {
        let order: Order = self.parse()?;
        let updated_at = parse_time(order.updated_at.as_deref());
        let updated_at = updated_at.ok_or(CallbackReadError::Missing("updated_at"))?;
        Ok(Callback {
            kind: snapshot_kind(updated_at),
            updates: order.updates(),
            ..self.callback(Some(order.order_ref()?), Some(updated_at))
        })
    }

    fn fulfillment_callback(self) -> Result<Callback, CallbackReadError> {
        let one: Fulfillment = self.parse()?;
        one.check_shape()?;
        let at = parse_time(one.updated_at.as_deref());
        let parcels = one.parcels().into_iter().map(Update::PartlyFulfilled);
        Ok(Callback {
            updates: parcels.chain(one.unknown_status(String::new())).collect(),
            ..self.callback(Some(partner_order_ref(one.order_id)?), at)
        })
    }

    fn refund_callback(self) -> Result<Callback, CallbackReadError> {
        let refund: Refund = self.parse()?;
        if refund.transactions.is_none() {
            return Err(CallbackReadError::Missing("transactions"));
        }
        if refund.refund_line_items.is_none() {
            return Err(CallbackReadError::Missing("refund_line_items"));
        }
        let at = parse_time(refund.created_at.as_deref());
        Ok(Callback {
            updates: refund.to_update("", None).into_iter().collect(),
            ..self.callback(Some(partner_order_ref(refund.order_id)?), at)
        })
    }

    fn dispute_callback(self) -> Result<Callback, CallbackReadError> {
        let dispute: Dispute = self.parse()?;
        if dispute.r#type.is_none() {
            return Err(CallbackReadError::Missing("type"));
        }
        let at = parse_time(dispute.initiated_at.as_deref());
        at.ok_or(CallbackReadError::Missing("initiated_at"))?;
        Ok(Callback {
            updates: vec![Update::Disputed {
                reason: dispute.reason,
            }],
            ..self.callback(Some(partner_order_ref(dispute.order_id)?), at)
        })
    }

    fn stock_callback(self) -> Result<Callback, CallbackReadError> {
        let level: InventoryLevel = self.parse()?;
        let at = parse_time(level.updated_at.as_deref());
        let item = level.inventory_item_id;
        let item = item.ok_or(CallbackReadError::Missing("inventory_item_id"))?;
        let update = match level.available {
            Some(pieces) => Update::Stock {
                item_id: item.to_string(),
                // Oversold is sold out.
                quantity: u32::try_from(pieces.max(0)).unwrap_or(u32::MAX),
            },
            None => Update::Unknown {
                at: "available".to_owned(),
                raw: Value::Null,
            },
        };
        Ok(Callback {
            kind: at.map_or(CallbackKind::Change, snapshot_kind),
            updates: vec![update],
            ..self.callback(None, at)
        })
    }

    /// A topic that this build does not know, about an order if the body names one.
    fn unknown_topic(self, topic: &str) -> Result<Callback, CallbackReadError> {
        #[derive(Deserialize)]
        struct OrderReference {
            order_id: Option<Id>,
        }
        let reference: OrderReference = self.parse()?;
        let order = reference
            .order_id
            .map(|id| OrderRef::Partner(id.to_string()));
        Ok(Callback {
            updates: vec![unknown_value("x-shopify-topic".to_owned(), topic)],
            ..self.callback(order, None)
        })
    }
}

/// The whole state, with this time as its version.
fn snapshot_kind(updated_at: OffsetDateTime) -> CallbackKind {
    let us = updated_at.unix_timestamp_nanos() / 1_000;
    CallbackKind::State {
        version: i64::try_from(us).unwrap_or_default(),
    }
}

fn parse_time(text: Option<&str>) -> Option<OffsetDateTime> {
    text.and_then(parse_rfc3339)
}

fn partner_order_ref(id: Option<Id>) -> Result<OrderRef, CallbackReadError> {
    let id = id.ok_or(CallbackReadError::Missing("order_id"))?;
    Ok(OrderRef::Partner(id.to_string()))
}

impl Order {
    /// Names the order by our id or the platform's, if the shop kept what we sent, or else by its own.
    fn order_ref(&self) -> Result<OrderRef, CallbackReadError> {
        let attribute = |name| {
            let mut attributes = self.note_attributes.iter().flatten();
            attributes
                .find(|one| one.name == name)
                .and_then(|one| one.value.as_str())
        };
        let order_id = attribute("order").and_then(|text| text.parse::<OrderId>().ok());
        let platform_order_id = attribute("order_id").map(str::to_owned);
        order_id
            .map(OrderRef::Ours)
            .or(platform_order_id.map(OrderRef::Platform))
            .or_else(|| self.id.clone().map(|id| OrderRef::Partner(id.to_string())))
            .ok_or(CallbackReadError::Missing("id"))
    }

    fn updates(&self) -> Vec<Update> {
        let cancelled = self.cancelled_at.as_ref().map(|_| Update::Cancelled {
            reason: self.cancel_reason.clone(),
        });
        let fulfillments = || self.fulfillments.iter().flatten();
        let parcels = fulfillments().flat_map(Fulfillment::parcels).collect();
        let mut updates: Vec<_> = cancelled.into_iter().collect();
        updates.extend(shipment_updates(parcels, self.fulfillment_stage()));
        updates.extend(self.unknown_fulfillment());
        for (index, one) in fulfillments().enumerate() {
            updates.extend(one.unknown_status(format!("fulfillments[{index}].")));
        }
        updates.extend(self.refund_updates());
        updates
    }

    fn fulfillment_stage(&self) -> FulfillmentStage {
        let successful = || {
            self.fulfillments
                .iter()
                .flatten()
                .filter(|one| one.is_successful())
        };
        let arrived = successful().next().is_some() && successful().all(Fulfillment::is_delivered);
        match self.fulfillment_status.as_deref() {
            _ if self.cancelled_at.is_some() => FulfillmentStage::Cancelled,
            Some("fulfilled") if arrived => FulfillmentStage::AllDelivered,
            Some("fulfilled") => FulfillmentStage::AllShipped,
            Some("partial") => FulfillmentStage::Started,
            _ => FulfillmentStage::Open,
        }
    }

    fn unknown_fulfillment(&self) -> Option<Update> {
        let status = self.fulfillment_status.as_deref()?;
        let cancelled = self.cancelled_at.is_some();
        let is_expected = matches!(status, "fulfilled" | "partial" | "unfulfilled")
            || (status == "restocked" && cancelled);
        (!is_expected).then(|| unknown_value("fulfillment_status".to_owned(), status))
    }

    /// From the list of refunds, or without one from the payment's status.
    fn refund_updates(&self) -> Vec<Update> {
        let refunds = self.refunds.as_deref().unwrap_or_default();
        let currency = self.currency.as_deref();
        let mut updates: Vec<_> = refunds
            .iter()
            .enumerate()
            .filter_map(|(index, one)| one.to_update(&format!("refunds[{index}]."), currency))
            .collect();
        match self.financial_status.as_deref() {
            Some("refunded") if refunds.is_empty() => {
                updates.push(Update::Refunded(ReportedRefund {
                    reference: None,
                    amount: None,
                    cumulative: false,
                }));
            }
            Some(ambiguous @ ("partially_refunded" | "voided")) if refunds.is_empty() => {
                updates.push(unknown_value("financial_status".to_owned(), ambiguous));
            }
            None
            | Some(
                "pending" | "authorized" | "partially_paid" | "paid" | "partially_refunded"
                | "refunded" | "voided",
            ) => {}
            Some(other) => updates.push(unknown_value("financial_status".to_owned(), other)),
        }
        updates
    }
}

impl Refund {
    /// The refunded money. A refund of goods alone is not an update.
    fn to_update(&self, path: &str, currency: Option<&str>) -> Option<Update> {
        let refunds = self.transactions.iter().flatten();
        let refunds = refunds.filter(|one| one.kind.as_deref() == Some("refund"));
        let mut sum: i64 = 0;
        for one in refunds {
            match one.status.as_deref() {
                Some("success") => match one.minor_units(currency) {
                    Some(minor) => sum = sum.saturating_add(minor),
                    None => return Some(one.unknown_value(path, "amount", one.amount.as_deref())),
                },
                Some("pending") => {}
                other => return Some(one.unknown_value(path, "status", other)),
            }
        }
        (sum > 0).then(|| {
            Update::Refunded(ReportedRefund {
                reference: self.id.as_ref().map(Id::to_string),
                amount: Some(sum),
                cumulative: false,
            })
        })
    }
}

impl Transaction {
    fn minor_units(&self, currency: Option<&str>) -> Option<i64> {
        let currency = self.currency.as_deref().or(currency)?;
        let currency = Currency::parse(currency).ok()?;
        currency.parse_minor(self.amount.as_deref()?)
    }

    fn unknown_value(&self, path: &str, member: &str, raw: Option<&str>) -> Update {
        Update::Unknown {
            at: format!("{path}transactions.{member}"),
            raw: raw.into(),
        }
    }
}
