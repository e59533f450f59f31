//! The Agentic Commerce Protocol: every session that is read fits the release's own schema.

mod buying;
mod sessions;

use std::sync::LazyLock;

use jsonschema::Validator;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{Market, new_key};
use crate::support::api::Answer;

const VERSION: &str = "2026-04-17";
pub(super) const SESSIONS: &str = "/acp/checkout_sessions";

fn validator(definition: &str) -> Validator {
    let bundle: Value =
        serde_json::from_str(include_str!("../../../fixtures/agents/acp.json")).unwrap();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": format!("#/$defs/{definition}"),
        "$defs": bundle["$defs"],
    });
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

static SESSION: LazyLock<Validator> = LazyLock::new(|| validator("CheckoutSession"));
static SESSION_WITH_ORDER: LazyLock<Validator> =
    LazyLock::new(|| validator("CheckoutSessionWithOrder"));
static ERROR: LazyLock<Validator> = LazyLock::new(|| validator("Error"));

#[track_caller]
fn must_fit(validator: &Validator, document: &Value) {
    let errors: Vec<_> = validator
        .iter_errors(document)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
}

impl Market {
    pub(super) fn acp(&self, method: Method, path: &str, key: &str) -> RequestBuilder {
        self.app
            .request(method, path, key)
            .header("api-version", VERSION)
    }

    /// Posts with a new idempotency key.
    async fn acp_post(&self, path: &str, body: &Value) -> Answer {
        self.acp_post_with(path, &new_key(), body).await
    }

    pub(super) async fn acp_post_with(&self, path: &str, key: &str, body: &Value) -> Answer {
        let request = self.acp(Method::POST, path, &self.key);
        Answer::send(
            request
                .header("idempotency-key", key)
                .body(body.to_string()),
        )
        .await
    }

    pub(super) async fn acp_get(&self, path: &str) -> Answer {
        Answer::send(self.acp(Method::GET, path, &self.key)).await
    }

    /// A session that buys this.
    pub(super) async fn acp_session(&self, body: &Value) -> Value {
        session(&self.acp_post(SESSIONS, body).await, 201)
    }

    pub(super) async fn acp_complete(&self, id: &str, token: &str) -> Answer {
        let path = format!("{SESSIONS}/{id}/complete");
        self.acp_post(&path, &payment(token)).await
    }
}

#[track_caller]
pub(super) fn must_be_discovery(document: &Value) {
    must_fit(&validator("DiscoveryResponse"), document);
}

/// The session of an answer, which fits the schema.
#[track_caller]
pub(super) fn session(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{answer:?}");
    let session = answer.json();
    must_fit(&SESSION, &session);
    if session["status"] == "completed" {
        must_fit(&SESSION_WITH_ORDER, &session);
    }
    session
}

/// The code of an error, which fits the schema.
#[track_caller]
pub(super) fn error(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{answer:?}");
    let error = answer.json();
    must_fit(&ERROR, &error);
    error["code"].as_str().unwrap().to_owned()
}

pub(super) fn id(session: &Value) -> String {
    session["id"].as_str().unwrap().to_owned()
}

/// The codes of a session's messages with their params.
fn messages(session: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let messages = session["messages"].as_array().unwrap().iter();
    messages
        .map(|one| (text(&one["code"]), text(&one["param"])))
        .collect()
}

fn total(session: &Value, kind: &str) -> Option<i64> {
    let totals = session["totals"].as_array().unwrap();
    let found = totals.iter().find(|total| total["type"] == kind)?;
    found["amount"].as_i64()
}

pub(super) fn cups(quantity: i64) -> Value {
    json!({
        "line_items": [{"id": "acme:item-0", "quantity": quantity, "unit_amount": 1}],
        "currency": "eur",
        "capabilities": {"interventions": {"supported": ["3ds"]}},
    })
}

pub(super) fn with_buyer(mut body: Value) -> Value {
    body["buyer"] = json!({"first_name": "Ada", "last_name": "Byron", "email": "ada@example.com"});
    body["fulfillment_details"] = json!({"address": address()});
    body
}

fn address() -> Value {
    json!({"name": "Ada Byron", "line_one": "Torstraße 1", "city": "Berlin", "state": "",
           "country": "DE", "postal_code": "10119"})
}

pub(super) fn payment(token: &str) -> Value {
    json!({"payment_data": {"handler_id": "card_tokenized",
        "instrument": {"type": "card", "credential": {"type": "spt", "token": token}}}})
}
