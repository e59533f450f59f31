//! Certificates on entry: what cannot work is refused with its reason, and no key is ever shown.

use serde_json::{Value, json};
use time::Duration;

use super::identities::Authority;
use super::{draft, patch};
use crate::support::api::OPERATOR;
use crate::support::app::TestApp;

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_named() {
    let authority = Authority::new("clients");
    let (ours, other) = (authority.client("ours"), authority.client("other"));
    let expired = authority.client_until("expired", Duration::days(-1));
    let app = TestApp::start().await;
    let acme = app.partner_with_key("acme").await;
    let pair = |certificate: &str, key: &str| json!({"client_certificate": certificate, "client_key": key});
    let encrypted = ours.key_pem().replace("PRIVATE", "ENCRYPTED PRIVATE");
    let key = ours.key_pem();
    for (given, pointer, code) in [
        (pair("certificate", &key), "client_certificate", "not_pem"),
        (pair(&key, &key), "client_certificate", "not_pem"),
        (pair(&ours.pem, &ours.pem), "client_key", "not_pem"),
        (pair(&ours.pem, &encrypted), "client_key", "key_encrypted"),
        (
            pair(&ours.pem, &other.key_pem()),
            "client_key",
            "key_mismatch",
        ),
        (
            pair(&expired.pem, &expired.key_pem()),
            "client_certificate",
            "certificate_expired",
        ),
        (
            pair(&ours.pem.repeat(11), &key),
            "client_certificate",
            "chain_too_long",
        ),
        (
            pair(&format!("{}{}", ours.pem, other.pem), &key),
            "client_certificate",
            "chain_order",
        ),
        (
            json!({"client_certificate": ours.pem}),
            "client_key",
            "missing",
        ),
        (json!({"client_key": key}), "client_certificate", "missing"),
        (json!({"ca": "x".repeat(70_000)}), "ca", "too_long"),
        (json!({"ca": expired.pem}), "ca", "certificate_expired"),
        (json!({"ca": [1]}), "ca", "wrong_type"),
        (json!({"cert": ours.pem}), "cert", "unknown_field"),
    ] {
        let body = json!({"url": "https://shop.example/hooks", "tls": given});
        let refused = app.post("/v1/partners/acme/endpoints", &acme, &body).await;
        let errors = refused.problem(422, "body-invalid");
        let pointer = format!("/tls/{pointer}");
        assert_eq!(errors, [(pointer, code.to_owned())], "{}", refused.body());
        assert!(!refused.body().contains(&key[40..80]));
    }
    app.finish().await;
}

#[tokio::test]
async fn a_chain_is_taken_in_order_and_no_key_leaves_the_gateway() {
    let authority = Authority::new("clients");
    let ours = authority.client("ours");
    let app = TestApp::start().await;
    app.partner("acme").await;
    let given = json!({
        "client_certificate": format!("{}{}", ours.pem, authority.pem()),
        "client_key": ours.key_pem(),
    });
    let endpoint = draft(&app, "https://shop.example/hooks")
        .with("tls", given)
        .create()
        .await;
    let secret = ours.key_pem().lines().nth(1).unwrap().to_owned();
    let answers = [
        patch(&app, &endpoint, &json!({"max_in_flight": 3})).await,
        app.get(&endpoint.path, OPERATOR).await.json(),
        app.get("/v1/audit", OPERATOR).await.json(),
    ];
    for answer in answers {
        let text = answer.to_string();
        assert!(
            !text.contains("PRIVATE KEY") && !text.contains(&secret),
            "{text}"
        );
    }
    let row = app
        .sql
        .query_one("SELECT endpoints::text FROM endpoints", &[])
        .await
        .unwrap();
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let row: String = row.get(0);
    assert!(!row.contains(&secret) && !row.contains(&hex));

    // A new CA leaves the certificate, and null clears one of both.
    patch(&app, &endpoint, &json!({"tls": {"ca": authority.pem()}})).await;
    let cleared = json!({"tls": {"client_certificate": null, "client_key": null}});
    let shown = patch(&app, &endpoint, &cleared).await;
    assert_eq!(shown["tls"]["client_certificate"], Value::Null);
    assert_eq!(shown["tls"]["ca"][0]["subject"], "CN=clients");
    app.finish().await;
}
