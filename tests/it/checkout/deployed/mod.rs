//! Buying from gateways that are processes of their own: what they log is read, and they are killed.

mod canaries;
mod contention;
mod kill_points;
mod killed;

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use buywire::testing::{MasterKeys, client_config};
use buywire_sandbox_processor::{SandboxHandle, SandboxOptions, WebhookOptions, start};
use reqwest::{Client, Method, RequestBuilder, redirect};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{DECLINED, GOOD, KEY, SECRET, form_request, hidden, listed};
use crate::mail::FROM;
use crate::mail::sink::{Sink, SinkOptions};
use crate::support::api::{Answer, Api, OPERATOR, PLATFORM};
use crate::support::feed::feed;
use crate::support::node::Node;
use crate::support::postgres::{TestDatabase, connect};
use crate::support::receiver::{DEADLINE, Receiver};

/// Gateways on one database, with everything around them. `item-1` of `acme` costs 10.00 EUR, tax included.
struct Deployment {
    nodes: Mutex<Vec<Node>>,
    addresses: Vec<String>,
    api: Api,
    sql: tokio_postgres::Client,
    database: TestDatabase,
    receiver: Receiver,
    mail: Sink,
    sandbox: SandboxHandle,
    slug: String,
    browser: Client,
}

impl Deployment {
    async fn start(nodes: usize, units: i64, settings: &[(&'static str, &str)]) -> Self {
        let database = TestDatabase::create().await;
        let (processor, mail) = (free_address(), Sink::start(SinkOptions::default()).await);
        let (url, mail_url) = (format!("http://{processor}"), mail.url());
        let own = [
            ("BUYWIRE_PAYMENTS", "sandbox"),
            ("BUYWIRE_STRIPE_KEY", KEY),
            ("BUYWIRE_STRIPE_WEBHOOK_SECRET", SECRET),
            ("BUYWIRE_STRIPE_URL", &url),
            ("BUYWIRE_SMTP_URL", &mail_url),
            ("BUYWIRE_MAIL_FROM", FROM),
        ];
        let settings = [&own, settings].concat();
        let master = MasterKeys::generate().to_string();
        let mut running = Vec::new();
        for _ in 0..nodes {
            running.push(Node::on_database_with(&database.url, &master, &settings).await);
        }
        let webhook = WebhookOptions {
            url: running[0].url("/v1/payments/sandbox/events"),
            secret: SECRET.to_owned(),
        };
        let sandbox = start(SandboxOptions {
            listen: processor,
            webhook: Some(webhook),
            ..SandboxOptions::default()
        });
        let api = running[0].api();
        let receiver = Receiver::start().await;
        let slug = open_shop(&api, &receiver, units).await;
        let browser = Client::builder()
            .tls_backend_preconfigured(client_config().unwrap())
            .redirect(redirect::Policy::none());
        Self {
            addresses: running.iter().map(|node| node.address.clone()).collect(),
            nodes: Mutex::new(running),
            api,
            sql: connect(&database.url.parse().unwrap()).await,
            database,
            receiver,
            mail,
            sandbox: sandbox.unwrap(),
            slug,
            browser: browser.build().unwrap(),
        }
    }

    /// What each gateway has logged last.
    async fn log_tails(&self) -> String {
        let nodes = self.nodes.lock().await;
        let tails: Vec<_> = nodes.iter().map(Node::log_tail).collect();
        tails.join("\n")
    }

    /// A path for buyers at a node.
    fn url(&self, node: usize, path: &str) -> String {
        let address = &self.addresses[node % self.addresses.len()];
        format!("http://{address}{path}")
    }

    /// Kills a gateway with SIGKILL and starts it again.
    async fn kill_and_run_again(&self, node: usize) {
        let mut nodes = self.nodes.lock().await;
        nodes[node].kill();
        nodes[node].run().await;
    }

    async fn page(&self, path: &str) -> Answer {
        self.page_at(0, path).await
    }

    async fn page_at(&self, node: usize, path: &str) -> Answer {
        let url = self.url(node, path);
        send_until_answered(|| self.browser.get(&url)).await
    }

    async fn post(&self, path: &str, form: &str) -> Answer {
        self.post_at(0, path, form).await
    }

    async fn post_at(&self, node: usize, path: &str, form: &str) -> Answer {
        let url = self.url(node, path);
        send_until_answered(|| form_request(self.browser.post(&url), form)).await
    }

    async fn put(&self, path: &str, body: &Value) -> Answer {
        let request = self.api.request(Method::PUT, path, OPERATOR);
        Answer::send(request.body(body.to_string())).await
    }

    /// Fills in the form. `None`: it cannot be bought any more.
    async fn fill_in(&self, node: usize, form: &str) -> Option<String> {
        let path = format!("/b/{}/buy", self.slug);
        let answer = self.post_at(node, &path, form).await;
        let token = answer.header("location")?.split("checkout=").nth(1)?;
        Some(token.split('&').next()?.to_owned())
    }

    /// The digest of the quote above the button. `None`: there is no button.
    async fn review(&self, node: usize, token: &str) -> Option<String> {
        let path = format!("/b/{}/buy?checkout={token}", self.slug);
        let page = self.page_at(node, &path).await.body();
        page.contains("name=\"quote\"")
            .then(|| hidden(&page, "quote"))
    }

    async fn press(&self, node: usize, token: &str, quote: &str) -> Answer {
        let form = format!("checkout={token}&quote={quote}&lang=en");
        self.post_at(node, &format!("/b/{}/pay", self.slug), &form)
            .await
    }

    /// Fills in the form, reviews it and presses the button. Returns the checkout's token and the processor's page.
    async fn begin(&self, email: &str) -> Option<(String, String)> {
        let token = self.fill_in(0, &super::details(1, email)).await?;
        let quote = self.review(0, &token).await?;
        let pressed = self.press(0, &token, &quote).await;
        let page = pressed.header("location")?.to_owned();
        self.is_at_processor(&page).then_some((token, page))
    }

    fn is_at_processor(&self, url: &str) -> bool {
        url.starts_with(&format!("http://{}", self.sandbox.address()))
    }

    async fn pay_at(&self, page: &str, card: &str) -> Answer {
        let form = format!(
            "cc-number={card}&cc-exp=12/34&cc-csc=123&cc-name=Ada+Byron&email=ada@example.com"
        );
        Answer::send(form_request(self.browser.post(page), &form)).await
    }

    async fn fault(&self, on: &str, kind: &str, times: u32, ms: u64) {
        let fault = json!({"on": on, "kind": kind, "times": times, "ms": ms});
        let url = format!("http://{}/_control/faults", self.sandbox.address());
        let answer = Answer::send(self.browser.post(url).body(fault.to_string())).await;
        assert_eq!(answer.status, 201, "{}", answer.body());
    }

    async fn at_processor(&self, path: &str) -> Vec<Value> {
        let url = listed(self.sandbox.address(), path);
        loop {
            let request = self.browser.get(&url).bearer_auth(KEY);
            let list = Answer::send(request).await.json();
            // Else a fault that was meant for the gateway.
            if let Some(data) = list["data"].as_array() {
                return data.clone();
            }
        }
    }

    /// A list of the API, as the platform reads it.
    async fn list(&self, path: &str) -> Vec<Value> {
        let all = self.api.get(&format!("{path}?limit=100"), PLATFORM).await;
        all.json()["data"].as_array().unwrap().clone()
    }

    async fn stock(&self) -> Value {
        let path = "/v1/partners/acme/stock/item-1";
        self.api.get(path, OPERATOR).await.json()
    }

    async fn execute(&self, sql: &str) {
        self.sql.execute(sql, &[]).await.unwrap();
    }

    async fn count(&self, sql: &str) -> i64 {
        self.sql.query_one(sql, &[]).await.unwrap().get(0)
    }

    async fn wait_for_count(&self, sql: &str, expected: i64) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let count = self.count(sql).await;
            if count == expected {
                return;
            }
            assert!(Instant::now() < deadline, "{sql}: {count}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Reads the order page until it says this.
    async fn wait_for_words(&self, token: &str, words: &str) -> String {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let page = self.page(&format!("/o/{token}?lang=en")).await.body();
            if page.contains(words) {
                return page;
            }
            assert!(Instant::now() < deadline, "{words}: {page}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A partner that sells here, hears of its orders, and has a post of its item. Returns the post's slug.
async fn open_shop(api: &Api, receiver: &Receiver, units: i64) -> String {
    api.partner("acme").await;
    api.push("acme", feed(5).csv()).await;
    for (setting, body) in super::terms() {
        let path = format!("/v1/partners/acme/{setting}");
        let request = api.request(Method::PUT, &path, OPERATOR);
        let answer = Answer::send(request.body(body.to_string())).await;
        assert_eq!(answer.status, 200, "{}", answer.body());
    }
    api.set_stock("acme", "item-1", json!({"kind": "counter", "total": units}))
        .await;
    api.endpoint("acme", receiver).create().await;
    let post = api.published("acme", "item-1", json!({})).await;
    post["slug"].as_str().unwrap().to_owned()
}

/// A buyer whose connection breaks tries again.
async fn send_until_answered(request: impl Fn() -> RequestBuilder) -> Answer {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(answer) = Answer::try_send(request()).await {
            return answer;
        }
        assert!(Instant::now() < deadline, "nobody answers");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}
