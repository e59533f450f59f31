//! A gateway's HTTP API in the domain's words, wherever the gateway runs.

use std::time::{Duration, Instant};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

use super::endpoint::EndpointDraft;
use super::order::OrderDraft;
use super::receiver::{DEADLINE, Receiver};

pub(crate) const OPERATOR: &str = "bw_operator_of_the_tests_0123456789abcdef";
pub(crate) const PLATFORM: &str = "bw_platform_of_the_tests_0123456789abcdef";
/// The slug of the reserved partner of the platform and the operators.
pub(crate) const PLATFORM_SLUG: &str = "platform";

#[derive(Clone)]
pub(crate) struct Api {
    http: reqwest::Client,
    base: String,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) bytes: Vec<u8>,
}

impl Api {
    pub(crate) fn new(address: impl ToString) -> Self {
        Self {
            http: http_client(),
            base: format!("http://{}", address.to_string()),
        }
    }

    /// Creates a partner and returns its slug.
    pub(crate) async fn partner(&self, slug: &str) -> String {
        let body = json!({"slug": slug, "name": slug, "adapter": "standard"});
        let answer = self.post("/v1/partners", OPERATOR, &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        slug.to_owned()
    }

    /// Creates a partner with a dialect.
    pub(crate) async fn partner_with_adapter(&self, slug: &str, adapter: &str) {
        let body = json!({"slug": slug, "name": slug, "adapter": adapter});
        let answer = self.post("/v1/partners", OPERATOR, &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }

    /// Waits until a delivery is delivered and returns its document.
    pub(crate) async fn wait_until_delivered(&self, path: &str) -> Value {
        let begun = Instant::now();
        loop {
            let page = self.get(path, OPERATOR).await.json();
            if page["status"] == "delivered" {
                return page;
            }
            assert!(begun.elapsed() < DEADLINE, "{page}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Issues a key for a partner.
    pub(crate) async fn partner_key(&self, slug: &str) -> String {
        let path = format!("/v1/partners/{slug}/keys");
        let answer = self
            .post(&path, OPERATOR, &json!({"label": "its own"}))
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["key"].as_str().unwrap().to_owned()
    }

    /// An endpoint of a partner at a receiver, subscribed to everything by default.
    pub(crate) fn endpoint(&self, partner: impl AsRef<str>, receiver: &Receiver) -> EndpointDraft {
        EndpointDraft::new(self.clone(), partner.as_ref(), &receiver.url())
    }

    /// A request of any kind, with a key.
    pub(crate) fn request(&self, method: Method, path: &str, key: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(key)
    }

    /// A request without a key.
    pub(crate) fn unauthenticated_request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    pub(crate) fn base_url(&self) -> &str {
        &self.base
    }

    /// Posts JSON.
    pub(crate) async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.post_bytes(path, key, body.to_string()).await
    }

    /// Posts any bytes.
    pub(crate) async fn post_bytes(
        &self,
        path: &str,
        key: &str,
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        Answer::send(self.request(Method::POST, path, key).body(body)).await
    }

    pub(crate) async fn get(&self, path: &str, key: &str) -> Answer {
        Answer::send(self.request(Method::GET, path, key)).await
    }

    /// Posts an order's body as the platform.
    pub(crate) async fn post_order(&self, body: &Value) -> Answer {
        self.post("/v1/orders", PLATFORM, body).await
    }

    /// Posts an order that must be accepted and returns the receipt.
    pub(crate) async fn order(&self, order: &OrderDraft) -> Value {
        let answer = self.post_order(&order.json()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }

    /// Cancels an order by either id.
    pub(crate) async fn cancel(&self, order: &str) -> Answer {
        let path = format!("/v1/orders/{order}/cancel");
        self.post_bytes(&path, PLATFORM, "").await
    }

    /// Refunds a part of an order.
    pub(crate) async fn refund(&self, order: &str, refund: &Value) -> Answer {
        let path = format!("/v1/orders/{order}/refunds");
        self.post(&path, PLATFORM, refund).await
    }

    /// Redacts an order.
    pub(crate) async fn redact(&self, order: &str) -> Answer {
        let path = format!("/v1/orders/{order}/redact");
        let reason = json!({"reason": "the buyer asked for it"});
        self.post(&path, PLATFORM, &reason).await
    }
}

impl Answer {
    /// Sends a request and returns any answer.
    pub(crate) async fn send(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        Self::read(response).await.unwrap()
    }

    /// The same. `None`: the connection broke.
    pub(crate) async fn try_send(request: RequestBuilder) -> Option<Self> {
        let response = request.send().await.ok()?;
        Self::read(response).await.ok()
    }

    async fn read(response: reqwest::Response) -> reqwest::Result<Self> {
        let headers = response.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        Ok(Self {
            status: response.status().as_u16(),
            headers: headers.collect(),
            bytes: response.bytes().await?.to_vec(),
        })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(given, _)| given == name);
        found.next().map(|(_, value)| value.as_str())
    }

    pub(crate) fn body(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|_| panic!("not JSON: {:?}", String::from_utf8_lossy(&self.bytes)))
    }

    /// Asserts that this is a problem of that status and type. Returns its `errors` as (pointer, code).
    pub(crate) fn problem(&self, status: u16, kind: &str) -> Vec<(String, String)> {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{kind}"), "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .map(|error| (text(&error["pointer"]), text(&error["code"])))
            .collect()
    }
}

/// The id of the only delivery of a receipt.
pub(crate) fn only_delivery(receipt: &Value) -> &str {
    let deliveries = receipt["events"][0]["deliveries"].as_array().unwrap();
    assert_eq!(deliveries.len(), 1, "{receipt}");
    deliveries[0].as_str().unwrap()
}

/// The UUID in an id, as the tables have it.
pub(crate) fn uuid_of(id: &str) -> Uuid {
    id.rsplit_once('_').unwrap().1.parse().unwrap()
}

/// A plain HTTP client, independent of the gateway's.
pub(crate) fn http_client() -> reqwest::Client {
    reqwest::Client::builder()
        .tls_backend_preconfigured(buywire::testing::client_config().unwrap())
        .no_proxy()
        .build()
        .unwrap()
}
