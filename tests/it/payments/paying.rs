//! A buyer pays on the hosted page; we capture or void.

use buywire::testing::{
    CaptureMethod, DisputeStatus, PaymentError, ProcessorPaymentStatus, SessionStatus,
};
use serde_json::json;

use super::{GOOD, Sandbox, assert_invalid_state, eur, key, new_session};

#[tokio::test]
async fn a_payment_is_authorised_and_then_captured_once() {
    let sandbox = Sandbox::start();
    let new = new_session(CaptureMethod::Manual);
    let session = sandbox.open(&new).await;
    let paid = sandbox.pay(&session, GOOD).await;
    assert_eq!(paid.status(), 303);
    assert_eq!(paid.headers()["location"], "http://127.0.0.1:9/o/token");

    let session = sandbox.processor.session(&session.id).await.unwrap();
    assert_eq!(session.status, SessionStatus::Complete);
    let held = session.payment.unwrap();
    assert_eq!(held.status, ProcessorPaymentStatus::Authorised);
    assert_eq!(held.session_id.as_ref(), Some(&session.id));
    assert_eq!(held.checkout_id, Some(new.checkout_id));
    assert_eq!(
        (held.amount, held.amount_capturable, held.amount_captured),
        (7_890, 7_890, 0)
    );
    assert!(held.capture_before.is_some() && !held.is_live);
    let card = held.card.as_ref().unwrap();
    assert_eq!((card.brand.as_str(), card.last4.as_str()), ("visa", "4242"));
    assert!(card.fingerprint.is_some());

    let captured = sandbox
        .processor
        .capture(&held.id, eur(7_890), &key())
        .await
        .unwrap();
    assert_eq!(captured.status, ProcessorPaymentStatus::Captured);
    assert_eq!(
        (captured.amount_capturable, captured.amount_captured),
        (0, 7_890)
    );
    assert_eq!(sandbox.payment(&held.id).await, captured);
    assert_invalid_state(
        sandbox
            .processor
            .capture(&held.id, eur(7_890), &key())
            .await,
    );
    assert_invalid_state(sandbox.processor.void(&held.id, &key()).await);
}

#[tokio::test]
async fn a_part_may_be_captured_and_the_rest_goes_back() {
    let sandbox = Sandbox::start();
    let held = sandbox.paid(CaptureMethod::Manual, GOOD).await;
    let too_much = sandbox
        .processor
        .capture(&held.id, eur(7_891), &key())
        .await;
    assert!(matches!(
        too_much.unwrap_err(),
        PaymentError::Refused { .. }
    ));
    let captured = sandbox
        .processor
        .capture(&held.id, eur(5_000), &key())
        .await
        .unwrap();
    assert_eq!(captured.status, ProcessorPaymentStatus::Captured);
    assert_eq!(
        (captured.amount_capturable, captured.amount_captured),
        (0, 5_000)
    );
}

#[tokio::test]
async fn a_payment_may_be_captured_at_once() {
    let sandbox = Sandbox::start();
    let paid = sandbox.paid(CaptureMethod::Automatic, GOOD).await;
    assert_eq!(
        (paid.status, paid.amount_captured),
        (ProcessorPaymentStatus::Captured, 7_890)
    );
}

#[tokio::test]
async fn a_void_gives_everything_back() {
    let sandbox = Sandbox::start();
    let held = sandbox.paid(CaptureMethod::Manual, GOOD).await;
    let same = key();
    for _ in 0..2 {
        let voided = sandbox.processor.void(&held.id, &same).await.unwrap();
        assert_eq!(voided.status, ProcessorPaymentStatus::Cancelled);
        assert_eq!((voided.amount_capturable, voided.amount_captured), (0, 0));
    }
    assert_invalid_state(sandbox.processor.void(&held.id, &key()).await);
    assert_invalid_state(sandbox.processor.capture(&held.id, eur(1), &key()).await);
}

#[tokio::test]
async fn a_buyer_who_was_declined_tries_another_card() {
    let sandbox = Sandbox::start();
    let session = sandbox.open(&new_session(CaptureMethod::Manual)).await;
    assert_ne!(
        sandbox.pay(&session, "4000000000009995").await.status(),
        303
    );
    let declined = sandbox.processor.session(&session.id).await.unwrap();
    assert_eq!(declined.status, SessionStatus::Open);
    assert_eq!(declined.url, session.url);
    let payment = declined.payment.unwrap();
    assert_eq!(payment.status, ProcessorPaymentStatus::NeedsMethod);
    assert_eq!(payment.decline_code.as_deref(), Some("insufficient_funds"));

    assert_eq!(sandbox.pay(&session, GOOD).await.status(), 303);
    let paid = sandbox.payment(&payment.id).await;
    assert_eq!(
        (paid.status, paid.decline_code),
        (ProcessorPaymentStatus::Authorised, None)
    );
}

#[tokio::test]
async fn a_bank_may_want_to_be_sure() {
    let sandbox = Sandbox::start();
    let session = sandbox.open(&new_session(CaptureMethod::Manual)).await;
    let challenge = sandbox.pay(&session, "4000002760003184").await;
    assert_eq!(challenge.status(), 303);
    let location = challenge.headers()["location"].to_str().unwrap().to_owned();
    let payment = sandbox
        .processor
        .session(&session.id)
        .await
        .unwrap()
        .payment
        .unwrap();
    assert_eq!(payment.status, ProcessorPaymentStatus::NeedsAction);

    let base = format!("http://{}", sandbox.address);
    let url = match location.starts_with('/') {
        true => format!("{base}{location}"),
        false => location,
    };
    let confirmed = sandbox.submit(&url, "outcome=confirm".to_owned()).await;
    assert_eq!(confirmed.status(), 303);
    assert_eq!(
        sandbox.payment(&payment.id).await.status,
        ProcessorPaymentStatus::Authorised
    );
}

#[tokio::test]
async fn a_dispute_shows_in_the_payment_until_it_is_decided() {
    let sandbox = Sandbox::start();
    let paid = sandbox.paid(CaptureMethod::Automatic, GOOD).await;
    assert_eq!(paid.dispute, None);
    let order = json!({"payment_intent": paid.id.as_str(), "reason": "fraudulent"});
    sandbox.control("disputes", &order).await;
    let dispute = sandbox.payment(&paid.id).await.dispute.unwrap();
    assert_eq!(
        (dispute.status, dispute.amount),
        (DisputeStatus::Open, 7_890)
    );
    assert_eq!(dispute.reason, "fraudulent");
    assert_invalid_state(sandbox.processor.refund(&paid.id, eur(1), &key()).await);
    let order = json!({"payment_intent": paid.id.as_str(), "close": "lost"});
    sandbox.control("disputes", &order).await;
    let dispute = sandbox.payment(&paid.id).await.dispute.unwrap();
    assert_eq!(dispute.status, DisputeStatus::Lost);
}
