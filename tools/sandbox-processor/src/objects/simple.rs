//! Payment methods, granted tokens, events and webhook endpoints in JSON.

use serde_json::{Value, json};

use super::{API_VERSION, billing_details, metadata, param};
use crate::store::{Event, GrantedToken, MethodKind, PaymentMethod, WebhookEndpoint};

/// A payment method.
pub(crate) fn payment_method(method: &PaymentMethod) -> Value {
    let details = match &method.kind {
        MethodKind::Ideal => json!({"bank": "ing", "bic": "INGBNL2A"}),
        MethodKind::Card(card) => {
            let mut details = card.summary();
            let more = json!({
                "checks": {"address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass"},
                "display_brand": card.brand,
                "generated_from": null,
                "networks": {"available": [card.brand], "preferred": null},
                "regulated_status": "unregulated",
                "three_d_secure_usage": {"supported": true},
                "wallet": null,
            });
            if let (Some(details), Value::Object(more)) = (details.as_object_mut(), more) {
                details.extend(more);
            }
            details
        }
    };
    let kind = method.kind.type_name();
    let mut object = json!({
        "id": method.id,
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": billing_details(&method.payer),
        "created": method.created,
        "customer": null,
        "customer_account": null,
        "livemode": false,
        "metadata": {},
        "type": kind,
    });
    if let Some(members) = object.as_object_mut() {
        members.insert(kind.to_owned(), details);
    }
    object
}

/// A Shared Payment Token as its seller sees it.
pub(crate) fn granted_token(token: &GrantedToken) -> Value {
    json!({
        "id": token.id,
        "object": "shared_payment.granted_token",
        "created": token.created,
        "deactivated_at": token.revoked_at,
        "deactivated_reason": token.revoked_at.map(|_| "revoked"),
        "livemode": false,
        "payment_method_details": {"type": "card", "card": token.card.summary()},
        "shared_metadata": token.params.get("shared_metadata").cloned().unwrap_or_else(|| json!({})),
        "usage_details": {"amount_captured": {"currency": token.currency, "value": token.used}},
        "usage_limits": {
            "currency": token.currency,
            "expires_at": token.expires_at,
            "max_amount": token.max_amount,
        },
    })
}

/// An event.
pub(crate) fn event(event: &Event) -> Value {
    let request = event
        .cause
        .request_id
        .as_ref()
        .map(|id| json!({"id": id, "idempotency_key": event.cause.idempotency_key}));
    json!({
        "id": event.id,
        "object": "event",
        "api_version": API_VERSION,
        "created": event.created,
        "data": {"object": event.object},
        "livemode": false,
        "pending_webhooks": event.pending_webhooks,
        "request": request.unwrap_or_else(|| json!({"id": null, "idempotency_key": null})),
        "type": event.kind,
    })
}

/// A webhook endpoint. Its secret is shown only when it is created.
pub(crate) fn webhook_endpoint(endpoint: &WebhookEndpoint, with_secret: bool) -> Value {
    let mut object = json!({
        "id": endpoint.id,
        "object": "webhook_endpoint",
        "api_version": null,
        "application": null,
        "created": endpoint.created,
        "description": param(&endpoint.params, "description"),
        "enabled_events": endpoint.enabled_events,
        "livemode": false,
        "metadata": metadata(&endpoint.params),
        "status": "enabled",
        "url": endpoint.url,
    });
    if let (true, Some(members)) = (with_secret, object.as_object_mut()) {
        members.insert("secret".to_owned(), endpoint.secret.as_str().into());
    }
    object
}
