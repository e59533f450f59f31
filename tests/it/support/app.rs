//! A whole gateway in this process, on a database and a port of its own, spoken to over HTTP.
//!
//! Its verbs are those of the domain. `finish` ends a story in which everything was to arrive: it
//! fails when a delivery is still open.

use std::net::SocketAddr;
use std::sync::Arc;

use buywire::boot::Gateway;
use buywire::config::{LogFormat, Settings};
use buywire::signing::seal::MasterKeys;
use buywire_schemas::ids::PartnerId;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use tokio_postgres::Client;
use uuid::Uuid;

use super::endpoint::{EndpointDraft, Partner};
use super::order::OrderDraft;
use super::postgres::{TestDatabase, connect};
use super::receiver::Receiver;

/// The operators' key of every story.
pub(crate) const OPERATOR: &str = "bw_operator_of_the_tests_0123456789abcdef";
/// The platform's.
pub(crate) const PLATFORM: &str = "bw_platform_of_the_tests_0123456789abcdef";

/// A running gateway.
pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    /// Beside the product: for what a story must set up or look at behind its back.
    pub(crate) sql: Arc<Client>,
    pub(crate) master: Arc<MasterKeys>,
    gateway: Gateway,
    http: reqwest::Client,
    database: TestDatabase,
}

/// What the gateway answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) bytes: Vec<u8>,
}

impl TestApp {
    /// A gateway that tries again after a second, three times, and gives up an attempt after three.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same, with other settings.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let database = TestDatabase::create().await;
        let master = MasterKeys::generate();
        let mut settings = settings(&database.url, &master);
        change(&mut settings);
        let gateway = Gateway::start(&settings).await.unwrap();
        Self {
            address: gateway.address,
            sql: Arc::new(connect(&database.url.parse().unwrap()).await),
            master: Arc::new(MasterKeys::new(&master, &[]).unwrap()),
            gateway,
            http: http_client(),
            database,
        }
    }

    /// Its database's address.
    pub(crate) fn url(&self) -> &str {
        &self.database.url
    }

    /// Ends a story in which everything was to arrive: in good order, and with nothing left to do.
    pub(crate) async fn finish(self) {
        let left = "SELECT id::text, last_error FROM deliveries";
        let deadline = tokio::time::Instant::now() + super::receiver::DEADLINE;
        // The last reply is at the receiver before its record is in the table.
        while tokio::time::Instant::now() < deadline
            && !self.sql.query(left, &[]).await.unwrap().is_empty()
        {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        self.gateway.stop().await;
        let left = self.sql.query(left, &[]).await.unwrap();
        assert!(left.is_empty(), "deliveries were left behind: {left:?}");
    }

    /// Ends a story that leaves deliveries open on purpose.
    pub(crate) async fn stop(self) {
        self.gateway.stop().await;
    }

    /// A partner of that name.
    pub(crate) async fn partner(&self, slug: &str) -> Partner {
        let id = PartnerId::generate();
        let insert =
            "INSERT INTO partners (id, slug, name, adapter) VALUES ($1, $2, $2, 'standard')";
        self.sql
            .execute(insert, &[&id.uuid(), &slug])
            .await
            .unwrap();
        Partner {
            id,
            slug: slug.to_owned(),
        }
    }

    /// The partner who owns the platform's and the operators' own endpoints.
    pub(crate) async fn platform(&self) -> Partner {
        let select = "SELECT id FROM partners WHERE slug = 'platform'";
        let row = self.sql.query_one(select, &[]).await.unwrap();
        Partner {
            id: PartnerId::from_uuid(row.get(0)),
            slug: "platform".to_owned(),
        }
    }

    /// An endpoint of a partner, at a receiver. It hears of everything until told otherwise.
    pub(crate) fn endpoint(&self, partner: &Partner, receiver: &Receiver) -> EndpointDraft {
        EndpointDraft {
            sql: Arc::clone(&self.sql),
            master: Arc::clone(&self.master),
            partner: partner.id.uuid(),
            url: receiver.url(),
            event_types: vec!["*".to_owned()],
            retry: None,
            max_in_flight: 64,
            rate_per_second: None,
        }
    }

    /// A request of any kind, with a key.
    pub(crate) fn request(&self, method: Method, path: &str, key: &str) -> RequestBuilder {
        self.http
            .request(method, format!("http://{}{path}", self.address))
            .bearer_auth(key)
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
        Answer::of(self.request(Method::POST, path, key).body(body)).await
    }

    /// Gets a page.
    pub(crate) async fn get(&self, path: &str, key: &str) -> Answer {
        Answer::of(self.request(Method::GET, path, key)).await
    }

    /// Posts an order's body as the platform.
    pub(crate) async fn post_order(&self, body: &Value) -> Answer {
        self.post("/v1/orders", PLATFORM, body).await
    }

    /// Posts an order that must be taken; the receipt.
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

    /// Redacts an order's buyer.
    pub(crate) async fn redact(&self, order: &str) -> Answer {
        let path = format!("/v1/orders/{order}/redact");
        let reason = serde_json::json!({"reason": "the buyer asked for it"});
        self.post(&path, PLATFORM, &reason).await
    }

    /// Waits until a query that counts returns this number.
    pub(crate) async fn counts(&self, query: &str, expected: i64) {
        let deadline = tokio::time::Instant::now() + super::receiver::DEADLINE;
        loop {
            let count: i64 = self.sql.query_one(query, &[]).await.unwrap().get(0);
            if count == expected {
                return;
            }
            let late = tokio::time::Instant::now() > deadline;
            assert!(!late, "{query}: {count} instead of {expected}");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
}

impl Answer {
    /// Sends a request; whatever is answered.
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let headers = response.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        Self {
            status: response.status().as_u16(),
            headers: headers.collect(),
            bytes: response.bytes().await.unwrap().to_vec(),
        }
    }

    /// A header, if it is there.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(given, _)| given == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|_| panic!("not JSON: {:?}", String::from_utf8_lossy(&self.bytes)))
    }

    /// Checks that this is a problem of that status and type; its `errors` as (pointer, code).
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

/// The uuid inside one of our ids, as the tables hold it.
pub(crate) fn uuid_of(id: &str) -> Uuid {
    id.rsplit_once('_').unwrap().1.parse().unwrap()
}

/// A client that is not the product's.
pub(crate) fn http_client() -> reqwest::Client {
    reqwest::Client::builder()
        .tls_backend_preconfigured(buywire::egress::client_config().unwrap())
        .no_proxy()
        .build()
        .unwrap()
}

fn settings(database_url: &str, master_key: &str) -> Settings {
    use clap::Parser;
    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        settings: Settings,
    }
    let mut settings = Line::parse_from(["test"]).settings;
    settings.listen = "127.0.0.1:0".parse().unwrap();
    settings.database_url = Some(database_url.to_owned());
    settings.operator_key = Some(OPERATOR.to_owned());
    settings.platform_key = Some(PLATFORM.to_owned());
    settings.master_key = Some(master_key.to_owned());
    settings.allow_private = "127.0.0.0/8".to_owned();
    settings.retry_schedule = Some("1,1,1".parse().unwrap());
    settings.attempt_timeout = std::time::Duration::from_secs(3);
    settings.log_format = LogFormat::Text;
    settings
}
