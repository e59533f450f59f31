//! Buying: from the post's button to the confirmed order, over HTTP as browsers and the processor do it.

mod after_order;
mod commands;
mod deployed;
mod interleavings;
mod invoices;
mod outcomes;
mod paying;
mod redirects;
mod retrying;
mod rollout;
mod settling;
mod switches;
mod uncertain;

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use buywire::testing::client_config;
use buywire_sandbox_processor::{SandboxHandle, SandboxOptions, WebhookOptions, start};
use reqwest::{Client, Method, redirect};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::mail::FROM;
use crate::mail::sink::{Sink, TakenMail};
use crate::support::api::{Answer, Api, OPERATOR, PLATFORM};
use crate::support::app::TestApp;
use crate::support::feed::feed;
use crate::support::receiver::{DEADLINE, Receiver};

const KEY: &str = "sk_test_sandbox";
const SECRET: &str = "whsec_0123456789abcdef";

/// What a buyer types on the processor's page.
pub(super) const GOOD: &str = "4242424242424242";
pub(super) const DECLINED: &str = "4000000000000002";

/// A shop that sells here, a processor, and a partner that receives the orders.
pub(super) struct Shop {
    pub(super) app: TestApp,
    pub(super) receiver: Receiver,
    pub(super) slug: String,
    sandbox: SandboxHandle,
    browser: Client,
}

/// How a shop differs from most.
pub(super) struct ShopOptions {
    /// Whether the processor's webhooks arrive.
    pub(super) has_webhooks: bool,
    /// As in `BUYWIRE_PAYMENTS`.
    pub(super) processors: &'static str,
    /// Where mails go.
    pub(super) smtp_url: Option<String>,
}

impl Default for ShopOptions {
    fn default() -> Self {
        Self {
            has_webhooks: true,
            processors: "sandbox",
            smtp_url: None,
        }
    }
}

/// A checkout as its buyer has it.
pub(super) struct Cart<'s> {
    shop: &'s Shop,
    pub(super) token: String,
}

impl Shop {
    /// `item-1` of `acme` at 10.00 EUR, tax included, with so many units.
    pub(super) async fn start(units: i64) -> Self {
        Self::start_with(units, true).await
    }

    /// The same; without webhooks, the return page and the reconciler must do.
    pub(super) async fn start_with(units: i64, has_webhooks: bool) -> Self {
        let options = ShopOptions {
            has_webhooks,
            ..ShopOptions::default()
        };
        Self::start_as(units, options).await
    }

    /// The same with other options.
    pub(super) async fn start_as(units: i64, options: ShopOptions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let webhook = options.has_webhooks.then(|| WebhookOptions {
            url: format!("http://{address}/v1/payments/sandbox/events"),
            secret: SECRET.to_owned(),
        });
        let sandbox = start(SandboxOptions {
            webhook,
            ..SandboxOptions::default()
        });
        let sandbox = sandbox.unwrap();
        let processor = format!("http://{}", sandbox.address());
        let app = TestApp::start_with(|settings| {
            settings.listen = address;
            settings.payments.payments = options.processors.to_owned();
            settings.payments.stripe_key = Some(KEY.to_owned());
            settings.payments.stripe_webhook_secret = vec![SECRET.to_owned()];
            settings.payments.stripe_url = processor;
            settings.mail.mail_from = options.smtp_url.as_ref().map(|_| FROM.to_owned());
            settings.mail.smtp_url = options.smtp_url;
        });
        let app = app.await;
        app.partner("acme").await;
        app.push("acme", feed(5).csv()).await;
        set_terms(&app, "acme").await;
        app.set_stock("acme", "item-1", json!({"kind": "counter", "total": units}))
            .await;
        let receiver = Receiver::start().await;
        app.endpoint("acme", &receiver).create().await;
        let post = app.published("acme", "item-1", json!({})).await;
        let browser = Client::builder()
            .tls_backend_preconfigured(client_config().unwrap())
            .redirect(redirect::Policy::none());
        Self {
            receiver,
            slug: post["slug"].as_str().unwrap().to_owned(),
            app,
            sandbox,
            browser: browser.build().unwrap(),
        }
    }

