//! Webhook endpoints over the API: where events go.

use serde_json::{Value, json};

use super::call::ApiCall;
use super::error::ApiError;
use super::lists::page;
use super::params::{list, text};
use crate::clock::{new_id, random_text};
use crate::objects;
use crate::store::{Store, WebhookEndpoint};
use crate::webhooks::Target;

/// `POST /v1/webhook_endpoints`. The secret is shown here alone.
pub(super) fn create(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let url = text(&call.params, "/url").unwrap_or_default();
    if Target::parse(url).is_none() {
        let message = "Invalid url: the sandbox sends to http on this machine only, such as http://127.0.0.1:8080/hook.";
        return Err(ApiError::parameter(Some("url_invalid"), "url", message));
    }
    let enabled = list(&call.params, "/enabled_events").iter();
    let endpoint = WebhookEndpoint {
        id: new_id("we_"),
        created: call.now_s,
        url: url.to_owned(),
        secret: format!("whsec_{}", random_text(32)),
        enabled_events: enabled
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        params: call.params.clone(),
        is_deleted: false,
    };
    let document = objects::webhook_endpoint(&endpoint, true);
    store.endpoints.insert(&endpoint.id.clone(), endpoint);
    Ok(document)
}

/// `GET /v1/webhook_endpoints`
pub(super) fn list_all(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let passes = |endpoint: &WebhookEndpoint| !endpoint.is_deleted;
    let render = |endpoint: &WebhookEndpoint| objects::webhook_endpoint(endpoint, false);
    page(call, store.endpoints.newest_first(), passes, render)
}

/// `GET /v1/webhook_endpoints/{webhook_endpoint}`
pub(super) fn retrieve(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let endpoint = store.endpoints.get(call.id());
    let endpoint = endpoint.filter(|endpoint| !endpoint.is_deleted);
    let endpoint = endpoint.ok_or_else(no_endpoint)?;
    Ok(objects::webhook_endpoint(endpoint, false))
}

/// `DELETE /v1/webhook_endpoints/{webhook_endpoint}`
pub(super) fn delete(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let endpoint = store.endpoints.get_mut(call.id());
    let endpoint = endpoint.filter(|endpoint| !endpoint.is_deleted);
    let endpoint = endpoint.ok_or_else(no_endpoint)?;
    endpoint.is_deleted = true;
    Ok(json!({"id": endpoint.id, "object": "webhook_endpoint", "deleted": true}))
}

fn no_endpoint() -> ApiError {
    ApiError::no_object("webhook endpoint", "webhook_endpoint")
}
