//! Answers that no processor should give: none of them is believed, followed or read to the end.

use buywire::testing::{
    CaptureMethod, EgressPolicy, PaymentError, PaymentProcessor, StripeProcessor, StripeTimeouts,
    UnknownCause,
};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{KEY, key, new_session, settings};

/// What our client makes of this answer to a new session.
async fn refusal_of(status: &str, body: &str) -> PaymentError {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let reply = format!(
        "HTTP/1.1 {status}\r\nlocation: {url}/elsewhere\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 16_384]).await;
        let _ = stream.write_all(reply.as_bytes()).await;
        // A second connection would be a redirect followed, or a request sent again by itself.
        let second = tokio::time::timeout(std::time::Duration::from_millis(100), listener.accept());
        assert!(second.await.is_err());
    });
    let settings = settings(KEY, &url);
    let processor = StripeProcessor::open(
        &settings,
        EgressPolicy::default(),
        StripeTimeouts::default(),
    );
    let processor = processor.unwrap();
    let answer = processor
        .create_session(&new_session(CaptureMethod::Manual), &key())
        .await;
    serving.await.unwrap();
    answer.unwrap_err()
}

fn session(url: &str, amount: i64) -> String {
    json!({
        "id": "cs_test_1", "object": "checkout.session", "status": "open", "url": url, "amount_total": amount,
        "currency": "eur", "expires_at": 1_800_000_000, "livemode": false, "metadata": {}, "payment_intent": null,
    })
    .to_string()
}

#[tokio::test]
async fn a_buyer_is_not_sent_to_another_host() {
    for page in [
        "https://checkout.stripe.com.evil.example/c",
        "http://127.0.0.1:9/c",
        "javascript:0",
    ] {
        let refusal = refusal_of("200 OK", &session(page, 7_890)).await;
        assert_eq!(refusal, PaymentError::UnexpectedRedirect, "{page}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_leaves_the_outcome_unknown() {
    let unreadable = PaymentError::Unknown(UnknownCause::Unreadable);
    let huge = format!("{{\"id\": \"{}\"}}", "a".repeat(2 * 1024 * 1024));
    for body in ["", "<html>", "[]", r#"{"id": 7}"#, huge.as_str()] {
        let refusal = refusal_of("200 OK", body).await;
        assert_eq!(refusal, unreadable, "{}", body.len());
    }
    let refusal = refusal_of("502 Bad Gateway", "<html>").await;
    assert_eq!(
        refusal,
        PaymentError::Unknown(UnknownCause::ServerError(502))
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let refusal = refusal_of("302 Found", "").await;
    assert!(
        matches!(refusal, PaymentError::Misconfigured(_)),
        "{refusal:?}"
    );
}
