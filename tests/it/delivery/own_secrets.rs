//! Secrets in the form that a partner's own platform shows.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

use crate::support::api::OPERATOR;
use crate::support::app::TestApp;
use crate::support::order::order;
use crate::support::receiver::{Received, Receiver};

const OWN: &str = "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";
const NEXT: &str = "a-secret-of-another-form-0123456789";

fn is_signed_with(secret: &str, received: &Received) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(&received.body);
    received.header("x-shopify-hmac-sha256") == BASE64.encode(mac.finalize().into_bytes())
}

#[tokio::test]
async fn a_secret_in_a_partners_own_form_signs_as_it_stands() {
    let app = TestApp::start().await;
    app.partner_with_adapter("acme", "shopify").await;
    let receiver = Receiver::start().await;
    let endpoint = app
        .endpoint("acme", &receiver)
        .with("secret", json!(OWN))
        .create()
        .await;
    assert_eq!(endpoint.secret, OWN);
    app.order(&order("P-1").partner("acme")).await;
    assert!(is_signed_with(OWN, &receiver.received(1).await[0]));

    let rotate = format!("{}/rotate-secret", endpoint.path);
    let body = json!({"secret": NEXT, "overlap_hours": 0});
    let answer = app.post(&rotate, OPERATOR, &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    app.finish().await;
}

#[tokio::test]
async fn it_is_refused_where_the_signature_decodes_its_secret() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let receiver = Receiver::start().await;
    let path = "/v1/partners/acme/endpoints";
    let body = json!({"url": receiver.url(), "secret": OWN});
    let refused = app.post(path, OPERATOR, &body).await;
    let errors = refused.problem(422, "body-invalid");
    assert_eq!(
        errors,
        [("/secret".to_owned(), "secret_malformed".to_owned())]
    );
    assert!(!format!("{refused:?}").contains(OWN));

    let endpoint = app.endpoint(&acme, &receiver).create().await;
    let rotate = format!("{}/rotate-secret", endpoint.path);
    let refused = app.post(&rotate, OPERATOR, &json!({"secret": OWN})).await;
    let errors = refused.problem(422, "body-invalid");
    assert_eq!(
        errors,
        [("/secret".to_owned(), "secret_malformed".to_owned())]
    );
    app.finish().await;
}
