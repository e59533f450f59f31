//! Payments: Stripe's PaymentIntents with their latest charge and dispute.

use serde_json::json;

use super::amounts::{currency_from_wire, from_wire, to_wire};
use super::client::Client;
use super::errors::decline_code;
use super::wire::{
    Expandable, WireAction, WireCard, WireCharge, WireDispute, WireIntent, WireList, checkout_id,
    unix_time,
};
use crate::payments::error::PaymentError;
use crate::payments::facts::{
    CardFacts, DisputeFacts, DisputeStatus, ProcessorPayment, ProcessorPaymentStatus,
};
use crate::payments::ids::{IdempotencyKey, ProcessorPaymentId, SessionId};
use crate::payments::processor::Amount;

/// The card and the refunds are the charge's.
const EXPAND: &str = "latest_charge";

pub(super) async fn read(
    client: &Client,
    id: &ProcessorPaymentId,
) -> Result<ProcessorPayment, PaymentError> {
    let path = format!("/v1/payment_intents/{id}");
    let intent = client.get(&path, &json!({"expand": [EXPAND]})).await?;
    facts(client, intent, None).await
}

pub(super) async fn capture(
    client: &Client,
    id: &ProcessorPaymentId,
    amount: Amount,
    key: &IdempotencyKey,
) -> Result<ProcessorPayment, PaymentError> {
    let path = format!("/v1/payment_intents/{id}/capture");
    let params = json!({"amount_to_capture": to_wire(amount)?, "expand": [EXPAND]});
    let intent = client.post(&path, &params, key).await?;
    facts(client, intent, None).await
}

pub(super) async fn void(
    client: &Client,
    id: &ProcessorPaymentId,
    key: &IdempotencyKey,
) -> Result<ProcessorPayment, PaymentError> {
    let path = format!("/v1/payment_intents/{id}/cancel");
    let params = json!({"cancellation_reason": "abandoned", "expand": [EXPAND]});
    let intent = client.post(&path, &params, key).await?;
    facts(client, intent, None).await
}

/// A payment in our words. Its dispute, if it has one, takes one more request.
pub(super) async fn facts(
    client: &Client,
    intent: WireIntent,
    session_id: Option<SessionId>,
) -> Result<ProcessorPayment, PaymentError> {
    let charge = match intent.latest_charge {
        Some(Expandable::Object(charge)) => Some(*charge),
        Some(Expandable::Id(_)) | None => None,
    };
    let dispute = match charge.as_ref().is_some_and(|charge| charge.disputed) {
        true => dispute(client, &intent.id).await?,
        false => None,
    };
    let currency = currency_from_wire(&intent.currency)?;
    let ours = |wire| from_wire(wire, currency);
    let card = charge.as_ref().and_then(card);
    let capture_before = card.and_then(|card| card.capture_before);
    let error = intent.last_payment_error.as_ref();
    Ok(ProcessorPayment {
        id: ProcessorPaymentId::parse(&intent.id).ok_or_else(PaymentError::unreadable)?,
        session_id,
        checkout_id: checkout_id(intent.metadata.as_ref()),
        status: status(&intent.status).ok_or_else(PaymentError::unreadable)?,
        currency,
        amount: ours(intent.amount)?,
        amount_capturable: ours(intent.amount_capturable)?,
        amount_captured: ours(intent.amount_received)?,
        amount_refunded: ours(charge.as_ref().map_or(0, |charge| charge.amount_refunded))?,
        capture_before: capture_before.map(unix_time).transpose()?,
        card: card.and_then(card_facts),
        decline_code: error
            .map(|error| decline_code(error.decline_code.as_deref(), error.code.as_deref())),
        dispute,
        action_url: action_url(client, intent.next_action),
        is_live: intent.livemode,
    })
}

/// A page elsewhere is shown to nobody.
fn action_url(client: &Client, action: Option<WireAction>) -> Option<String> {
    let url = action?.redirect_to_url?.url?;
    client.is_hosted_page(&url).then_some(url)
}

fn card(charge: &WireCharge) -> Option<&WireCard> {
    charge.payment_method_details.as_ref()?.card.as_ref()
}

fn card_facts(card: &WireCard) -> Option<CardFacts> {
    Some(CardFacts {
        brand: card.brand.clone()?,
        last4: card.last4.clone()?,
        fingerprint: card.fingerprint.clone(),
    })
}

fn status(wire: &str) -> Option<ProcessorPaymentStatus> {
    match wire {
        "requires_payment_method" | "requires_confirmation" => {
            Some(ProcessorPaymentStatus::NeedsMethod)
        }
        "requires_action" => Some(ProcessorPaymentStatus::NeedsAction),
        "processing" => Some(ProcessorPaymentStatus::Processing),
        "requires_capture" => Some(ProcessorPaymentStatus::Authorised),
        "succeeded" => Some(ProcessorPaymentStatus::Captured),
        "canceled" => Some(ProcessorPaymentStatus::Cancelled),
        _ => None,
    }
}

async fn dispute(client: &Client, intent: &str) -> Result<Option<DisputeFacts>, PaymentError> {
    let params = json!({"payment_intent": intent, "limit": 1});
    let found: WireList<WireDispute> = client.get("/v1/disputes", &params).await?;
    let dispute = found.data.into_iter().next();
    dispute.map(dispute_facts).transpose()
}

fn dispute_facts(dispute: WireDispute) -> Result<DisputeFacts, PaymentError> {
    let currency = currency_from_wire(&dispute.currency)?;
    let status = match dispute.status.as_str() {
        "warning_needs_response" | "warning_under_review" => DisputeStatus::Inquiry,
        "won" => DisputeStatus::Won,
        "lost" => DisputeStatus::Lost,
        "warning_closed" | "prevented" => DisputeStatus::Closed,
        // Also a status that is not known yet: the worse assumption is that the money is gone.
        _ => DisputeStatus::Open,
    };
    Ok(DisputeFacts {
        id: dispute.id,
        status,
        amount: from_wire(dispute.amount, currency)?,
        reason: dispute.reason,
    })
}
