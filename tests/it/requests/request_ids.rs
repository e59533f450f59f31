//! Every answer has an `X-Request-Id`, and so has every line that the log has of its request.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, OPERATOR, PLATFORM};
use crate::support::app::TestApp;
use crate::support::node::Node;
use crate::support::raw::RawConnection;

const ID: &str = "x-request-id";

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let app = TestApp::start().await;
    let partner = app.partner_with_key("acme").await;
    let get = |path: &str, key: &str| app.request(Method::GET, path, key);
    let post = |body: String| app.request(Method::POST, "/v1/orders", PLATFORM).body(body);
    let open = |path: &str| app.unauthenticated_request(Method::GET, path);
    let cases = [
        (200, get("/v1/partners", OPERATOR)),
        (200, open("/healthz")),
        (200, app.unauthenticated_request(Method::HEAD, "/readyz")),
        (200, open("/openapi.json")),
        (200, open("/")),
        (400, get("/v1/partners?limit=x", OPERATOR)),
        (400, post("no JSON".to_owned())),
        (401, open("/v1/orders")),
        (403, get("/v1/keys", &partner)),
        (404, get("/v1/orders/P-1", PLATFORM)),
        (404, open("/nothing")),
        (404, open("/b/nothing")),
        (405, app.request(Method::PUT, "/v1/orders", PLATFORM)),
        (413, post("x".repeat(2 * 1024 * 1024))),
        (422, post(json!({}).to_string())),
        (
            401,
            app.unauthenticated_request(Method::POST, "/acp/checkout_sessions"),
        ),
    ];
    let (mut ids, expected) = (BTreeSet::new(), cases.len());
    for (status, request) in cases {
        let answer = Answer::send(request).await;
        assert_eq!(answer.status, status, "{answer:?}");
        ids.insert(answer.header(ID).unwrap().to_owned());
    }
    assert_eq!(ids.len(), expected);
    app.stop().await;
}

#[tokio::test]
async fn a_request_that_is_not_http_is_answered_with_an_id_too() {
    let app = TestApp::start().await;
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(200));
    for (request, status) in [("no HTTP\r\n\r\n", "400"), (many.as_str(), "431")] {
        let mut raw = RawConnection::connect(app.address).await;
        raw.write(request.as_bytes()).await;
        let answer = raw.read_to_end().await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
        let head = answer.to_ascii_lowercase();
        assert!(head.contains("\r\nx-request-id: "), "{answer}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_safe_id_of_the_caller_is_taken_over() {
    let app = TestApp::start().await;
    let send = async |id: &str| {
        let request = app.request(Method::GET, "/v1/orders/P-1", PLATFORM);
        let answer = Answer::send(request.header(ID, id)).await;
        assert_eq!(answer.status, 404);
        answer.header(ID).unwrap().to_owned()
    };
    let longest = "a".repeat(128);
    for id in ["Root=1", "a b", "", &"a".repeat(129), "a\"b"] {
        assert_ne!(send(id).await, id);
    }
    for id in ["trace-1:2.3_4", &longest] {
        assert_eq!(send(id).await, id);
    }
    app.stop().await;
}

#[tokio::test]
async fn a_line_of_the_log_has_the_id_of_its_request() {
    let node = Node::private(&[
        ("BUYWIRE_LOG_FORMAT", "json"),
        ("BUYWIRE_METRICS_ALLOW", "127.0.0.0/8"),
        ("RUST_LOG", "warn"),
    ])
    .await;
    let request = node
        .api()
        .unauthenticated_request(Method::GET, "/metrics")
        .header("x-forwarded-for", "192.0.2.1")
        .header(ID, "trace-1");
    assert_eq!(Answer::send(request).await.status, 200);
    let log = node.log_text();
    let line = log.lines().find(|line| line.contains("http.metrics"));
    let line: Value = serde_json::from_str(line.unwrap()).unwrap();
    assert_eq!(line["span"]["request_id"], "trace-1", "{line}");
}

#[tokio::test]
async fn a_command_prints_the_id_of_a_refused_request() {
    let app = TestApp::start().await;
    let (is_done, _, stderr) = app.command(&["partner", "show", "nobody"]).await;
    assert!(!is_done);
    let id = stderr.split("Request id: ").nth(1).unwrap().trim();
    assert!(id.parse::<uuid::Uuid>().is_ok(), "{stderr}");
    app.stop().await;
}
