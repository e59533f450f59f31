//! What the API refuses, and what is recorded of it.

use serde_json::json;

use crate::support::{HELD_SESSION, TestSandbox, text};

#[actix_web::test]
async fn a_key_is_needed_and_must_be_right() {
    let sandbox = TestSandbox::start();
    let headers = [("authorization", "Bearer sk_test_other")];
    for headers in [&headers[..0], &headers[..]] {
        let reply = sandbox
            .send("GET", "/v1/events", headers, "")
            .await
            .unwrap();
        assert_eq!(reply.status, 401);
        assert!(reply.header("request-id").unwrap().starts_with("req_"));
    }
    // `sk_test_sandbox:` in base 64.
    let basic = [("authorization", "Basic c2tfdGVzdF9zYW5kYm94Og==")];
    assert_eq!(
        sandbox
            .send("GET", "/v1/events", &basic, "")
            .await
            .unwrap()
            .status,
        200
    );
}

#[actix_web::test]
async fn parameters_are_refused_by_name() {
    let sandbox = TestSandbox::start();
    let refused = [
        ("&metadta[a]=b", "parameter_unknown", "metadta"),
        (
            "&line_items[0][price_data][unit]=1",
            "parameter_unknown",
            "line_items[0][price_data][unit]",
        ),
        (
            "&customer_email=",
            "parameter_invalid_empty",
            "customer_email",
        ),
        (
            "&expires_at=soon",
            "parameter_invalid_integer",
            "expires_at",
        ),
    ];
    for (more, code, param) in refused {
        let (status, error) = sandbox
            .post("/v1/checkout/sessions", &format!("{HELD_SESSION}{more}"))
            .await;
        assert_eq!(
            (
                status,
                text(&error, "/error/code"),
                text(&error, "/error/param")
            ),
            (400, code, param)
        );
    }
    let (_, error) = sandbox.post("/v1/checkout/sessions", "mode=payment").await;
    assert_eq!(text(&error, "/error/code"), "parameter_missing");
    let (status, error) = sandbox
        .post("/v1/payment_intents/pi_none/capture", "")
        .await;
    assert_eq!(
        (status, text(&error, "/error/code")),
        (404, "resource_missing")
    );
    assert_eq!(sandbox.post("/v1/customers", "").await.0, 404);
}

#[actix_web::test]
async fn no_card_number_is_recorded_wherever_it_was_sent() {
    let sandbox = TestSandbox::start();
    let raw = "amount=500&currency=usd&payment_method_data[type]=card&payment_method_data[card][number]=4242424242424242";
    assert_eq!(sandbox.post("/v1/payment_intents", raw).await.0, 400);
    let (_, path) = sandbox.session(HELD_SESSION).await;
    sandbox.submit(&path, crate::support::GOOD_CARD).await;
    let hidden = "amount=500&currency=usd&metadata[note]=4242+4242+4242+4242";
    assert_eq!(sandbox.post("/v1/payment_intents", hidden).await.0, 200);
    let requests = sandbox.page("/_control/requests").await.text;
    let params = requests.matches("[blanked]").count();
    assert_eq!(params, 2);
    assert!(!requests.contains("424242") && !requests.contains("4242 4242"));
}

#[actix_web::test]
async fn everything_is_forgotten_on_command() {
    let sandbox = TestSandbox::start();
    sandbox.held().await;
    sandbox.fault("capture", "delay", 1).await;
    let reply = sandbox
        .send("DELETE", "/_control/data", &[], "")
        .await
        .unwrap();
    assert_eq!(reply.status, 200);
    assert_eq!(
        sandbox.get("/v1/events").await.pointer("/data"),
        Some(&json!([]))
    );
    assert_eq!(
        sandbox.page("/_control/faults").await.json(),
        json!({"data": []})
    );
}

#[actix_web::test]
async fn nothing_that_is_sent_stops_the_sandbox() {
    let sandbox = TestSandbox::start();
    let headers = [("authorization", "Bearer sk_test_sandbox")];
    let bodies = [
        "%",
        "[",
        "a[b=1",
        "&&&",
        "=",
        "\u{0}",
        "line_items[99999999999]=1",
        "expand[]=a.b.c.d.e",
    ];
    for path in [
        "/v1/checkout/sessions",
        "/v1/payment_intents",
        "/v1/",
        "/",
        "/c/pay/x",
        "/c/",
        "/_control/faults",
    ] {
        for body in bodies {
            let reply = sandbox.send("POST", path, &headers, body).await.unwrap();
            assert!(
                (400..500).contains(&reply.status),
                "{path} {body}: {}",
                reply.status
            );
        }
    }
}
