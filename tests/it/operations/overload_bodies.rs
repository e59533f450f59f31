//! Slow or large bodies and malformed heads: refused with a problem document, and without delay for others.

use serde_json::Value;

use crate::support::api::{OPERATOR, PLATFORM};
use crate::support::app::TestApp;
use crate::support::node::Node;
use crate::support::order::order;
use crate::support::raw::RawConnection;

/// The body of a raw answer.
fn problem(answer: &str, status: u16) -> Value {
    assert!(
        answer.starts_with(&format!("HTTP/1.1 {status} ")),
        "{answer}"
    );
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains("content-type: application/problem+json"),
        "{head}"
    );
    let problem: Value = serde_json::from_str(body).unwrap();
    assert_eq!(problem["status"], status);
    problem
}

#[tokio::test]
async fn heads_that_are_late_too_long_or_none_are_refused_in_words() {
    let app = TestApp::start().await;
    let mut late = RawConnection::connect(app.address).await;
    late.write(b"POST /v1/orders HTTP/1.1\r\nhost: te").await;

    let mut long = RawConnection::connect(app.address).await;
    let headers: Vec<_> = (0..200).map(|n| format!("x-{n}: 1\r\n")).collect();
    let head = format!(
        "GET /healthz HTTP/1.1\r\nhost: test\r\n{}\r\n",
        headers.concat()
    );
    long.write(head.as_bytes()).await;
    let received = long.read_to_end().await;
    assert_eq!(problem(&received, 431)["type"], "/problems/head-too-large");

    let mut none = RawConnection::connect(app.address).await;
    none.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n")
        .await;
    let received = none.read_to_end().await;
    assert_eq!(problem(&received, 400)["type"], "/problems/not-http");

    let received = late.read_to_end().await;
    assert_eq!(problem(&received, 408)["type"], "/problems/too-slow");
    app.finish().await;
}

#[tokio::test]
async fn a_body_that_pauses_is_given_up() {
    let app = TestApp::start().await;
    let (mut raw, _) =
        RawConnection::announce(app.address, "POST /v1/partners", OPERATOR, 1_000).await;
    raw.write(b"{\"slug\":").await;
    let received = raw.read().await;
    assert_eq!(problem(&received, 408)["type"], "/problems/too-slow");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_share_a_room_that_orders_are_not_in() {
    const BODY: usize = 1024 * 1024;
    let node = Node::private(&[]).await;
    let api = node.api();
    api.partner("acme").await;
    let mut unfinished = Vec::new();
    let almost = vec![b' '; BODY - 1];
    let mut refused = 0;
    for n in 0..80 {
        let (request, key) = match n % 2 {
            0 => ("POST /v1/partners", OPERATOR),
            _ => ("POST /v1/posts", PLATFORM),
        };
        let (mut raw, _) = RawConnection::announce(&node.address, request, key, BODY).await;
        raw.write(&almost).await;
        unfinished.push(raw);
    }
    api.order(&order("P-1").partner("acme")).await;
    for mut raw in unfinished {
        let received = raw.read().await;
        // Those that got a slot lose it when they pause.
        if received.starts_with("HTTP/1.1 503 ") {
            assert_eq!(problem(&received, 503)["type"], "/problems/busy");
            refused += 1;
        }
    }
    assert!((10..=30).contains(&refused), "{refused}");
    // The slots are free again.
    api.partner("other").await;
}
