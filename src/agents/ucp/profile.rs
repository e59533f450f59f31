//! The profile of a business beside that of a platform: one document for both, because one gateway is both.

use serde_json::{Value, json};

use super::envelope::{VERSION, payment_handlers};

/// Adds what agents look for. What is there stays.
pub(crate) fn extend_profile(profile: &mut Value, public_url: &str, processor: Option<&str>) {
    let site = format!("https://ucp.dev/{VERSION}");
    if let Some(service) = profile.pointer_mut("/ucp/services/dev.ucp.shopping/0")
        && let Some(members) = service.as_object_mut()
    {
        members.insert("endpoint".to_owned(), json!(format!("{public_url}/ucp")));
    }
    let capabilities = profile.pointer_mut("/ucp/capabilities");
    if let Some(capabilities) = capabilities.and_then(Value::as_object_mut) {
        let capability = |name: &str| {
            json!({
                "version": VERSION,
                "spec": format!("{site}/specification/{name}"),
                "schema": format!("{site}/schemas/shopping/{name}.json"),
            })
        };
        let mut fulfillment = capability("fulfillment");
        if let Some(members) = fulfillment.as_object_mut() {
            members.insert("extends".to_owned(), json!("dev.ucp.shopping.checkout"));
        }
        let checkout = json!([capability("checkout")]);
        capabilities.insert("dev.ucp.shopping.checkout".to_owned(), checkout);
        capabilities.insert(
            "dev.ucp.shopping.fulfillment".to_owned(),
            json!([fulfillment]),
        );
    }
    if let Some(handlers) = profile.pointer_mut("/ucp/payment_handlers") {
        *handlers = payment_handlers(processor);
    }
}
