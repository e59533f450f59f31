//! Overload: strangers and partners hold all the slots, connections and descriptors they can get. Orders, signed
//! callbacks and other partners' feeds continue.

use reqwest::Method;
use serde_json::json;

use crate::support::api::{Answer, OPERATOR, PLATFORM};
use crate::support::app::TestApp;
use crate::support::callback_sender::callback_signer;
use crate::support::feed::feed;
use crate::support::node::Node;
use crate::support::order::order;
use crate::support::raw::RawConnection;
use crate::support::receiver::{Receiver, Reply};

/// So few descriptors that every share is small: 192 deliveries, 96 connections.
const DESCRIPTORS: u32 = 512;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_silent_connections_hold_up_no_order() {
    let _ = buywire::testing::raise_descriptors();
    let node = Node::private_with_descriptors(DESCRIPTORS, &[]).await;
    let api = node.api();
    let receiver = Receiver::start().await;
    api.partner("acme").await;
    api.endpoint("acme", &receiver).create().await;
    let mut silent = Vec::new();
    for n in 0..1_000 {
        let mut raw = RawConnection::connect(&node.address).await;
        // Some made one request and keep their connection open.
        if n % 10 == 0 {
            raw.write(b"GET /healthz HTTP/1.1\r\nhost: test\r\n\r\n")
                .await;
        }
        silent.push(raw);
    }
    for n in 0..20 {
        // Separate clients, so that each needs its own connection.
        node.api()
            .order(&order(&format!("P-{n}")).partner("acme"))
            .await;
    }
    receiver.received(20).await;
    assert!(node.is_ready().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partner_whose_endpoints_all_hang_leaves_descriptors_for_others() {
    // Longer than a story waits: none of them ends by itself.
    let patient = [("BUYWIRE_ATTEMPT_TIMEOUT", "120")];
    let node = Node::private_with_descriptors(DESCRIPTORS, &patient).await;
    let api = node.api();
    let [hanging, receiver] = [Receiver::start().await, Receiver::start().await];
    hanging.always(Reply::hang());
    api.partner("stuck").await;
    api.partner("well").await;
    for _ in 0..17 {
        api.endpoint("stuck", &hanging).create().await;
    }
    api.endpoint("well", &receiver).create().await;
    // 680 deliveries, far more than there are descriptors.
    for n in 0..40 {
        api.order(&order(&format!("S-{n}")).partner("stuck")).await;
    }
    hanging.received(30).await;
    let receipt = api.order(&order("W-1").partner("well")).await;
    receiver.received(1).await;
    assert!(hanging.pending() >= 30, "they hang still");
    let delivery = receipt["events"][0]["deliveries"][0].as_str().unwrap();
    let page = api
        .wait_until_delivered(&format!("/v1/deliveries/{delivery}"))
        .await;
    let attempts = page["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 1, "{page}");
    hanging.release();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trickled_callbacks_make_room_for_whole_ones() {
    let app = TestApp::start().await;
    let signer = callback_signer("acp", 1);
    for slug in ["acme", "other"] {
        app.partner_with_callbacks(slug, "standard", &signer).await;
    }
    let request = "POST /v1/partners/acme/callbacks";
    let mut trickling = tokio::task::JoinSet::new();
    for _ in 0..70 {
        let (raw, observed) = RawConnection::announce(app.address, request, "bw_none", 900).await;
        assert!(observed.starts_with("HTTP/1.1 100 "), "{observed}");
        trickling.spawn(raw.trickle());
    }
    for (n, slug) in ["acme", "other"].into_iter().cycle().take(10).enumerate() {
        let shipped = json!({"id": n.to_string(), "type": "order.shipped", "order_id": "P-1"});
        app.report_accepted(&signer, slug, &shipped).await;
    }
    trickling.abort_all();
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_partners_uploads_leave_places_for_other_feeds() {
    let app = TestApp::start().await;
    for slug in ["greedy", "modest"] {
        app.partner(slug).await;
    }
    let key = app.partner_key("greedy").await;
    let request = "PUT /v1/partners/greedy/feed?wait=true";
    let mut held = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let (raw, observed) = RawConnection::announce(app.address, request, &key, 4_000_000).await;
        assert!(observed.starts_with("HTTP/1.1 100 "), "{observed}");
        held.spawn(refusal(raw, observed));
    }
    for _ in 0..4 {
        let observed = held.join_next().await.unwrap().unwrap();
        assert!(observed.contains("HTTP/1.1 429 "), "{observed}");
        assert!(observed.contains("retry-after: 1"), "{observed}");
    }
    let report = app.push("modest", feed(3).csv()).await;
    assert_eq!(report["status"], "applied", "{report}");
    app.order(&order("P-1").partner("modest")).await;
    held.abort_all();
    app.finish().await;
}

/// What follows `100 Continue`, perhaps in the same read.
async fn refusal(mut raw: RawConnection, mut answer: String) -> String {
    while !answer.contains("\r\n\r\nHTTP/1.1 ") {
        answer.push_str(&raw.read().await);
    }
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_has_so_many_requests_in_progress_and_orders_are_not_counted() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner("acme").await;
    app.endpoint("acme", &receiver).create().await;
    let key = app.partner_key("acme").await;
    let second = app.partner_key("acme").await;
    app.sql
        .batch_execute("BEGIN; LOCK TABLE products IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    // All keys of a partner count together; the platform may have 64.
    for (keys, most) in [(vec![&*key, &*second], 16), (vec![PLATFORM], 64)] {
        let surplus = 8;
        let mut requested = tokio::task::JoinSet::new();
        for n in 0..most + surplus {
            let key = keys[n % keys.len()];
            requested.spawn(Answer::send(app.request(Method::GET, path(key), key)));
        }
        for _ in 0..surplus {
            let answer = requested.join_next().await.unwrap().unwrap();
            assert_eq!(answer.header("retry-after"), Some("1"));
            answer.problem(429, "too-many-requests");
        }
        app.order(&order(&format!("P-{most}")).partner("acme"))
            .await;
        requested.abort_all();
    }
    app.sql.batch_execute("ROLLBACK").await.unwrap();
    receiver.received(2).await;
    // An abandoned request stops counting.
    let begun = std::time::Instant::now();
    while app.get(path(&key), &key).await.status == 429 {
        assert!(begun.elapsed().as_secs() < 30);
    }
    assert_eq!(app.get("/v1/partners", OPERATOR).await.status, 200);
    app.finish().await;
}

/// A read of products with this key.
fn path(key: &str) -> &'static str {
    match key {
        PLATFORM => "/v1/timeline?viewer=1",
        _ => "/v1/products",
    }
}
