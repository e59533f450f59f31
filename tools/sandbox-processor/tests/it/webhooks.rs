//! Events reach their receivers: signed, again after a failure, only where they are subscribed to.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::support::{Arrival, Receiver, SECRET, TestSandbox, text};

/// Verified apart from the signer: the header is taken apart and computed again.
fn is_signed(arrival: &Arrival, secret: &str) -> bool {
    let (time, signature) = arrival.signature.split_once(",v1=").unwrap();
    let time = time.strip_prefix("t=").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{time}.{}", arrival.body).as_bytes());
    let expected: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    expected == signature
}

#[actix_web::test]
async fn an_event_is_sent_again_until_it_is_accepted() {
    let mut receiver = Receiver::start(&[500, 404]).await;
    let sandbox = TestSandbox::start_for(&receiver);
    sandbox
        .post("/v1/payment_intents", "amount=5&currency=usd")
        .await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let arrival = receiver.next().await;
        assert!(is_signed(&arrival, SECRET) && !is_signed(&arrival, "whsec_other"));
        ids.push(text(&arrival.event(), "/id").to_owned());
    }
    assert!(ids.iter().all(|id| *id == ids[0]));
    // The receiver counts an event before the sandbox has read its answer.
    for _ in 0..50 {
        let event = sandbox.get(&format!("/v1/events/{}", ids[0])).await;
        if event.pointer("/pending_webhooks").unwrap() == 0 {
            assert!(receiver.is_empty());
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the event stays pending");
}

#[actix_web::test]
async fn a_registered_endpoint_receives_what_it_asks_for_with_its_own_secret() {
    let mut receiver = Receiver::start(&[]).await;
    let sandbox = TestSandbox::start();
    let form = format!(
        "url={}&enabled_events[]=payment_intent.canceled",
        receiver.url()
    );
    let (_, endpoint) = sandbox.post("/v1/webhook_endpoints", &form).await;
    let (_, intent) = sandbox
        .post("/v1/payment_intents", "amount=5&currency=usd")
        .await;
    sandbox
        .post(
            &format!("/v1/payment_intents/{}/cancel", text(&intent, "/id")),
            "",
        )
        .await;
    let arrival = receiver.next().await;
    assert_eq!(text(&arrival.event(), "/type"), "payment_intent.canceled");
    assert!(is_signed(&arrival, text(&endpoint, "/secret")));
    let listed = sandbox.get("/v1/webhook_endpoints").await;
    assert!(listed.pointer("/data/0/secret").is_none());
    let elsewhere = "url=https://example.com/&enabled_events[]=*";
    assert_eq!(
        sandbox.post("/v1/webhook_endpoints", elsewhere).await.0,
        400
    );
}
