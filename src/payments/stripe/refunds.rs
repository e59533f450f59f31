//! Refunds. One that succeeded may still fail later, when the buyer's bank returns the money.

use serde_json::json;

use super::amounts::{currency_from_wire, from_wire, to_wire};
use super::client::Client;
use super::wire::WireRefund;
use crate::payments::error::PaymentError;
use crate::payments::facts::{ProcessorRefund, ProcessorRefundStatus};
use crate::payments::ids::{IdempotencyKey, ProcessorPaymentId, ProcessorRefundId};
use crate::payments::processor::Amount;

pub(super) async fn create(
    client: &Client,
    payment: &ProcessorPaymentId,
    amount: Amount,
    key: &IdempotencyKey,
) -> Result<ProcessorRefund, PaymentError> {
    let params = json!({"payment_intent": payment.as_str(), "amount": to_wire(amount)?});
    facts(client.post("/v1/refunds", &params, key).await?)
}

pub(super) async fn read(
    client: &Client,
    id: &ProcessorRefundId,
) -> Result<ProcessorRefund, PaymentError> {
    let path = format!("/v1/refunds/{id}");
    facts(client.get(&path, &json!({})).await?)
}

fn facts(refund: WireRefund) -> Result<ProcessorRefund, PaymentError> {
    let currency = currency_from_wire(&refund.currency)?;
    let status = refund.status.as_deref().and_then(status);
    Ok(ProcessorRefund {
        id: ProcessorRefundId::parse(&refund.id).ok_or_else(PaymentError::unreadable)?,
        payment_id: refund
            .payment_intent
            .as_deref()
            .and_then(ProcessorPaymentId::parse),
        status: status.ok_or_else(PaymentError::unreadable)?,
        currency,
        amount: from_wire(refund.amount, currency)?,
        failure_reason: refund.failure_reason,
    })
}

fn status(wire: &str) -> Option<ProcessorRefundStatus> {
    match wire {
        "pending" => Some(ProcessorRefundStatus::Pending),
        "requires_action" => Some(ProcessorRefundStatus::NeedsAction),
        "succeeded" => Some(ProcessorRefundStatus::Succeeded),
        "failed" => Some(ProcessorRefundStatus::Failed),
        "canceled" => Some(ProcessorRefundStatus::Cancelled),
        _ => None,
    }
}
