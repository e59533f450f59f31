//! The pages of the checkout: a reader buys from a post.

mod stories;

use buywire::testing::{PaymentSettings, client_config};
use buywire_sandbox_processor::{SandboxHandle, SandboxOptions, start};
use std::time::Duration;

use reqwest::{Client, Method, redirect};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::api::{Answer, OPERATOR};
use crate::support::app::TestApp;
use crate::support::feed::feed;
use crate::support::receiver::DEADLINE;

/// A gateway with a processor of its own, a partner that sells here, and a post of its first item.
struct Shop {
    app: TestApp,
    post: Value,
    /// It follows no redirect.
    browser: Client,
    _sandbox: SandboxHandle,
}

impl Shop {
    async fn open() -> Self {
        let sandbox = start(SandboxOptions::default()).unwrap();
        let payments = PaymentSettings {
            stripe_key_file: None,
            stripe_webhook_secret_file: None,
            payments: "sandbox".to_owned(),
            stripe_key: Some("sk_test_sandbox".to_owned()),
            stripe_webhook_secret: vec!["whsec_0123456789abcdef".to_owned()],
            stripe_url: format!("http://{}", sandbox.address()),
        };
        let app = TestApp::start_with(|settings| settings.payments = payments).await;
        app.partner("acme").await;
        app.push("acme", feed(2).csv()).await;
        let browser = Client::builder()
            .tls_backend_preconfigured(client_config().unwrap())
            .redirect(redirect::Policy::none());
        let shop = Self {
            browser: browser.build().unwrap(),
            post: app
                .published("acme", "item-0", json!({"publish": []}))
                .await,
            app,
            _sandbox: sandbox,
        };
        shop.set("shipping", &shipping()).await;
        shop.set("taxes", &taxes()).await;
        shop.set("policy", &policy(true)).await;
        shop
    }

    /// Sets what the partner states about selling.
    async fn set(&self, setting: &str, body: &Value) {
        let path = format!("/v1/partners/acme/{setting}");
        let request = self.app.request(Method::PUT, &path, OPERATOR);
        let answer = Answer::send(request.body(body.to_string())).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    fn path(&self, end: &str) -> String {
        format!("/b/{}{end}", self.post["slug"].as_str().unwrap())
    }

    async fn get(&self, path: &str) -> Answer {
        let request = self.browser.get(format!("{}{path}", self.app.base_url()));
        Answer::send(request).await
    }

    /// Submits a form, as a browser does.
    async fn submit(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = self.browser.post(format!("{}{path}", self.app.base_url()));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        Answer::send(request.body(body)).await
    }

    /// Fills in the form and returns the token of the checkout.
    async fn begin(&self) -> String {
        let answer = self.submit(&self.path("/buy"), &BUYER).await;
        assert_eq!(answer.status, 303, "{}", text(&answer));
        let (_, token) = location(&answer).split_once("checkout=").unwrap();
        token.split('&').next().unwrap().to_owned()
    }

    async fn review(&self, token: &str) -> Answer {
        self.get(&self.path(&format!("/buy?checkout={token}&lang=en")))
            .await
    }

    /// Presses the button of a review.
    async fn pay(&self, token: &str, review: &Answer) -> Answer {
        let page = text(review);
        let form = [
            ("checkout", token),
            ("quote", &hidden(&page, "quote")),
            ("total", &hidden(&page, "total")),
            ("delivery", "std"),
            ("lang", "en"),
        ];
        self.submit(&self.path("/pay"), &form).await
    }

    /// Reads the order page until it says this: the processor is asked every other second.
    async fn wait_for(&self, token: &str, words: &str) -> String {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let page = self.order_page(token).await;
            if page.contains(words) {
                return page;
            }
            assert!(Instant::now() < deadline, "{words}: {page}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn order_page(&self, token: &str) -> String {
        let answer = self.get(&format!("/o/{token}?lang=en")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        text(&answer)
    }
}

const BUYER: [(&str, &str); 9] = [
    ("lang", "en"),
    ("action", "continue"),
    ("quantity", "2"),
    ("email", "ada@example.com"),
    ("name", "Ada Byron"),
    ("country", "FR"),
    ("line1", "12 rue de la Paix"),
    ("postal_code", "75002"),
    ("city", "Paris"),
];

/// The form with another value for a field.
fn buyer_with<'a>(field: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let changed = |(name, old): (&'a str, &'a str)| (name, if name == field { value } else { old });
    BUYER.into_iter().map(changed).collect()
}

fn shipping() -> Value {
    json!({"currency": "EUR", "zones": [{"countries": ["FR"], "options": [
        {"id": "std", "kind": "shipping", "title": "Standard", "price": 490},
        {"id": "fast", "kind": "shipping", "title": "Express", "price": 1200}]}]})
}

fn taxes() -> Value {
    json!({"tax_included": true, "rates": [
        {"country": "FR", "rate": "20", "taxes_shipping": true, "label": "TVA"}]})
}

fn policy(sells_here: bool) -> Value {
    json!({
        "sells_here": sells_here,
        "seller": {"name": "Acme GmbH", "address": ["Torstraße 1", "10119 Berlin"], "country": "DE",
                   "email": "shop@acme.example"},
        "links": {"terms_of_use": "https://acme.example/terms", "privacy_policy": "https://acme.example/privacy"}
    })
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.bytes.clone()).unwrap()
}

fn location(answer: &Answer) -> &str {
    answer.header("location").unwrap()
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = page
        .split_once(&start)
        .unwrap_or_else(|| panic!("no {name}: {page}"));
    rest.split('"').next().unwrap().to_owned()
}
