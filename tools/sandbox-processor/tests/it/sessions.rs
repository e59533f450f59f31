//! A session is created, paid on its page, captured, or expires.

use serde_json::json;

use crate::support::{GOOD_CARD, HELD_SESSION, TestSandbox, text};

#[actix_web::test]
async fn a_held_session_is_complete_and_unpaid_until_its_capture() {
    let sandbox = TestSandbox::start();
    let (id, path) = sandbox.session(HELD_SESSION).await;
    let reply = sandbox.submit(&path, GOOD_CARD).await;
    assert_eq!(
        (reply.status, reply.header("location")),
        (303, Some(&*format!("http://127.0.0.1:9/o?s={id}")))
    );
    let path = format!("/v1/checkout/sessions/{id}?expand[]=payment_intent.latest_charge");
    let session = sandbox.get(&path).await;
    assert_eq!(session.pointer("/status"), Some(&json!("complete")));
    assert_eq!(session.pointer("/payment_status"), Some(&json!("unpaid")));
    assert_eq!(
        session.pointer("/payment_intent/amount_capturable"),
        Some(&json!(3390))
    );
    let charge = session.pointer("/payment_intent/latest_charge").unwrap();
    let card = charge.pointer("/payment_method_details/card").unwrap();
    assert_eq!(
        (text(card, "/brand"), text(card, "/last4")),
        ("visa", "4242")
    );
    let held_s = card.pointer("/capture_before").unwrap().as_i64().unwrap()
        - charge.pointer("/created").unwrap().as_i64().unwrap();
    assert_eq!(held_s, 7 * 86_400);
    let intent = text(&session, "/payment_intent/id").to_owned();
    sandbox
        .post(&format!("/v1/payment_intents/{intent}/capture"), "")
        .await;
    let session = sandbox.get(&path).await;
    assert_eq!(session.pointer("/payment_status"), Some(&json!("paid")));
    let expected = [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "checkout.session.completed",
        "charge.captured",
        "payment_intent.succeeded",
    ];
    assert_eq!(sandbox.event_types().await, expected);
}

#[actix_web::test]
async fn a_session_expires_by_itself_by_a_call_and_only_once() {
    let sandbox = TestSandbox::start();
    let (by_time, path) = sandbox.session(HELD_SESSION).await;
    sandbox.control("advance", r#"{"seconds": 86399}"#).await;
    assert_eq!(sandbox.page(&path).await.status, 200);
    sandbox.control("advance", r#"{"seconds": 2}"#).await;
    assert_eq!(sandbox.page(&path).await.status, 410);
    assert_eq!(sandbox.submit(&path, GOOD_CARD).await.status, 410);
    let session = sandbox
        .get(&format!("/v1/checkout/sessions/{by_time}"))
        .await;
    assert_eq!(
        (text(&session, "/status"), session.pointer("/url")),
        ("expired", Some(&json!(null)))
    );
    let (by_call, _) = sandbox.session(HELD_SESSION).await;
    let expire = format!("/v1/checkout/sessions/{by_call}/expire");
    assert_eq!(sandbox.post(&expire, "").await.0, 200);
    assert_eq!(sandbox.post(&expire, "").await.0, 400);
    assert_eq!(sandbox.event_types().await, ["checkout.session.expired"; 2]);
}

#[actix_web::test]
async fn an_expiry_lies_between_half_an_hour_and_a_day_ahead() {
    let sandbox = TestSandbox::start();
    let now = sandbox.control("advance", r#"{"seconds": 0}"#).await;
    let now = now.pointer("/now").unwrap().as_i64().unwrap();
    for (ahead, expected) in [(1_700, 400), (1_800, 200), (86_400, 200), (86_500, 400)] {
        let form = format!("{HELD_SESSION}&expires_at={}", now + ahead);
        assert_eq!(
            sandbox.post("/v1/checkout/sessions", &form).await.0,
            expected,
            "{ahead}"
        );
    }
}

#[actix_web::test]
async fn the_buyer_s_choice_of_delivery_changes_the_sum() {
    let sandbox = TestSandbox::start();
    let express = "&shipping_options[1][shipping_rate_data][display_name]=Express\
        &shipping_options[1][shipping_rate_data][fixed_amount][amount]=1200\
        &shipping_options[1][shipping_rate_data][fixed_amount][currency]=eur";
    let (id, path) = sandbox.session(&format!("{HELD_SESSION}{express}")).await;
    assert_eq!(
        sandbox
            .submit(&path, &format!("{GOOD_CARD}&shipping=1"))
            .await
            .status,
        303
    );
    let session = sandbox
        .get(&format!(
            "/v1/checkout/sessions/{id}?expand[]=payment_intent"
        ))
        .await;
    assert_eq!(session.pointer("/amount_total"), Some(&json!(4100)));
    assert_eq!(
        session.pointer("/payment_intent/amount"),
        Some(&json!(4100))
    );
}

#[actix_web::test]
async fn a_redirect_that_cannot_be_held_is_not_offered_for_a_hold() {
    let sandbox = TestSandbox::start();
    let (_, path) = sandbox.session(HELD_SESSION).await;
    assert!(!sandbox.page(&path).await.text.contains("iDEAL"));
    let demanded = format!("{HELD_SESSION}&payment_method_types[]=ideal");
    assert_eq!(
        sandbox.post("/v1/checkout/sessions", &demanded).await.0,
        400
    );
    let at_once = HELD_SESSION.replace("manual", "automatic");
    let (_, path) = sandbox.session(&at_once).await;
    assert!(sandbox.page(&path).await.text.contains("iDEAL"));
}
