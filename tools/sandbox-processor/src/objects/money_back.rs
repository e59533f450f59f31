//! Refunds and disputes in JSON.

use serde_json::{Value, json};

use super::{metadata, param};
use crate::store::{Dispute, Refund, RefundStatus, Store};

/// How long a merchant has to answer a dispute.
const EVIDENCE_SECONDS: i64 = 9 * 86_400;

/// A refund.
pub(crate) fn refund(refund: &Refund) -> Value {
    let status = match refund.status {
        RefundStatus::Pending => "pending",
        RefundStatus::Succeeded => "succeeded",
        RefundStatus::Failed => "failed",
    };
    let mut object = json!({
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount,
        "balance_transaction": null,
        "charge": refund.charge,
        "created": refund.created,
        "currency": refund.currency,
        "destination_details": {"type": "card", "card": {
            "reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"
        }},
        "metadata": metadata(&refund.params),
        "payment_intent": refund.intent,
        "reason": param(&refund.params, "reason"),
        "receipt_number": null,
        "source_transfer_reversal": null,
        "status": status,
        "transfer_reversal": null,
    });
    if let (RefundStatus::Failed, Some(members)) = (refund.status, object.as_object_mut()) {
        members.insert(
            "failure_reason".to_owned(),
            "expired_or_canceled_card".into(),
        );
    }
    object
}

/// A dispute.
pub(crate) fn dispute(store: &Store, dispute: &Dispute) -> Value {
    let is_closed = dispute.status != "needs_response";
    let refundable = store
        .intents
        .get(&dispute.intent)
        .is_some_and(|intent| intent.state.refunded < intent.state.captured);
    json!({
        "id": dispute.id,
        "object": "dispute",
        "amount": dispute.amount,
        "balance_transactions": [],
        "charge": dispute.charge,
        "created": dispute.created,
        "currency": dispute.currency,
        "enhanced_eligibility_types": [],
        "evidence": evidence(),
        "evidence_details": {
            "due_by": (!is_closed).then(|| dispute.created.saturating_add(EVIDENCE_SECONDS)),
            "enhanced_eligibility": {},
            "has_evidence": false,
            "past_due": false,
            "submission_count": 0,
        },
        "is_charge_refundable": is_closed && dispute.status == "won" && refundable,
        "livemode": false,
        "metadata": {},
        "payment_intent": dispute.intent,
        "payment_method_details": {"type": "card", "card": {
            "brand": dispute.brand, "case_type": "chargeback", "network": dispute.brand, "network_reason_code": null
        }},
        "reason": dispute.reason,
        "status": dispute.status,
    })
}

/// No evidence has been handed in.
fn evidence() -> Value {
    const NAMES: [&str; 27] = [
        "access_activity_log",
        "billing_address",
        "cancellation_policy",
        "cancellation_policy_disclosure",
        "cancellation_rebuttal",
        "customer_communication",
        "customer_email_address",
        "customer_name",
        "customer_purchase_ip",
        "customer_signature",
        "duplicate_charge_documentation",
        "duplicate_charge_explanation",
        "duplicate_charge_id",
        "product_description",
        "receipt",
        "refund_policy",
        "refund_policy_disclosure",
        "refund_refusal_explanation",
        "service_date",
        "service_documentation",
        "shipping_address",
        "shipping_carrier",
        "shipping_date",
        "shipping_documentation",
        "shipping_tracking_number",
        "uncategorized_file",
        "uncategorized_text",
    ];
    let nulls = NAMES.map(|name| (name.to_owned(), Value::Null));
    let mut evidence: serde_json::Map<_, _> = nulls.into_iter().collect();
    evidence.insert("enhanced_evidence".to_owned(), json!({}));
    Value::Object(evidence)
}
