//! Requests are repeated with the same idempotency key.

use serde_json::json;

use crate::support::{TestSandbox, text};

const FORM: &str = "amount=500&currency=usd";

#[actix_web::test]
async fn the_same_request_gets_the_first_answer_and_another_one_is_refused() {
    let sandbox = TestSandbox::start();
    let first = sandbox
        .post_with_key("/v1/payment_intents", FORM, "a")
        .await;
    let again = sandbox
        .post_with_key("/v1/payment_intents", "currency=usd&amount=500", "a")
        .await;
    assert_eq!(first.json(), again.json());
    assert_eq!(
        (
            first.header("idempotent-replayed"),
            again.header("idempotent-replayed")
        ),
        (None, Some("true"))
    );
    assert_eq!(first.header("request-id"), again.header("request-id"));
    let other = sandbox
        .post_with_key("/v1/payment_intents", "amount=501&currency=usd", "a")
        .await;
    assert_eq!(
        (other.status, text(&other.json(), "/error/type")),
        (400, "idempotency_error")
    );
    let long = sandbox
        .post_with_key("/v1/payment_intents", FORM, &"k".repeat(256))
        .await;
    assert_eq!(long.status, 400);
}

#[actix_web::test]
async fn a_twin_in_flight_is_refused() {
    let sandbox = TestSandbox::start();
    sandbox.fault("create_intent", "delay", 400).await;
    let first = sandbox.post_with_key("/v1/payment_intents", FORM, "a");
    let twin = async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        sandbox
            .post_with_key("/v1/payment_intents", FORM, "a")
            .await
    };
    let (first, twin) = tokio::join!(first, twin);
    assert_eq!((first.status, twin.status), (200, 409));
    assert_eq!(text(&twin.json(), "/error/code"), "idempotency_key_in_use");
}

#[actix_web::test]
async fn a_failure_is_kept_and_a_refused_parameter_is_not() {
    let sandbox = TestSandbox::start();
    sandbox
        .fault("create_intent", "error_after_commit", 0)
        .await;
    for _ in 0..2 {
        let reply = sandbox
            .post_with_key("/v1/payment_intents", FORM, "a")
            .await;
        assert_eq!(
            (reply.status, text(&reply.json(), "/error/type")),
            (500, "api_error")
        );
    }
    let intents = sandbox.get("/v1/payment_intents").await;
    assert_eq!(
        intents.pointer("/data").unwrap().as_array().unwrap().len(),
        1
    );
    let refused = sandbox
        .post_with_key("/v1/payment_intents", "amount=x&currency=usd", "b")
        .await;
    assert_eq!(
        refused.json().pointer("/error/param"),
        Some(&json!("amount"))
    );
    assert_eq!(
        sandbox
            .post_with_key("/v1/payment_intents", FORM, "b")
            .await
            .status,
        200
    );
}
