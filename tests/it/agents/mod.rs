//! Agents: ACP and UCP over HTTP, with a real database and the sandbox processor.

mod acp;
mod finding;
mod idempotency;
mod orders;
mod rollout;
mod ucp;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use buywire_sandbox_processor::{SandboxHandle, SandboxOptions, start};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, OPERATOR};
use crate::support::app::TestApp;
use crate::support::feed::feed;

const SECRET: &str = "whsec_0123456789abcdef";

/// A gateway that sells for the partner `acme`, a processor, and an agent.
struct Market {
    app: TestApp,
    processor: SocketAddr,
    /// The agent's key.
    key: String,
    _sandbox: SandboxHandle,
}

impl Market {
    async fn open() -> Self {
        let sandbox = start(SandboxOptions::default()).unwrap();
        let processor = sandbox.address();
        let app = TestApp::start_with(|settings| {
            settings.payments.payments = "sandbox".to_owned();
            settings.payments.stripe_key = Some("sk_test_sandbox".to_owned());
            settings.payments.stripe_webhook_secret = vec![SECRET.to_owned()];
            settings.payments.stripe_url = format!("http://{processor}");
        })
        .await;
        let market = Self {
            key: String::new(),
            app,
            processor,
            _sandbox: sandbox,
        };
        market.sell("acme", &taxes(true)).await;
        let key = market.agent("shopping agent").await;
        Self { key, ..market }
    }

    /// A partner with four cups at 10.00 EUR each.
    async fn sell(&self, partner: &str, taxes: &Value) {
        self.app.partner(partner).await;
        self.app.push(partner, feed(4).csv()).await;
        for (setting, body) in [
            ("shipping", shipping()),
            ("taxes", taxes.clone()),
            ("policy", policy()),
        ] {
            let path = format!("/v1/partners/{partner}/{setting}");
            let request = self.app.request(Method::PUT, &path, OPERATOR);
            let answer = Answer::send(request.body(body.to_string())).await;
            assert_eq!(answer.status, 200, "{answer:?}");
        }
    }

    async fn agent(&self, label: &str) -> String {
        let body = json!({"role": "agent", "label": label});
        let answer = self.app.post("/v1/keys", OPERATOR, &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["key"].as_str().unwrap().to_owned()
    }

    async fn set_stock(&self, item: &str, total: i64) {
        let path = format!("/v1/partners/acme/stock/{item}");
        let body = json!({"kind": "counter", "total": total});
        let request = self.app.request(Method::PUT, &path, OPERATOR);
        let answer = Answer::send(request.body(body.to_string())).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    async fn fault(&self, on: &str, kind: &str, ms: u64) {
        let body = json!({"on": on, "kind": kind, "ms": ms}).to_string();
        let url = format!("http://{}/_control/faults", self.processor);
        let reply = crate::support::api::http_client()
            .post(url)
            .body(body)
            .send()
            .await;
        assert!(reply.unwrap().status().is_success());
    }

    /// Objects of a kind at the processor.
    async fn at_processor(&self, path: &str) -> Vec<Value> {
        let url = format!("http://{}{path}", self.processor);
        let client = crate::support::api::http_client();
        let reply = client
            .get(url)
            .bearer_auth("sk_test_sandbox")
            .send()
            .await
            .unwrap();
        let list: Value = serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap();
        list["data"].as_array().unwrap().clone()
    }

    async fn count(&self, query: &str) -> i64 {
        self.app.sql.query_one(query, &[]).await.unwrap().get(0)
    }
}

/// A new idempotency key.
fn new_key() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("key-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn shipping() -> Value {
    json!({"currency": "EUR", "zones": [
        {"countries": ["DE", "FR"], "options": [
            {"id": "std", "kind": "shipping", "title": "Standard", "price": 490, "days_from": 2, "days_to": 4},
            {"id": "fast", "kind": "shipping", "title": "Express", "price": 1290}]},
        {"countries": ["US"], "options": [
            {"id": "world", "kind": "shipping", "title": "Worldwide", "price": 2490}]}]})
}

fn taxes(tax_included: bool) -> Value {
    json!({"tax_included": tax_included, "rates": [
        {"country": "DE", "rate": "19", "taxes_shipping": true, "label": "VAT"},
        {"country": "FR", "rate": "20", "taxes_shipping": true, "label": "TVA"}]})
}

fn policy() -> Value {
    json!({
        "sells_here": true,
        "seller": {"name": "Acme GmbH", "address": ["Torstraße 1", "10119 Berlin"], "country": "DE",
                   "email": "shop@acme.example"},
        "links": {"terms_of_use": "https://acme.example/terms", "privacy_policy": "https://acme.example/privacy",
                  "return_policy": "https://acme.example/returns"}
    })
}
