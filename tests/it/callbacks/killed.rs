//! The gateway is killed between storing a callback and answering it: nothing is lost, and nothing counts twice.
//!
//! A partner sends refunds of one cent, several at a time, each until it is answered 2xx, while the gateway is killed
//! with SIGKILL and restarted. In the end the sum equals the number of messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use time::OffsetDateTime;

use crate::support::api::{Api, PLATFORM};
use crate::support::callback_sender::{CallbackSigner, callback_signer};
use crate::support::node::Node;
use crate::support::order::order;
use crate::support::receiver::{DEADLINE, Receiver};
use crate::support::run_lock;

const MESSAGES: usize = 240;
const CONCURRENCY: usize = 8;
const KILLS: usize = 6;

#[derive(Default)]
struct SendCounts {
    answered: AtomicUsize,
    /// Messages without an answer.
    open: AtomicUsize,
    /// Messages sent again because their outcome was unknown.
    resent: AtomicUsize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_callback_that_was_answered_counts_once_whatever_is_killed() {
    let _together = run_lock::shared().await;
    let mut node = Node::private(&[("BUYWIRE_RETRY_SCHEDULE", "1,1,1,1,1,1,1,1,1,1")]).await;
    let api = node.api();
    let acme = callback_signer("acp", 1);
    api.partner_with_callbacks("acme", "standard", &acme).await;
    let platform = Receiver::start().await;
    api.endpoint("platform", &platform).create().await;
    api.order(&order("P-1")).await;

    let count = Arc::new(SendCounts::default());
    let senders: Vec<_> = (0..CONCURRENCY)
        .map(|n| tokio::spawn(send(api.clone(), acme.clone(), n, Arc::clone(&count))))
        .collect();
    for round in 1..=KILLS {
        let some = MESSAGES * round / (KILLS + 1);
        wait_until(|| {
            let well = count.answered.load(Ordering::SeqCst) >= some;
            well && count.open.load(Ordering::SeqCst) > 0
        })
        .await;
        node.kill();
        node.run().await;
    }
    for sender in senders {
        sender.await.unwrap();
    }
    let expected = i64::try_from(MESSAGES).unwrap();
    let begun = Instant::now();
    loop {
        let notice = api.get("/v1/orders/P-1", PLATFORM).await.json();
        let report = &notice["reports"][0];
        if report["refunded"] == expected {
            assert_eq!(report["callbacks"].as_array().unwrap().len(), MESSAGES);
            break;
        }
        assert!(begun.elapsed() < DEADLINE, "{}", report["refunded"]);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Events arrive in order: the last one has the total.
    wait_until(|| {
        let last = platform.received_so_far().pop();
        last.is_some_and(|last| last.json()["data"]["refunded"] == expected)
    })
    .await;
    let again = count.resent.load(Ordering::SeqCst);
    println!("{MESSAGES} callbacks, {KILLS} kills, {again} sent again: each counts once");
    assert!(again > 0, "no request was hit");
}

/// Sends every nth message until it is answered 2xx.
async fn send(api: Api, acme: CallbackSigner, n: usize, count: Arc<SendCounts>) {
    for id in (n..MESSAGES).step_by(CONCURRENCY) {
        let body = json!({"id": format!("m-{id}"), "type": "order.refunded", "order_id": "P-1", "refund": {"amount": 1}});
        let body = body.to_string();
        loop {
            let now = OffsetDateTime::now_utc();
            let message = acme.message(api.base_url(), "acme", body.as_bytes(), now);
            let mut request = api.unauthenticated_request(Method::POST, &message.path);
            for (name, value) in &message.headers {
                request = request.header(name, value);
            }
            count.open.fetch_add(1, Ordering::SeqCst);
            let answer = request.body(message.body).send().await;
            count.open.fetch_sub(1, Ordering::SeqCst);
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                count.answered.fetch_add(1, Ordering::SeqCst);
                break;
            }
            count.resent.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn wait_until(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < DEADLINE, "it never came to that");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
