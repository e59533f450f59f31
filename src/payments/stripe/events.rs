//! Reads an event as a hint: which object has changed, and which checkout that concerns.
//!
//! Promises: an event of any type is a hint; nothing of its object but ids is read, because events are late, doubled and
//! out of order: whoever gets a hint reads the object again.

use buywire_schemas::ids::CheckoutId;
use serde_json::Value;

use super::wire::CHECKOUT_KEY;
use crate::payments::ids::{ProcessorPaymentId, ProcessorRefundId, SessionId, is_id};

/// Types are short; anything longer is not one.
const TYPE_BYTES_MAX: usize = 128;

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventHint {
    /// The same for every copy of the event.
    pub event_id: String,
    /// Such as `payment_intent.succeeded`.
    pub event_type: String,
    pub object_id: Option<String>,
    pub session_id: Option<SessionId>,
    pub payment_id: Option<ProcessorPaymentId>,
    pub refund_id: Option<ProcessorRefundId>,
    pub dispute_id: Option<String>,
    /// Where the object carries it. A refund and a dispute do not: their payment does.
    pub checkout_id: Option<CheckoutId>,
    /// False: no real money.
    pub is_live: bool,
}

/// The body is not an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body is not an event: expected a JSON object with `id` and `type`")]
pub struct NotAnEvent;

impl EventHint {
    /// Reads the body of a verified webhook.
    ///
    /// # Errors
    /// It is not JSON, or has no id or type.
    pub fn parse(body: &[u8]) -> Result<Self, NotAnEvent> {
        let event: Value = serde_json::from_slice(body).map_err(|_| NotAnEvent)?;
        let event_id = text(&event, "/id")
            .filter(|id| is_id(id))
            .ok_or(NotAnEvent)?;
        let event_type = text(&event, "/type")
            .filter(|kind| is_type(kind))
            .ok_or(NotAnEvent)?;
        let object = event.pointer("/data/object").unwrap_or(&Value::Null);
        let kind = text(object, "/object").unwrap_or_default();
        let object_id = text(object, "/id").filter(|id| is_id(id));
        let own = |wanted_kind: &str| object_id.filter(|_| kind == wanted_kind);
        let payment = own("payment_intent").or_else(|| reference(object, "payment_intent"));
        Ok(Self {
            event_id: event_id.to_owned(),
            event_type: event_type.to_owned(),
            object_id: object_id.map(str::to_owned),
            session_id: own("checkout.session").and_then(SessionId::parse),
            payment_id: payment.and_then(ProcessorPaymentId::parse),
            refund_id: own("refund").and_then(ProcessorRefundId::parse),
            dispute_id: own("dispute").map(str::to_owned),
            checkout_id: checkout_id(object),
            is_live: event.pointer("/livemode") == Some(&Value::Bool(true)),
        })
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

/// A member that is an id, or the object that has it.
fn reference<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    let member = object.get(name)?;
    member.as_str().or_else(|| text(member, "/id"))
}

fn checkout_id(object: &Value) -> Option<CheckoutId> {
    let metadata = object.get("metadata")?;
    metadata.get(CHECKOUT_KEY)?.as_str()?.parse().ok()
}

fn is_type(text: &str) -> bool {
    let is_letter = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'.')
    };
    (1..=TYPE_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_letter)
}

#[cfg(test)]
mod tests;
