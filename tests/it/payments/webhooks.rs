//! Webhooks: what the processor signs is accepted and is a hint; anything else is refused.

use std::time::Duration;

use buywire::testing::{CaptureMethod, EventHint, StripeTimeouts, WebhookVerifier};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{GOOD, KEY, SECRET, Sandbox, eur, key, new_session};

struct Arrival {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Answers every request with 200 and passes it on.
async fn receiver() -> (String, mpsc::UnboundedReceiver<Arrival>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    let (sender, arrivals) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Some(arrival) = receive(stream).await {
                let _ = sender.send(arrival);
            }
        }
    });
    (url, arrivals)
}

async fn receive(mut stream: TcpStream) -> Option<Arrival> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let headers = head.lines().filter_map(|line| line.split_once(": "));
        let headers: Vec<_> = headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let length = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let body = bytes[end + 4..].to_vec();
        if body.len() >= length.unwrap().1.parse::<usize>().unwrap() {
            let reply = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(reply).await.ok()?;
            return Some(Arrival { headers, body });
        }
    }
}

/// All that arrives until it is quiet.
async fn arrivals(mut receiver: mpsc::UnboundedReceiver<Arrival>, least: usize) -> Vec<Arrival> {
    let mut arrived = Vec::new();
    let mut patience = Duration::from_secs(10);
    while let Ok(Some(arrival)) = timeout(patience, receiver.recv()).await {
        arrived.push(arrival);
        if arrived.len() >= least {
            patience = Duration::from_millis(300);
        }
    }
    arrived
}

#[tokio::test]
async fn every_event_verifies_and_is_a_hint() {
    let (url, received) = receiver().await;
    let sandbox = Sandbox::start_with(KEY, StripeTimeouts::default(), Some(url));
    let new = new_session(CaptureMethod::Manual);
    let session = sandbox.open(&new).await;
    sandbox.pay(&session, GOOD).await;
    let session = sandbox.processor.session(&session.id).await.unwrap();
    let payment = session.payment_id.unwrap();
    sandbox
        .processor
        .capture(&payment, eur(7_890), &key())
        .await
        .unwrap();
    let refund = sandbox
        .processor
        .refund(&payment, eur(90), &key())
        .await
        .unwrap();

    let verifier = WebhookVerifier::new(&sandbox.settings).unwrap();
    let now = OffsetDateTime::now_utc();
    let mut hints = Vec::new();
    for arrival in arrivals(received, 6).await {
        verifier
            .verify(&arrival.headers, &arrival.body, now)
            .unwrap();
        hints.push(EventHint::parse(&arrival.body).unwrap());
    }
    let of = |kind: &str| {
        let mut hints = hints.iter();
        hints
            .find(|hint| hint.event_type == kind)
            .unwrap_or_else(|| panic!("no {kind}"))
    };
    let completed = of("checkout.session.completed");
    assert_eq!(completed.session_id.as_ref(), Some(&session.id));
    assert_eq!(completed.payment_id.as_ref(), Some(&payment));
    assert_eq!(completed.checkout_id, Some(new.checkout_id));
    for kind in [
        "payment_intent.amount_capturable_updated",
        "payment_intent.succeeded",
    ] {
        assert_eq!(of(kind).payment_id.as_ref(), Some(&payment));
        assert_eq!(of(kind).checkout_id, Some(new.checkout_id));
    }
    assert_eq!(of("refund.created").refund_id.as_ref(), Some(&refund.id));
    assert_eq!(of("charge.refunded").payment_id.as_ref(), Some(&payment));
    assert!(hints.iter().all(|hint| !hint.is_live));
}

#[tokio::test]
async fn what_the_processor_did_not_sign_just_now_is_refused() {
    let (url, received) = receiver().await;
    let sandbox = Sandbox::start_with(KEY, StripeTimeouts::default(), Some(url));
    let session = sandbox.open(&new_session(CaptureMethod::Manual)).await;
    sandbox.pay(&session, GOOD).await;
    let arrived = arrivals(received, 1).await;
    let Arrival { headers, body } = &arrived[0];
    let now = OffsetDateTime::now_utc();
    let verifier = WebhookVerifier::new(&sandbox.settings).unwrap();
    verifier.verify(headers, body, now).unwrap();

    let mut tampered = body.clone();
    let last = tampered.len() - 2;
    tampered[last] ^= 1;
    assert!(verifier.verify(headers, &tampered, now).is_err());
    assert!(verifier.verify(&[], body, now).is_err());
    for offset_s in [-310, 310] {
        let later = now + time::Duration::seconds(offset_s);
        assert!(verifier.verify(headers, body, later).is_err(), "{offset_s}");
    }

    let mut other = sandbox.settings.clone();
    other.webhook_secrets = vec!["whsec_another_secret_of_32_chars".to_owned().into()];
    let stranger_to_it = WebhookVerifier::new(&other).unwrap();
    assert!(stranger_to_it.verify(headers, body, now).is_err());
    // During a rotation the old secret and the new one are good.
    other.webhook_secrets.push(SECRET.to_owned().into());
    WebhookVerifier::new(&other)
        .unwrap()
        .verify(headers, body, now)
        .unwrap();
}

proptest::proptest! {
    #[test]
    fn no_header_stops_the_verifier(header in ".{0,200}", body in ".{0,40}", at in 0_i64..4_000_000_000) {
        let verifier = WebhookVerifier::new(&super::settings(KEY, "http://127.0.0.1:1")).unwrap();
        let headers = [("Stripe-Signature".to_owned(), header)];
        let now = OffsetDateTime::from_unix_timestamp(at).unwrap();
        proptest::prop_assert!(verifier.verify(&headers, body.as_bytes(), now).is_err());
    }
}
