//! What a shop sends back: orders whole, as they stand; fulfilments, refunds,
//! disputes and stock one by one. The topic says which.
//!
//! Promises: an amount is exactly the one that was written, or kept raw; the
//! newest `updated_at` wins, whatever arrives last. Must not read a parcel for
//! the whole order: only an order tells how much of it has left.

use buywire_schemas::ids::OrderId;
use buywire_schemas::money::Currency;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use time::OffsetDateTime;

use super::parcels::{Fulfillment, Id, Listed};
use crate::callback::{
    Callback, CallbackRefusal, CallbackRequest, OrderRef, RefundSaid, Tells, Update,
};
use crate::progress::{Stage, key, time, unknown, updates};

#[derive(Deserialize)]
struct Order {
    id: Option<Id>,
    updated_at: Option<String>,
    cancelled_at: Option<String>,
    cancel_reason: Option<String>,
    currency: Option<String>,
    financial_status: Option<String>,
    fulfillment_status: Option<String>,
    fulfillments: Listed<Fulfillment>,
    refunds: Listed<Refund>,
    note_attributes: Listed<Attribute>,
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
    transactions: Listed<Transaction>,
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

/// Reads one webhook. Its bytes name it, for each kind of topic: neither topic nor webhook id are signed, so that a
/// body that somebody caught and sends again under other ones must not count twice, nor be taken for something else.
pub(super) fn read(request: &CallbackRequest<'_>) -> Result<Callback, CallbackRefusal> {
    let header = |name| request.header(name).filter(|value| !value.is_empty());
    let topic = header("x-shopify-topic").ok_or(CallbackRefusal::Missing("x-shopify-topic"))?;
    header("x-shopify-webhook-id").ok_or(CallbackRefusal::Missing("x-shopify-webhook-id"))?;
    let said = Said {
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
        | "orders/cancelled" => said.order(),
        "fulfillments/create" | "fulfillments/update" => said.fulfillment(),
        "refunds/create" => said.refund(),
        "disputes/create" => said.dispute(),
        "inventory_levels/update" => said.stock(),
        other => said.strange(other),
    }
}

/// One webhook, by its topic.
struct Said<'a> {
    topic: &'a str,
    body: &'a [u8],
}

impl Said<'_> {
    fn parsed<T: DeserializeOwned>(&self) -> Result<T, CallbackRefusal> {
        Ok(serde_json::from_slice(self.body)?)
    }

    /// All topics of orders tell the same thing in the same words.
    fn key(&self) -> String {
        let kind = self.topic.split('/').next().unwrap_or_default();
        format!("{kind}:{}", key(self.body))
    }

    fn callback(self, order: Option<OrderRef>, at: Option<OffsetDateTime>) -> Callback {
        Callback {
            key: self.key(),
            order,
            occurred_at: at,
            tells: Tells::Change,
            updates: Vec::new(),
        }
    }

    fn order(self) -> Result<Callback, CallbackRefusal> {
        let order: Order = self.parsed()?;
        let updated_at = moment(order.updated_at.as_deref());
        let updated_at = updated_at.ok_or(CallbackRefusal::Missing("updated_at"))?;
        Ok(Callback {
            tells: whole(updated_at),
            updates: order.told(),
            ..self.callback(Some(order.named()?), Some(updated_at))
        })
    }

    fn fulfillment(self) -> Result<Callback, CallbackRefusal> {
        let one: Fulfillment = self.parsed()?;
        one.is_one()?;
        let at = moment(one.updated_at.as_deref());
        let parcels = one.parcels().into_iter().map(Update::PartlyFulfilled);
        Ok(Callback {
            updates: parcels.chain(one.strange(String::new())).collect(),
            ..self.callback(Some(theirs(one.order_id)?), at)
        })
    }

    fn refund(self) -> Result<Callback, CallbackRefusal> {
        let refund: Refund = self.parsed()?;
        if refund.transactions.is_none() {
            return Err(CallbackRefusal::Missing("transactions"));
        }
        if refund.refund_line_items.is_none() {
            return Err(CallbackRefusal::Missing("refund_line_items"));
        }
        let at = moment(refund.created_at.as_deref());
        Ok(Callback {
            updates: refund.told("", None).into_iter().collect(),
            ..self.callback(Some(theirs(refund.order_id)?), at)
        })
    }

    fn dispute(self) -> Result<Callback, CallbackRefusal> {
        let dispute: Dispute = self.parsed()?;
        if dispute.r#type.is_none() {
            return Err(CallbackRefusal::Missing("type"));
        }
        let at = moment(dispute.initiated_at.as_deref());
        at.ok_or(CallbackRefusal::Missing("initiated_at"))?;
        Ok(Callback {
            updates: vec![Update::Disputed {
                reason: dispute.reason,
            }],
            ..self.callback(Some(theirs(dispute.order_id)?), at)
        })
    }

    fn stock(self) -> Result<Callback, CallbackRefusal> {
        let level: InventoryLevel = self.parsed()?;
        let at = moment(level.updated_at.as_deref());
        let item = level.inventory_item_id;
        let item = item.ok_or(CallbackRefusal::Missing("inventory_item_id"))?;
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
            tells: at.map_or(Tells::Change, whole),
            updates: vec![update],
            ..self.callback(None, at)
        })
    }

    /// A topic without a word of ours, about an order if it says so.
    fn strange(self, topic: &str) -> Result<Callback, CallbackRefusal> {
        #[derive(Deserialize)]
        struct AboutOrder {
            order_id: Option<Id>,
        }
        let about: AboutOrder = self.parsed()?;
        let order = about.order_id.map(|id| OrderRef::Theirs(id.to_string()));
        Ok(Callback {
            updates: vec![unknown("x-shopify-topic".to_owned(), topic)],
            ..self.callback(order, None)
        })
    }
}

