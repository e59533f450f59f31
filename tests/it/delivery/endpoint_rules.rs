//! Which endpoints are refused, and where their secrets must not appear.

use std::io;
use std::sync::{Mutex, PoisonError};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::{OPERATOR, TestApp, uuid_of};
use crate::support::receiver::Receiver;

const ENDPOINTS: &str = "/v1/partners/acme/endpoints";

#[tokio::test]
async fn what_is_wrong_with_an_endpoint_is_named() {
    let app = TestApp::start().await;
    let acme = app.partner_with_key("acme").await;
    let cases = [
        (json!({"url": null}), "/url", "missing"),
        (json!({"url": "ftp://shop.example"}), "/url", "scheme"),
        (json!({"url": "http://shop.example"}), "/url", "not_https"),
        (json!({"url": "https://shop.example:22"}), "/url", "port"),
        (
            json!({"url": "https://a:b@shop.example"}),
            "/url",
            "userinfo",
        ),
        (
            json!({"event_types": ["order.confirmd"]}),
            "/event_types/0",
            "event_type_unknown",
        ),
        (json!({"event_types": []}), "/event_types", "wrong_count"),
        (
            json!({"headers": {"Host": "x"}}),
            "/headers",
            "header_forbidden",
        ),
        (
            json!({"headers": {"webhook-id": "x"}}),
            "/headers",
            "header_forbidden",
        ),
        (
            json!({"headers": {"x": "a\r\nb: c"}}),
            "/headers",
            "header_value",
        ),
        (
            json!({"headers": {"x": "1", "X": "2"}}),
            "/headers",
            "header_twice",
        ),
        (json!({"headers": {"x": 1}}), "/headers", "wrong_type"),
        (json!({"headers": {"x": null}}), "/headers", "header_value"),
        (json!({"retry": vec![1; 21]}), "/retry", "retry_schedule"),
        (json!({"retry": [5, -1]}), "/retry", "retry_schedule"),
        (json!({"retry": ["5"]}), "/retry/0", "wrong_type"),
        (
            json!({"max_in_flight": 0}),
            "/max_in_flight",
            "out_of_range",
        ),
        (
            json!({"max_in_flight": 1001}),
            "/max_in_flight",
            "out_of_range",
        ),
        (
            json!({"rate_per_second": 0}),
            "/rate_per_second",
            "out_of_range",
        ),
        (
            json!({"rate_per_second": 10001}),
            "/rate_per_second",
            "out_of_range",
        ),
        (
            json!({"secret": "whsec_short"}),
            "/secret",
            "secret_malformed",
        ),
        (
            json!({"secret": "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"}),
            "/secret",
            "secret_malformed",
        ),
        (json!({"status": "enabled"}), "/status", "unknown_field"),
    ];
    for (changes, pointer, code) in cases {
        let mut body = json!({"url": "https://shop.example/hooks"});
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        let refused = app.post(ENDPOINTS, &acme, &body).await;
        let errors = refused.problem(422, "body-invalid");
        assert_eq!(errors, [(pointer.to_owned(), code.to_owned())], "{body}");
    }
    app.wait_for_count("SELECT count(*) FROM endpoints", 0)
        .await;
    app.finish().await;
}

#[tokio::test]
async fn allowed_ranges_are_for_urls_that_operators_saved() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let acme = app.partner_with_key("acme").await;
    let hostile = [
        receiver.url(),
        "https://127.0.0.1/".into(),
        "https://2130706433/".into(),
        "https://0x7f.1/".into(),
        "https://0177.0.0.1/".into(),
        "https://[::ffff:127.0.0.1]/".into(),
        "https://[64:ff9b::7f00:1]/".into(),
        "https://169.254.169.254/latest/meta-data".into(),
        "https://10.0.0.1:8443/".into(),
    ];
    let (path, _) = app.create_endpoint("acme", &receiver, json!({})).await;
    for url in hostile {
        let body = json!({"url": url});
        for refused in [
            app.post(ENDPOINTS, &acme, &body).await,
            app.call(Method::PATCH, &path, &acme, &body).await,
        ] {
            let errors = refused.problem(422, "body-invalid");
            assert_eq!(errors, [("/url".into(), "blocked_address".into())], "{url}");
            let answer = String::from_utf8_lossy(&refused.bytes).into_owned();
            assert!(
                !answer.contains("127.0") && !answer.contains("169.254"),
                "{answer}"
            );
        }
    }
    // If a partner changes another setting, the URL stays the operator's.
    let changed = app
        .call(Method::PATCH, &path, &acme, &json!({"max_in_flight": 3}))
        .await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let trial = app.post_bytes(&format!("{path}/test"), &acme, "").await;
    assert_eq!(trial.status, 202, "{trial:?}");
    receiver.received(1).await;
    app.finish().await;
}

