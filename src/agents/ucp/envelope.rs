//! What surrounds every answer: the release, the capabilities in use, and how to pay.

use serde_json::{Value, json};

/// The release.
pub(crate) const VERSION: &str = "2026-04-08";

/// The id of the one payment handler.
pub(super) const HANDLER: &str = "shared_payment_token";

const CHECKOUT: &str = "dev.ucp.shopping.checkout";
const FULFILLMENT: &str = "dev.ucp.shopping.fulfillment";

/// Of a checkout.
pub(super) fn success(processor: Option<&str>) -> Value {
    json!({
        "version": VERSION,
        "status": "success",
        "capabilities": {
            CHECKOUT: [{"version": VERSION, "schema": schema("checkout")}],
            FULFILLMENT: [{"version": VERSION, "schema": schema("fulfillment"), "extends": CHECKOUT}],
        },
        "payment_handlers": payment_handlers(processor),
    })
}

/// Where the release has the schema of a capability. With it, an answer says by itself how it is validated.
pub(super) fn schema(name: &str) -> String {
    format!("https://ucp.dev/{VERSION}/schemas/shopping/{name}.json")
}

/// A token that the processor of this account can charge. It names no schema: one must come from the host in the handler's
/// name, and Stripe publishes none.
pub(super) fn payment_handlers(processor: Option<&str>) -> Value {
    let Some(processor) = processor else {
        return json!({});
    };
    json!({
        "com.stripe.shared_payment_token": [{
            "id": HANDLER,
            "version": VERSION,
            "spec": "https://docs.stripe.com/agentic-commerce/concepts/shared-payment-tokens",
            "available_instruments": [{"type": "card"}],
            "config": {"processor": processor},
        }],
    })
}

/// An answer without a checkout.
pub(crate) fn failure(code: &str, content: &str, severity: &str) -> Value {
    json!({
        "ucp": {"version": VERSION, "status": "error"},
        "messages": [{
            "type": "error",
            "code": code,
            "content": content,
            "content_type": "plain",
            "severity": severity,
        }],
    })
}
