//! Faults on command, at requests, pages and events.

use std::time::{Duration, Instant};

use crate::support::{GOOD_CARD, HELD_SESSION, Receiver, TestSandbox, text};

const KEY: [(&str, &str); 1] = [("authorization", "Bearer sk_test_sandbox")];

#[actix_web::test]
async fn an_error_before_the_commit_changes_nothing_and_one_after_it_does() {
    let sandbox = TestSandbox::start();
    let (_, intent) = sandbox.held().await;
    let path = format!("/v1/payment_intents/{intent}");
    for (kind, expected) in [
        ("error_before_commit", "requires_capture"),
        ("error_after_commit", "succeeded"),
    ] {
        sandbox.fault("capture", kind, 0).await;
        assert_eq!(sandbox.post(&format!("{path}/capture"), "").await.0, 500);
        assert_eq!(text(&sandbox.get(&path).await, "/status"), expected);
    }
}

#[actix_web::test]
async fn a_broken_connection_and_a_timeout_hide_what_was_done() {
    let sandbox = TestSandbox::start();
    let (_, intent) = sandbox.held().await;
    let path = format!("/v1/payment_intents/{intent}");
    sandbox.fault("capture", "drop", 0).await;
    let capture = format!("{path}/capture");
    assert!(sandbox.send("POST", &capture, &KEY, "").await.is_none());
    assert_eq!(text(&sandbox.get(&path).await, "/status"), "succeeded");
    sandbox.fault("refund", "timeout", 150).await;
    let begun = Instant::now();
    assert_eq!(
        sandbox
            .post("/v1/refunds", &format!("payment_intent={intent}"))
            .await
            .0,
        504
    );
    assert!(begun.elapsed() >= Duration::from_millis(150));
    let refunds = sandbox
        .get(&format!("/v1/refunds?payment_intent={intent}"))
        .await;
    assert_eq!(text(&refunds, "/data/0/status"), "succeeded");
}

#[actix_web::test]
async fn a_client_that_goes_away_does_not_stop_what_has_begun() {
    let sandbox = TestSandbox::start();
    let (_, intent) = sandbox.held().await;
    let path = format!("/v1/payment_intents/{intent}");
    sandbox.fault("capture", "delay", 200).await;
    let capture = format!("{path}/capture");
    let gone = sandbox.send("POST", &capture, &KEY, "");
    assert!(
        tokio::time::timeout(Duration::from_millis(50), gone)
            .await
            .is_err()
    );
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(text(&sandbox.get(&path).await, "/status"), "succeeded");
}

#[actix_web::test]
async fn events_arrive_before_the_reply_when_ordered() {
    let receiver = Receiver::start(&[]).await;
    let sandbox = TestSandbox::start_for(&receiver);
    sandbox
        .fault("create_intent", "webhook_before_response", 0)
        .await;
    sandbox
        .post("/v1/payment_intents", "amount=5&currency=usd")
        .await;
    assert!(!receiver.is_empty());
}

#[actix_web::test]
async fn an_event_is_dropped_sent_twice_or_overtaken() {
    let mut receiver = Receiver::start(&[]).await;
    let sandbox = TestSandbox::start_for(&receiver);
    let create = async |metadata: &str| {
        let form = format!("amount=5&currency=usd&metadata[n]={metadata}");
        sandbox.post("/v1/payment_intents", &form).await
    };
    sandbox.fault("webhook", "drop", 0).await;
    create("dropped").await;
    sandbox.fault("webhook", "duplicate", 0).await;
    create("twice").await;
    for _ in 0..2 {
        let event = receiver.next().await.event();
        assert_eq!(text(&event, "/data/object/metadata/n"), "twice");
    }
    sandbox.fault("webhook", "reorder", 0).await;
    create("first").await;
    create("second").await;
    for expected in ["second", "first"] {
        let event = receiver.next().await.event();
        assert_eq!(text(&event, "/data/object/metadata/n"), expected);
    }
}

#[actix_web::test]
async fn a_good_card_is_declined_challenged_or_disputed_when_ordered() {
    let sandbox = TestSandbox::start();
    let (id, path) = sandbox
        .session(&HELD_SESSION.replace("manual", "automatic"))
        .await;
    sandbox.fault("pay", "decline", 0).await;
    assert_eq!(sandbox.submit(&path, GOOD_CARD).await.status, 422);
    sandbox.fault("pay", "require_3ds", 0).await;
    let challenge = sandbox.submit(&path, GOOD_CARD).await;
    assert!(challenge.header("location").unwrap().starts_with("/c/3ds/"));
    sandbox.fault("pay", "dispute", 0).await;
    assert!(
        sandbox
            .submit(&path, GOOD_CARD)
            .await
            .header("location")
            .unwrap()
            .starts_with("http://127.0.0.1:9/o")
    );
    let session = sandbox
        .get(&format!(
            "/v1/checkout/sessions/{id}?expand[]=payment_intent.latest_charge"
        ))
        .await;
    assert_eq!(
        session
            .pointer("/payment_intent/latest_charge/disputed")
            .unwrap(),
        true
    );
    let paid = sandbox.paid(10, "pm_card_visa").await;
    sandbox.fault("refund", "refund_fails", 0).await;
    let (_, refund) = sandbox
        .post("/v1/refunds", &format!("payment_intent={paid}"))
        .await;
    sandbox.control("advance", r#"{"seconds": 3}"#).await;
    let refund = sandbox
        .get(&format!("/v1/refunds/{}", text(&refund, "/id")))
        .await;
    assert_eq!(text(&refund, "/status"), "failed");
}

#[actix_web::test]
async fn the_page_fails_before_or_after_the_buyer_has_paid() {
    let sandbox = TestSandbox::start();
    let (id, path) = sandbox.session(HELD_SESSION).await;
    let session = format!("/v1/checkout/sessions/{id}");
    for (kind, expected) in [
        ("error_before_commit", "open"),
        ("error_after_commit", "complete"),
    ] {
        sandbox.fault("pay", kind, 0).await;
        assert_eq!(sandbox.submit(&path, GOOD_CARD).await.status, 500);
        assert_eq!(text(&sandbox.get(&session).await, "/status"), expected);
    }
}
