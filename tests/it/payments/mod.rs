//! Payments: the client against the sandbox processor, over HTTP as in production.

mod faults;
mod hostile;
mod paying;
mod refunding;
mod sessions;
mod webhooks;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use buywire::testing::{
    Amount, CaptureMethod, EgressPolicy, IdempotencyKey, NamedAmount, NewSession, PaymentError,
    PaymentProcessor, PaymentSettings, ProcessorPayment, ProcessorPaymentId, Session, SessionLine,
    StripeProcessor, StripeSettings, StripeTimeouts, client_config,
};
use buywire_sandbox_processor::{SandboxHandle, SandboxOptions, WebhookOptions, start};
use buywire_schemas::ids::CheckoutId;
use buywire_schemas::money::Currency;
use reqwest::{Client, Response, redirect};
use serde_json::{Value, json};
use time::OffsetDateTime;

const KEY: &str = "sk_test_sandbox";
const SECRET: &str = "whsec_0123456789abcdef";
/// What a buyer types.
const GOOD: &str = "4242424242424242";

/// A processor of its own for each test, and our client for it.
struct Sandbox {
    _handle: SandboxHandle,
    address: SocketAddr,
    settings: StripeSettings,
    processor: Box<dyn PaymentProcessor>,
    browser: Client,
}

impl Sandbox {
    fn start() -> Self {
        Self::start_with(KEY, StripeTimeouts::default(), None)
    }

    fn start_with(key: &str, timeouts: StripeTimeouts, webhook_url: Option<String>) -> Self {
        let webhook = webhook_url.map(|url| WebhookOptions {
            url,
            secret: SECRET.to_owned(),
        });
        let handle = start(SandboxOptions {
            webhook,
            ..SandboxOptions::default()
        });
        let handle = handle.unwrap();
        let address = handle.address();
        let settings = settings(key, &format!("http://{address}"));
        let processor = StripeProcessor::open(&settings, EgressPolicy::default(), timeouts);
        let browser = Client::builder()
            .tls_backend_preconfigured(client_config().unwrap())
            .redirect(redirect::Policy::none());
        Self {
            _handle: handle,
            address,
            settings,
            processor: Box::new(processor.unwrap()),
            browser: browser.build().unwrap(),
        }
    }

    async fn open(&self, new: &NewSession) -> Session {
        self.processor.create_session(new, &key()).await.unwrap()
    }

    /// Sends the hosted page's form, as a browser does.
    async fn pay(&self, session: &Session, card: &str) -> Response {
        let form = format!(
            "cc-number={card}&cc-exp=12/34&cc-csc=123&cc-name=Ada+Byron&email=ada@example.com"
        );
        self.submit(session.url.as_deref().unwrap(), form).await
    }

    async fn submit(&self, url: &str, form: String) -> Response {
        let request = self.browser.post(url).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.send().await.unwrap()
    }

    /// A session that is paid, and its payment.
    async fn paid(&self, capture: CaptureMethod, card: &str) -> ProcessorPayment {
        let session = self.open(&new_session(capture)).await;
        assert_eq!(self.pay(&session, card).await.status(), 303);
        let session = self.processor.session(&session.id).await.unwrap();
        session.payment.unwrap()
    }

    async fn payment(&self, id: &ProcessorPaymentId) -> ProcessorPayment {
        self.processor.payment(id).await.unwrap()
    }

    async fn control(&self, path: &str, order: &Value) {
        let url = format!("http://{}/_control/{path}", self.address);
        let request = self.browser.post(url).body(order.to_string());
        let reply = request.send().await.unwrap();
        assert!(
            reply.status().is_success(),
            "{}",
            reply.text().await.unwrap()
        );
    }

    async fn fault(&self, on: &str, kind: &str, ms: u64) {
        let order = json!({"on": on, "kind": kind, "ms": ms});
        self.control("faults", &order).await;
    }

    /// How many objects of a kind there are.
    async fn count(&self, path: &str) -> usize {
        let url = format!("http://{}{path}", self.address);
        let reply = self.browser.get(url).bearer_auth(KEY).send().await.unwrap();
        let list: Value = serde_json::from_str(&reply.text().await.unwrap()).unwrap();
        list["data"].as_array().unwrap().len()
    }
}

fn settings(key: &str, url: &str) -> StripeSettings {
    let settings = PaymentSettings {
        stripe_key_file: None,
        stripe_webhook_secret_file: None,
        payments: "sandbox".to_owned(),
        stripe_key: Some(key.to_owned()),
        stripe_webhook_secret: vec![SECRET.to_owned()],
        stripe_url: url.to_owned(),
    };
    settings.read().unwrap().stripe.unwrap()
}

fn eur(minor: i64) -> Amount {
    let currency = Currency::parse("EUR").unwrap();
    Amount { minor, currency }
}

/// Three for 10.00, which has no unit price, two for 58.00, shipping and tax: 78.90.
fn new_session(capture: CaptureMethod) -> NewSession {
    let line = |title: &str, quantity, amount| SessionLine {
        title: title.to_owned(),
        quantity,
        amount,
    };
    let named = |title: &str, amount| NamedAmount {
        title: title.to_owned(),
        amount,
    };
    NewSession {
        checkout_id: CheckoutId::generate(),
        amount: 7_890,
        currency: eur(0).currency,
        lines: vec![line("Sticker", 3, 1_000), line("T-shirt & mug", 2, 5_800)],
        shipping: Some(named("Standard", 490)),
        tax: Some(named("VAT", 600)),
        success_url: "http://127.0.0.1:9/o/token".to_owned(),
        cancel_url: "http://127.0.0.1:9/b/post".to_owned(),
        customer_email: Some("ada@example.com".to_owned()),
        locale: Some("de".to_owned()),
        expires_at: OffsetDateTime::now_utc() + Duration::from_mins(45),
        capture,
        redirect: None,
        instructions: None,
        description: "Order".to_owned(),
        metadata: BTreeMap::from([("buywire_post", "pst_1".to_owned())]),
    }
}

fn key() -> IdempotencyKey {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    IdempotencyKey::parse(&format!("key-{number}")).unwrap()
}

#[track_caller]
fn assert_invalid_state<T: std::fmt::Debug>(result: Result<T, PaymentError>) {
    match result {
        Err(PaymentError::InvalidState { .. }) => {}
        other => panic!("{other:?}"),
    }
}
