//! A bank redirect: paid at once, later or not at all; intents that send the buyer back to their own return URL.

use serde_json::json;

use crate::support::{HELD_SESSION, TestSandbox, text};

#[actix_web::test]
async fn a_bank_decides_later_by_itself_or_on_command() {
    let sandbox = TestSandbox::start();
    let form = HELD_SESSION.replace("manual", "automatic");
    for is_on_command in [false, true] {
        let (id, path) = sandbox.session(&form).await;
        let bank = sandbox
            .submit(&path, "method=ideal&email=ada@example.com")
            .await;
        let bank = bank.header("location").unwrap().to_owned();
        let session = format!("/v1/checkout/sessions/{id}?expand[]=payment_intent");
        assert_eq!(sandbox.submit(&bank, "outcome=later").await.status, 303);
        let processing = sandbox.get(&session).await;
        assert_eq!(text(&processing, "/payment_intent/status"), "processing");
        assert_eq!(
            (
                text(&processing, "/status"),
                text(&processing, "/payment_status")
            ),
            ("complete", "unpaid")
        );
        if is_on_command {
            let order =
                json!({"payment_intent": text(&processing, "/payment_intent/id"), "paid": false});
            sandbox.control("settle", &order.to_string()).await;
        } else {
            sandbox.control("advance", r#"{"seconds": 61}"#).await;
        }
        let settled = sandbox.get(&session).await;
        let expected = if is_on_command { "unpaid" } else { "paid" };
        assert_eq!(text(&settled, "/payment_status"), expected);
    }
    let types = sandbox.event_types().await;
    for expected in [
        "payment_intent.processing",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
    ] {
        assert!(types.iter().any(|kind| kind == expected), "{expected}");
    }
}

#[actix_web::test]
async fn an_intent_without_a_session_leads_back_to_its_return_url() {
    let sandbox = TestSandbox::start();
    let form = "amount=700&currency=usd&confirm=true&payment_method=pm_card_authenticationRequired\
        &return_url=http://127.0.0.1:9/back?a=1";
    let (_, intent) = sandbox.post("/v1/payment_intents", form).await;
    let path = format!("/c/3ds/{}", text(&intent, "/id"));
    assert!(text(&intent, "/next_action/redirect_to_url/url").ends_with(&path));
    let reply = sandbox.submit(&path, "outcome=confirm").await;
    let location = reply.header("location").unwrap();
    assert!(
        location.starts_with("http://127.0.0.1:9/back?a=1&payment_intent=pi_"),
        "{location}"
    );
    assert!(
        location.ends_with("&redirect_status=succeeded"),
        "{location}"
    );
}
