//! Intents: captured once, canceled or refunded by the rules; transfers; shared tokens.

use serde_json::{Value, json};

use crate::support::{TestSandbox, text};

fn code(document: &Value) -> &str {
    text(document, "/error/code")
}

#[actix_web::test]
async fn a_hold_is_captured_once_and_in_part() {
    let sandbox = TestSandbox::start();
    let (_, intent) = sandbox.held().await;
    let capture = format!("/v1/payment_intents/{intent}/capture");
    let (status, refused) = sandbox.post(&capture, "amount_to_capture=3391").await;
    assert_eq!((status, code(&refused)), (400, "amount_too_large"));
    let (_, captured) = sandbox.post(&capture, "amount_to_capture=3000").await;
    assert_eq!(captured.pointer("/amount_received"), Some(&json!(3000)));
    for path in [capture, format!("/v1/payment_intents/{intent}/cancel")] {
        let (status, refused) = sandbox.post(&path, "").await;
        assert_eq!(
            (status, code(&refused)),
            (400, "payment_intent_unexpected_state")
        );
        assert_eq!(text(&refused, "/error/payment_intent/status"), "succeeded");
    }
}

#[actix_web::test]
async fn a_hold_can_be_canceled_and_lapses_after_seven_days() {
    let sandbox = TestSandbox::start();
    let (_, by_call) = sandbox.held().await;
    let path = format!("/v1/payment_intents/{by_call}");
    let (status, _) = sandbox
        .post(&format!("{path}/cancel"), "cancellation_reason=abandoned")
        .await;
    assert_eq!(status, 200);
    let (status, refused) = sandbox.post(&format!("{path}/capture"), "").await;
    assert_eq!(
        (status, code(&refused)),
        (400, "payment_intent_unexpected_state")
    );
    let (_, by_time) = sandbox.held().await;
    sandbox.control("advance", r#"{"seconds": 604801}"#).await;
    let intent = sandbox.get(&format!("/v1/payment_intents/{by_time}")).await;
    assert_eq!(
        (
            text(&intent, "/status"),
            text(&intent, "/cancellation_reason")
        ),
        ("canceled", "automatic")
    );
}

#[actix_web::test]
async fn an_intent_of_an_open_session_is_canceled_through_the_session_only() {
    let sandbox = TestSandbox::start();
    let (session, path) = sandbox.session(crate::support::HELD_SESSION).await;
    sandbox
        .submit(&path, &crate::support::card("4000000000000002"))
        .await;
    let document = sandbox
        .get(&format!("/v1/checkout/sessions/{session}"))
        .await;
    let intent = text(&document, "/payment_intent");
    let (status, _) = sandbox
        .post(&format!("/v1/payment_intents/{intent}/cancel"), "")
        .await;
    assert_eq!(status, 400);
    sandbox
        .post(&format!("/v1/checkout/sessions/{session}/expire"), "")
        .await;
    let intent = sandbox.get(&format!("/v1/payment_intents/{intent}")).await;
    assert_eq!(text(&intent, "/status"), "canceled");
}

#[actix_web::test]
async fn a_decline_is_an_error_that_holds_the_intent() {
    let sandbox = TestSandbox::start();
    let form = "amount=700&currency=usd&confirm=true&payment_method=pm_card_chargeDeclined";
    let (status, refused) = sandbox.post("/v1/payment_intents", form).await;
    assert_eq!((status, code(&refused)), (402, "card_declined"));
    assert_eq!(text(&refused, "/error/decline_code"), "generic_decline");
    let intent = text(&refused, "/error/payment_intent/id").to_owned();
    let path = format!("/v1/payment_intents/{intent}/confirm");
    let (status, paid) = sandbox.post(&path, "payment_method=pm_card_visa").await;
    assert_eq!((status, text(&paid, "/status")), (200, "succeeded"));
}

#[actix_web::test]
async fn off_session_a_challenge_is_a_decline() {
    let sandbox = TestSandbox::start();
    let form = "amount=700&currency=usd&confirm=true&payment_method=pm_card_authenticationRequired";
    let (_, waiting) = sandbox.post("/v1/payment_intents", form).await;
    assert_eq!(text(&waiting, "/status"), "requires_action");
    let (status, refused) = sandbox
        .post("/v1/payment_intents", &format!("{form}&off_session=true"))
        .await;
    assert_eq!((status, code(&refused)), (402, "authentication_required"));
}

#[actix_web::test]
async fn refunds_never_exceed_what_was_captured_and_may_fail_later() {
    let sandbox = TestSandbox::start();
    let intent = sandbox.paid(1_000, "pm_card_refundFail").await;
    let refund = |amount: i64| format!("payment_intent={intent}&amount={amount}");
    let (_, first) = sandbox.post("/v1/refunds", &refund(600)).await;
    assert_eq!(text(&first, "/status"), "succeeded");
    let (status, refused) = sandbox.post("/v1/refunds", &refund(401)).await;
    assert_eq!((status, code(&refused)), (400, "amount_too_large"));
    sandbox.control("advance", r#"{"seconds": 3}"#).await;
    let first = sandbox
        .get(&format!("/v1/refunds/{}", text(&first, "/id")))
        .await;
    assert_eq!(
        (text(&first, "/status"), text(&first, "/failure_reason")),
        ("failed", "expired_or_canceled_card")
    );
    assert_eq!(sandbox.post("/v1/refunds", &refund(1_000)).await.0, 200);
    let types = sandbox.event_types().await;
    assert!(types.contains(&"refund.failed".to_owned()), "{types:?}");
}

#[actix_web::test]
async fn a_disputed_charge_is_not_refunded_until_the_dispute_is_won() {
    let sandbox = TestSandbox::start();
    let intent = sandbox.paid(1_000, "pm_card_createDispute").await;
    let form = format!("payment_intent={intent}");
    let (_, refused) = sandbox.post("/v1/refunds", &form).await;
    assert_eq!(code(&refused), "charge_disputed");
    let close = format!(r#"{{"payment_intent": "{intent}", "close": "won"}}"#);
    sandbox.control("disputes", &close).await;
    assert_eq!(sandbox.post("/v1/refunds", &form).await.0, 200);
    let disputes = sandbox
        .get(&format!("/v1/disputes?payment_intent={intent}"))
        .await;
    assert_eq!(text(&disputes, "/data/0/status"), "won");
}

#[actix_web::test]
async fn transfers_never_exceed_their_charge_nor_reversals_their_transfer() {
    let sandbox = TestSandbox::start();
    let intent = sandbox.paid(1_000, "pm_card_visa").await;
    let intent = sandbox.get(&format!("/v1/payment_intents/{intent}")).await;
    let charge = text(&intent, "/latest_charge");
    let form = format!("amount=600&currency=usd&destination=acct_1&source_transaction={charge}");
    let (status, transfer) = sandbox.post("/v1/transfers", &form).await;
    assert_eq!(status, 200);
    let (_, refused) = sandbox.post("/v1/transfers", &form).await;
    assert_eq!(code(&refused), "balance_insufficient");
    let reversals = format!("/v1/transfers/{}/reversals", text(&transfer, "/id"));
    assert_eq!(sandbox.post(&reversals, "amount=400").await.0, 200);
    assert_eq!(sandbox.post(&reversals, "amount=201").await.0, 400);
    assert_eq!(
        sandbox.post(&reversals, "").await.1.pointer("/amount"),
        Some(&json!(200))
    );
}

#[actix_web::test]
async fn a_shared_token_pays_within_its_limits_until_it_is_revoked() {
    let sandbox = TestSandbox::start();
    let preview = |path: &'static str, form: String| {
        let sandbox = &sandbox;
        async move {
            let headers = [
                ("authorization", "Bearer sk_test_sandbox"),
                ("stripe-version", "2026-04-22.preview"),
            ];
            sandbox
                .send("POST", path, &headers, &form)
                .await
                .unwrap()
                .json()
        }
    };
    let form = "payment_method=pm_card_visa&usage_limits[currency]=usd&usage_limits[max_amount]=1000\
        &usage_limits[expires_at]=9999999999";
    let token = preview(
        "/v1/test_helpers/shared_payment/granted_tokens",
        form.to_owned(),
    )
    .await;
    let pay = format!(
        "amount=600&currency=usd&confirm=true&payment_method_data[shared_payment_granted_token]={}",
        text(&token, "/id")
    );
    let (status, refused) = sandbox.post("/v1/payment_intents", &pay).await;
    assert_eq!((status, code(&refused)), (400, "parameter_unknown"));
    let paid = preview("/v1/payment_intents", pay.clone()).await;
    assert_eq!(text(&paid, "/status"), "succeeded");
    let refused = preview("/v1/payment_intents", pay).await;
    assert_eq!(code(&refused), "payment_method_not_available");
}
