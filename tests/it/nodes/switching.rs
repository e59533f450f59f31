//! A kill switch set on one node stops the others: at the page, the payment and the agent, within five seconds.

use std::time::{Duration, Instant};

use buywire::testing::{MasterKeys, client_config};
use buywire_sandbox_processor::{SandboxOptions, start};
use reqwest::{Client, Method, redirect};
use serde_json::{Value, json};

use crate::checkout::{details, hidden, set_terms};
use crate::support::api::{Answer, OPERATOR};
use crate::support::feed::feed;
use crate::support::node::Node;
use crate::support::postgres::TestDatabase;

/// What the issue allows.
const STOP_MAX: Duration = Duration::from_secs(5);

/// A buyer and an agent at one node.
struct Buying<'n> {
    node: &'n Node,
    browser: Client,
    slug: String,
    agent: String,
}

impl Buying<'_> {
    async fn form(&self) -> Answer {
        let url = self.node.url(&format!("/b/{}/buy", self.slug));
        Answer::send(self.browser.get(url)).await
    }

    async fn submit(&self, email: &str) -> Answer {
        self.post("buy", details(1, email)).await
    }

    async fn post(&self, end: &str, form: String) -> Answer {
        let url = self.node.url(&format!("/b/{}/{end}", self.slug));
        let request = self.browser.post(url).body(form);
        Answer::send(request.header("content-type", "application/x-www-form-urlencoded")).await
    }

    /// A checkout with the digest of its quote.
    async fn reviewed(&self, email: &str) -> (String, String) {
        let answer = self.submit(email).await;
        let location = answer.header("location").unwrap();
        let token = location.split("checkout=").nth(1).unwrap();
        let token = token.split('&').next().unwrap().to_owned();
        let url = self
            .node
            .url(&format!("/b/{}/buy?checkout={token}", self.slug));
        let page = Answer::send(self.browser.get(url)).await;
        (token, hidden(&page.body(), "quote"))
    }

    async fn press(&self, (token, quote): &(String, String)) -> Answer {
        self.post("pay", format!("checkout={token}&quote={quote}&lang=en"))
            .await
    }

    async fn open_session(&self, key: &str) -> Answer {
        let request = self
            .node
            .api()
            .request(Method::POST, "/acp/checkout_sessions", &self.agent);
        let body = json!({
            "line_items": [{"id": "acme:item-1", "quantity": 1}],
            "currency": "eur",
            "capabilities": {},
        });
        let request = request
            .header("api-version", "2026-04-17")
            .header("idempotency-key", key);
        Answer::send(request.body(body.to_string())).await
    }
}

#[tokio::test]
async fn a_switch_set_on_one_node_stops_new_checkouts_on_another() {
    let sandbox = start(SandboxOptions::default()).unwrap();
    let database = TestDatabase::create().await;
    let (key, processor) = (
        MasterKeys::generate(),
        format!("http://{}", sandbox.address()),
    );
    let settings = [
        ("DATABASE_URL", database.url.as_str()),
        ("BUYWIRE_MASTER_KEY", &key),
        ("BUYWIRE_PAYMENTS", "sandbox"),
        ("BUYWIRE_STRIPE_KEY", "sk_test_sandbox"),
        ("BUYWIRE_STRIPE_WEBHOOK_SECRET", "whsec_0123456789abcdef"),
        ("BUYWIRE_STRIPE_URL", &processor),
    ];
    let (one, other) = (Node::start(&settings).await, Node::start(&settings).await);
    let api = one.api();
    api.partner("acme").await;
    api.push("acme", feed(5).csv()).await;
    set_terms(&api, "acme").await;
    let post = api.published("acme", "item-1", json!({})).await;
    let issued = json!({"role": "agent", "label": "agent"});
    let issued = api.post("/v1/keys", OPERATOR, &issued).await.json();
    let browser = Client::builder()
        .tls_backend_preconfigured(client_config().unwrap())
        .redirect(redirect::Policy::none());
    let buying = Buying {
        node: &other,
        browser: browser.build().unwrap(),
        slug: post["slug"].as_str().unwrap().to_owned(),
        agent: issued["key"].as_str().unwrap().to_owned(),
    };
    let reviewed = buying.reviewed("ada@example.com").await;
    assert_eq!(buying.open_session("before").await.status, 201);
    // The other node has just read that nothing is switched off.
    assert!(!is_stopped(&buying.form().await));

    let off = json!({"enabled": false, "reason": "recall"}).to_string();
    let request = api.request(Method::PUT, "/v1/switches/partner:acme", OPERATOR);
    assert_eq!(Answer::send(request.body(off)).await.status, 200);
    let set_at = Instant::now();
    while !is_stopped(&buying.form().await) {
        assert!(set_at.elapsed() < STOP_MAX, "the page still sells");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(buying.submit("bob@example.com").await.status, 409);
    let pressed = buying.press(&reviewed).await;
    assert_eq!(pressed.status, 409, "{pressed:?}");
    let session = buying.open_session("after").await;
    assert_eq!(session.status, 503, "{session:?}");
    assert!(set_at.elapsed() < STOP_MAX, "{:?}", set_at.elapsed());
    let url = format!("{processor}/v1/checkout/sessions?limit=10");
    let sessions = buying.browser.get(url).bearer_auth("sk_test_sandbox");
    let sessions: Value = Answer::send(sessions).await.json();
    assert_eq!(sessions["data"], json!([]), "nobody has paid");
}

fn is_stopped(form: &Answer) -> bool {
    assert_eq!(form.status, 200, "{form:?}");
    form.body().contains("role=\"alert\"")
}