    /// Fills in the form, as a buyer does who lives in France.
    pub(super) async fn fill_in(&self, quantity: i64, email: &str) -> Cart<'_> {
        let answer = self
            .post(&format!("/b/{}/buy", self.slug), &details(quantity, email))
            .await;
        assert_eq!(answer.status, 303, "{}", answer.body());
        let location = answer.header("location").unwrap().to_owned();
        let token = location.split("checkout=").nth(1).unwrap();
        let token = token.split('&').next().unwrap().to_owned();
        Cart { shop: self, token }
    }

    /// Reads a page.
    pub(super) async fn page(&self, path: &str) -> Answer {
        let request = self.browser.get(format!("{}{path}", self.app.base_url()));
        Answer::send(request).await
    }

    /// Submits a form.
    pub(super) async fn post(&self, path: &str, form: &str) -> Answer {
        let request = self.browser.post(format!("{}{path}", self.app.base_url()));
        Answer::send(form_request(request, form)).await
    }

    /// Pays on the processor's page.
    pub(super) async fn pay_at(&self, page: &str, card: &str) -> Answer {
        let form = format!(
            "cc-number={card}&cc-exp=12/34&cc-csc=123&cc-name=Ada+Byron&email=ada@example.com"
        );
        Answer::send(form_request(self.browser.post(page), &form)).await
    }

    /// Pays at the bank that the processor's page leads to; `outcome` is what the bank does.
    pub(super) async fn pay_at_bank(&self, page: &str, outcome: &str) -> Answer {
        let form = "method=ideal&email=ada@example.com";
        let chosen = Answer::send(form_request(self.browser.post(page), form)).await;
        let Some(bank) = chosen.header("location") else {
            return chosen;
        };
        let bank = format!("http://{}{bank}", self.sandbox.address());
        let outcome = format!("outcome={outcome}");
        Answer::send(form_request(self.browser.post(bank), &outcome)).await
    }

    /// Makes something go wrong at the processor.
    pub(super) async fn fault(&self, on: &str, kind: &str, times: u32, ms: u64) {
        let fault = json!({"on": on, "kind": kind, "times": times, "ms": ms});
        self.control("faults", &fault).await;
    }

    pub(super) async fn control(&self, path: &str, order: &Value) -> Value {
        let url = format!("http://{}/_control/{path}", self.sandbox.address());
        let answer = Answer::send(self.browser.post(url).body(order.to_string())).await;
        assert!((200..300).contains(&answer.status), "{}", answer.body());
        serde_json::from_str(&answer.body()).unwrap_or_default()
    }

    /// What the processor has of a kind.
    pub(super) async fn at_processor(&self, path: &str) -> Vec<Value> {
        let url = listed(self.sandbox.address(), path);
        loop {
            let answer = Answer::send(self.browser.get(&url).bearer_auth(KEY)).await;
            // Else a fault that was meant for the gateway.
            if let Some(data) = answer.json()["data"].as_array() {
                return data.clone();
            }
        }
    }

    /// The requests that the processor has received.
    pub(super) async fn recorded_requests(&self) -> Vec<Value> {
        let url = format!("http://{}/_control/requests", self.sandbox.address());
        let answer = Answer::send(self.browser.get(url)).await;
        answer.json()["data"].as_array().unwrap().clone()
    }

    /// The only checkout, as the platform reads it.
    pub(super) async fn only_checkout(&self) -> Value {
        let all = self.app.get("/v1/checkouts", PLATFORM).await.json();
        let all = all["data"].as_array().unwrap().clone();
        assert_eq!(all.len(), 1, "{all:?}");
        all.into_iter().next().unwrap()
    }

    /// Checkouts that are being paid.
    pub(super) async fn paying(&self) -> usize {
        let all = self.app.get("/v1/checkouts?state=paying", PLATFORM).await;
        all.json()["data"].as_array().unwrap().len()
    }

    pub(super) async fn stock(&self) -> Value {
        self.app
            .get("/v1/partners/acme/stock/item-1", OPERATOR)
            .await
            .json()
    }

    pub(super) async fn put(&self, path: &str, body: Value) -> Answer {
        let request = self.app.request(Method::PUT, path, OPERATOR);
        Answer::send(request.body(body.to_string())).await
    }
}