/// The whole state, as new as this.
fn whole(updated_at: OffsetDateTime) -> Tells {
    let us = updated_at.unix_timestamp_nanos() / 1_000;
    Tells::State {
        version: i64::try_from(us).unwrap_or_default(),
    }
}

fn moment(text: Option<&str>) -> Option<OffsetDateTime> {
    text.and_then(time)
}

fn theirs(id: Option<Id>) -> Result<OrderRef, CallbackRefusal> {
    let id = id.ok_or(CallbackRefusal::Missing("order_id"))?;
    Ok(OrderRef::Theirs(id.to_string()))
}

impl Order {
    /// By our id or the platform's, where the shop kept what we sent; else by
    /// its own.
    fn named(&self) -> Result<OrderRef, CallbackRefusal> {
        let attribute = |name| {
            let mut attributes = self.note_attributes.iter().flatten();
            attributes
                .find(|one| one.name == name)
                .and_then(|one| one.value.as_str())
        };
        let ours = attribute("order").and_then(|text| text.parse::<OrderId>().ok());
        let platforms = attribute("order_id").map(str::to_owned);
        ours.map(OrderRef::Ours)
            .or(platforms.map(OrderRef::Platform))
            .or_else(|| self.id.clone().map(|id| OrderRef::Theirs(id.to_string())))
            .ok_or(CallbackRefusal::Missing("id"))
    }

    fn told(&self) -> Vec<Update> {
        let cancelled = self.cancelled_at.as_ref().map(|_| Update::Cancelled {
            reason: self.cancel_reason.clone(),
        });
        let fulfillments = || self.fulfillments.iter().flatten();
        let parcels = fulfillments().flat_map(Fulfillment::parcels).collect();
        let mut told: Vec<_> = cancelled.into_iter().collect();
        told.extend(updates(parcels, self.stage()));
        told.extend(self.strange_fulfilment());
        for (index, one) in fulfillments().enumerate() {
            told.extend(one.strange(format!("fulfillments[{index}].")));
        }
        told.extend(self.refunded());
        told
    }

    fn stage(&self) -> Stage {
        let moving = || {
            self.fulfillments
                .iter()
                .flatten()
                .filter(|one| one.counts())
        };
        let arrived = moving().next().is_some() && moving().all(Fulfillment::arrived);
        match self.fulfillment_status.as_deref() {
            _ if self.cancelled_at.is_some() => Stage::Cancelled,
            Some("fulfilled") if arrived => Stage::AllArrived,
            Some("fulfilled") => Stage::AllSent,
            Some("partial") => Stage::Begun,
            _ => Stage::Open,
        }
    }

    fn strange_fulfilment(&self) -> Option<Update> {
        let status = self.fulfillment_status.as_deref()?;
        let cancelled = self.cancelled_at.is_some();
        let plain = matches!(status, "fulfilled" | "partial" | "unfulfilled")
            || (status == "restocked" && cancelled);
        (!plain).then(|| unknown("fulfillment_status".to_owned(), status))
    }

    /// Refund by refund; without any, by the payment's status.
    fn refunded(&self) -> Vec<Update> {
        let refunds = self.refunds.as_deref().unwrap_or_default();
        let currency = self.currency.as_deref();
        let mut told: Vec<_> = refunds
            .iter()
            .enumerate()
            .filter_map(|(index, one)| one.told(&format!("refunds[{index}]."), currency))
            .collect();
        match self.financial_status.as_deref() {
            Some("refunded") if refunds.is_empty() => {
                told.push(Update::Refunded(RefundSaid {
                    reference: None,
                    amount: None,
                    cumulative: false,
                }));
            }
            Some(odd @ ("partially_refunded" | "voided")) if refunds.is_empty() => {
                told.push(unknown("financial_status".to_owned(), odd));
            }
            None
            | Some(
                "pending" | "authorized" | "partially_paid" | "paid" | "partially_refunded"
                | "refunded" | "voided",
            ) => {}
            Some(other) => told.push(unknown("financial_status".to_owned(), other)),
        }
        told
    }
}

impl Refund {
    /// The money that has moved. A refund of goods alone says nothing.
    fn told(&self, place: &str, currency: Option<&str>) -> Option<Update> {
        let back = self.transactions.iter().flatten();
        let back = back.filter(|one| one.kind.as_deref() == Some("refund"));
        let mut sum: i64 = 0;
        for one in back {
            match one.status.as_deref() {
                Some("success") => match one.minor(currency) {
                    Some(minor) => sum = sum.saturating_add(minor),
                    None => return Some(one.unknown(place, "amount", one.amount.as_deref())),
                },
                Some("pending") => {}
                other => return Some(one.unknown(place, "status", other)),
            }
        }
        (sum > 0).then(|| {
            Update::Refunded(RefundSaid {
                reference: self.id.as_ref().map(Id::to_string),
                amount: Some(sum),
                cumulative: false,
            })
        })
    }
}

impl Transaction {
    fn minor(&self, currency: Option<&str>) -> Option<i64> {
        let currency = self.currency.as_deref().or(currency)?;
        let currency = Currency::parse(currency).ok()?;
        currency.minor(self.amount.as_deref()?)
    }

    fn unknown(&self, place: &str, member: &str, raw: Option<&str>) -> Update {
        Update::Unknown {
            at: format!("{place}transactions.{member}"),
            raw: raw.into(),
        }
    }
}