#[tokio::test]
async fn null_takes_a_setting_back_and_silence_leaves_it() {
    let app = TestApp::start().await;
    let acme = app.partner_with_key("acme").await;
    let url = "https://shop.example/hooks";
    let body = json!({"url": url, "event_types": ["refund.*", "*"], "headers": {"X-A": "1"},
        "retry": [1, 2], "max_in_flight": 7, "rate_per_second": 0.5, "test_orders": "only"});
    let made = app.post(ENDPOINTS, &acme, &body).await.json();
    let path = format!("{ENDPOINTS}/{}", made["id"].as_str().unwrap());
    let mut expected = json!({"id": made["id"], "partner": "acme", "url": url,
        "event_types": ["refund.*", "*"], "headers": {"x-a": null}, "retry": [1, 2], "max_in_flight": 7, "tls": null, "proxy": null,
        "rate_per_second": 0.5, "status": "enabled", "status_reason": null, "circuit": "closed",
        "failing_since": null, "created_at": made["created_at"], "public_keys": [], "test_orders": "only"});
    let untouched = app
        .call(Method::PATCH, &path, &acme, &json!({}))
        .await
        .json();
    assert_eq!(untouched, expected);

    let defaults = [
        ("event_types", json!(["order.*"])),
        ("headers", json!({})),
        ("retry", Value::Null),
        ("max_in_flight", json!(64)),
        ("rate_per_second", Value::Null),
        ("test_orders", json!("include")),
    ];
    for (field, default) in defaults {
        let changed = app
            .call(Method::PATCH, &path, &acme, &json!({field: null}))
            .await;
        expected[field] = default;
        assert_eq!(changed.json(), expected, "{field}");
    }
    assert_eq!(app.get(&path, &acme).await.json(), expected);
    app.finish().await;
}

#[tokio::test]
async fn a_partner_has_fifty_endpoints_at_most() {
    let app = TestApp::start().await;
    let acme = app.partner_with_key("acme").await;
    let body = json!({"url": "https://shop.example/hooks"});
    for _ in 0..50 {
        assert_eq!(app.post(ENDPOINTS, &acme, &body).await.status, 201);
    }
    let refused = app.post(ENDPOINTS, &acme, &body).await;
    refused.problem(409, "state-conflict");
    app.finish().await;
}

/// All logs of this process since the first call.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct LogWriter;

impl io::Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut logged = LOG.lock().unwrap_or_else(PoisonError::into_inner);
        logged.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn secrets_are_sealed_at_rest_and_neither_shown_again_nor_logged() {
    let filter = tracing_subscriber::EnvFilter::new("buywire=trace,actix_web=debug");
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| LogWriter)
        .init();
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let acme = app.partner_with_key("acme").await;
    let own = "whsec_C1LSUFCnCeCQxUsgYHkqNex6EIEo8rgYZjh0RCSOUuI=";
    let settings = json!({"headers": {"Authorization": "Bearer t0p-secret"}, "secret": own});
    let (path, secret) = app.create_endpoint("acme", &receiver, settings).await;
    assert_eq!(secret, own);
    let callback = json!({"callback": {"scheme": "stripe", "secret": "their-secret-of-16"}});
    app.call(Method::PATCH, "/v1/partners/acme", OPERATOR, &callback)
        .await;
    let rotated = app
        .post_bytes(&format!("{path}/rotate-secret"), &acme, "")
        .await
        .json();
    app.post_bytes(&format!("{path}/test"), &acme, "").await;
    receiver.received(1).await;

    let mut recorded = Vec::new();
    for page in [
        path.as_str(),
        ENDPOINTS,
        "/v1/partners/acme",
        "/v1/partners",
        "/v1/keys",
    ] {
        recorded.extend(app.get(page, OPERATOR).await.bytes);
    }
    let rows = "SELECT string_agg(t, ' ') FROM (
        SELECT encode(headers, 'escape') FROM endpoints UNION ALL SELECT encode(secret, 'escape') FROM endpoint_keys
        UNION ALL SELECT encode(callback, 'escape') FROM partners UNION ALL SELECT e::text FROM endpoints e
        UNION ALL SELECT a::text FROM audit a UNION ALL SELECT k::text FROM api_keys k) x(t)";
    let stored: String = app.sql.query_one(rows, &[]).await.unwrap().get(0);
    recorded.extend(stored.into_bytes());
    app.finish().await;
    let logged = LOG.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(!logged.is_empty());
    recorded.extend(logged);
    let recorded = String::from_utf8_lossy(&recorded).into_owned();
    let rotated = rotated["secret"].as_str().unwrap();
    for secret in [
        own,
        rotated,
        "t0p-secret",
        "their-secret",
        acme.as_str(),
        OPERATOR,
    ] {
        assert!(!recorded.contains(secret), "{secret} shows");
    }
}

#[tokio::test]
async fn a_sealed_value_opens_in_its_own_row_only() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let acme = app.partner_with_key("acme").await;
    let settings = json!({"headers": {"x-a": "one"}});
    let (one, _) = app
        .create_endpoint("acme", &receiver, settings.clone())
        .await;
    let (other, _) = app.create_endpoint("acme", &receiver, settings).await;
    let moved = "UPDATE endpoints SET headers = (SELECT headers FROM endpoints WHERE id = $1) WHERE id = $2";
    let id = |path: &str| uuid_of(path.rsplit_once('/').unwrap().1);
    app.sql
        .execute(moved, &[&id(&one), &id(&other)])
        .await
        .unwrap();
    let change = json!({"headers": {"x-a": null}});
    assert_eq!(
        app.call(Method::PATCH, &one, &acme, &change).await.status,
        200
    );
    let forged = app.call(Method::PATCH, &other, &acme, &change).await;
    forged.problem(500, "internal");
    app.finish().await;
}