impl Cart<'_> {
    /// The path of the review.
    pub(super) fn review_path(&self) -> String {
        format!("/b/{}/buy?checkout={}", self.shop.slug, self.token)
    }

    /// Reads the review. Returns the digest of the quote above the button.
    pub(super) async fn review(&self) -> String {
        let page = self.shop.page(&self.review_path()).await;
        assert_eq!(page.status, 200, "{}", page.body());
        hidden(&page.body(), "quote")
    }

    /// Presses the button.
    pub(super) async fn press(&self, quote: &str) -> Answer {
        self.press_with(quote, "").await
    }

    /// Presses the button with more of the form, such as `&method=ideal`.
    pub(super) async fn press_with(&self, quote: &str, more: &str) -> Answer {
        let form = format!("checkout={}&quote={quote}&lang=en{more}", self.token);
        self.shop
            .post(&format!("/b/{}/pay", self.shop.slug), &form)
            .await
    }

    /// Reviews, presses the button and returns the processor's page.
    pub(super) async fn begin(&self) -> String {
        self.begin_with("").await
    }

    /// The same, with more of the form.
    pub(super) async fn begin_with(&self, more: &str) -> String {
        let quote = self.review().await;
        let answer = self.press_with(&quote, more).await;
        assert_eq!(answer.status, 303, "{}", answer.body());
        let page = answer.header("location").unwrap().to_owned();
        assert!(
            page.contains(&self.shop.sandbox.address().to_string()),
            "{page}"
        );
        page
    }

    pub(super) async fn order_page(&self) -> Answer {
        self.shop.page(&format!("/o/{}", self.token)).await
    }

    /// Reads the order page until it says this.
    pub(super) async fn wait_for(&self, words: &str) -> String {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let page = self.order_page().await;
            assert_eq!(page.status, 200, "{}", page.body());
            if page.body().contains(words) {
                return page.body();
            }
            assert!(Instant::now() < deadline, "{words}: {}", page.body());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Waits for so many mails with these words in their subject.
pub(super) async fn mails(sink: &Sink, subject: &str, count: usize) -> Vec<TakenMail> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let mut taken = sink.mails();
        taken.retain(|mail| {
            let mut lines = mail.message.lines();
            lines.any(|line| line.starts_with("Subject:") && line.contains(subject))
        });
        if taken.len() >= count {
            return taken;
        }
        assert!(
            Instant::now() < deadline,
            "{subject}: {} of {count}",
            taken.len()
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Lets a partner sell here: France pays 20 % within the price, delivery costs 4.90.
pub(crate) async fn set_terms(api: &Api, partner: &str) {
    for (kind, body) in terms() {
        let path = format!("/v1/partners/{partner}/{kind}");
        let request = api.request(Method::PUT, &path, OPERATOR);
        let answer = Answer::send(request.body(body.to_string())).await;
        assert_eq!(answer.status, 200, "{}", answer.body());
    }
}

fn terms() -> [(&'static str, Value); 3] {
    let option = json!({"id": "standard", "kind": "shipping", "title": "Standard", "price": 490});
    let rate = json!({"country": "FR", "rate": "20", "taxes_shipping": true, "label": "TVA"});
    [
        (
            "shipping",
            json!({"currency": "EUR", "zones": [{"countries": ["FR"], "options": [option]}]}),
        ),
        ("taxes", json!({"tax_included": true, "rates": [rate]})),
        ("policy", policy(json!({}))),
    ]
}

/// Acme's selling policy, with more members.
pub(super) fn policy(more: Value) -> Value {
    let mut policy = json!({
        "sells_here": true,
        "seller": {"name": "Acme", "address": ["1 rue X", "75001 Paris"], "country": "FR", "email": "shop@acme.example"},
        "links": {"terms_of_use": "https://acme.example/terms", "privacy_policy": "https://acme.example/privacy"},
    });
    let more = more.as_object().unwrap().clone();
    policy.as_object_mut().unwrap().extend(more);
    policy
}

/// The form of a buyer in France.
pub(crate) fn details(quantity: i64, email: &str) -> String {
    let email = email.replace('@', "%40").replace('+', "%2B");
    format!(
        "option=item-1&quantity={quantity}&email={email}&name=Ada+Byron&country=FR\
         &line1=1+rue+de+la+Paix&postal_code=75002&city=Paris&lang=en&action=continue"
    )
}

/// The value of a hidden field.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let field = page.split(&format!("name=\"{name}\"")).nth(1);
    let field = field.unwrap_or_else(|| panic!("no field {name}: {page}"));
    field
        .split("value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

/// Where a processor lists what it has of a kind.
fn listed(processor: SocketAddr, path: &str) -> String {
    let and = if path.contains('?') { '&' } else { '?' };
    format!("http://{processor}{path}{and}limit=100")
}

fn form_request(request: reqwest::RequestBuilder, form: &str) -> reqwest::RequestBuilder {
    request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned())
}
