//! Retrying: an endpoint that fails is asked again, by its schedule and its own wishes.

use crate::support::app::TestApp;
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

#[tokio::test]
async fn an_endpoint_that_fails_twice_and_then_accepts_gets_one_delivery_three_times() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let receiver = Receiver::start().await;
    app.endpoint(&acme, &receiver).create().await;
    receiver.next([Reply::status(500), Reply::status(503)]);

    app.order(&order("P-1").partner("acme")).await;

    let attempts = receiver.received(3).await;
    assert!(
        attempts
            .iter()
            .all(|attempt| attempt.id() == attempts[0].id())
    );
    app.finish().await;
}
