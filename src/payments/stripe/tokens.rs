//! Payments with a Shared Payment Token: a PaymentIntent that is created and confirmed in one request.
//!
//! Promises: a decline is a payment that was declined, because it exists at Stripe and has to be ended there.

use buywire_checkout::machine::CaptureMethod;
use serde::Deserialize;
use serde_json::{Value, json};

use super::amounts::{currency_to_wire, to_wire};
use super::client::{Client, RawReply};
use super::payments::facts;
use super::wire::{CHECKOUT_KEY, WireIntent};
use crate::payments::error::PaymentError;
use crate::payments::facts::ProcessorPayment;
use crate::payments::ids::IdempotencyKey;
use crate::payments::tokens::TokenPayment;

const INTENTS: &str = "/v1/payment_intents";
/// Payment required: the bank has declined, and the error holds the intent.
const DECLINED: u16 = 402;

#[derive(Deserialize)]
struct DeclinedEnvelope {
    error: DeclinedError,
}

#[derive(Deserialize)]
struct DeclinedError {
    payment_intent: Option<WireIntent>,
}

pub(super) async fn pay(
    client: &Client,
    new: &TokenPayment,
    key: &IdempotencyKey,
) -> Result<ProcessorPayment, PaymentError> {
    let reply = client.post_preview(INTENTS, &params(new)?, key).await?;
    let intent = match declined_intent(&reply) {
        Some(intent) => intent,
        None => reply.read()?,
    };
    facts(client, intent, None).await
}

fn declined_intent(reply: &RawReply) -> Option<WireIntent> {
    if reply.status != DECLINED {
        return None;
    }
    let envelope: DeclinedEnvelope = serde_json::from_slice(&reply.body).ok()?;
    envelope.error.payment_intent
}

fn params(new: &TokenPayment) -> Result<Value, PaymentError> {
    let mut metadata = json!(new.metadata);
    if let Some(members) = metadata.as_object_mut() {
        members.insert(CHECKOUT_KEY.to_owned(), new.checkout_id.to_string().into());
    }
    Ok(json!({
        "amount": to_wire(new.amount)?,
        "currency": currency_to_wire(new.amount.currency),
        "confirm": true,
        "capture_method": match new.capture {
            CaptureMethod::Manual => "manual",
            CaptureMethod::Automatic => "automatic",
        },
        "payment_method_data": {"shared_payment_granted_token": new.token.reveal()},
        "return_url": new.return_url,
        "description": new.description,
        "metadata": metadata,
        "expand": ["latest_charge"],
    }))
}
