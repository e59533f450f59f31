//! Whatever goes wrong on the wire, the error says what may be concluded, and nothing is done twice.

use std::time::{Duration, Instant};

use buywire::testing::{
    CaptureMethod, EgressPolicy, PaymentError, PaymentProcessor, ProcessorPaymentStatus,
    StripeProcessor, StripeTimeouts, UnknownCause,
};

use super::{GOOD, KEY, Sandbox, eur, key, new_session, settings};

#[track_caller]
fn assert_unknown<T: std::fmt::Debug>(result: Result<T, PaymentError>, cause: UnknownCause) {
    match result {
        Err(PaymentError::Unknown(given)) => assert_eq!(given, cause),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_lost_answer_is_given_again_to_the_same_key() {
    let sandbox = Sandbox::start();
    let (new, create) = (new_session(CaptureMethod::Manual), key());
    sandbox.fault("create_session", "drop", 0).await;
    let lost = sandbox.processor.create_session(&new, &create).await;
    assert_unknown(lost, UnknownCause::ConnectionLost);
    let session = sandbox
        .processor
        .create_session(&new, &create)
        .await
        .unwrap();
    assert_eq!(sandbox.count("/v1/checkout/sessions").await, 1);

    sandbox.pay(&session, GOOD).await;
    let session = sandbox.processor.session(&session.id).await.unwrap();
    let (payment, capture) = (session.payment_id.unwrap(), key());
    sandbox.fault("capture", "drop", 0).await;
    let lost = sandbox
        .processor
        .capture(&payment, eur(7_890), &capture)
        .await;
    assert_unknown(lost, UnknownCause::ConnectionLost);
    let captured = sandbox
        .processor
        .capture(&payment, eur(7_890), &capture)
        .await
        .unwrap();
    assert_eq!(
        (captured.status, captured.amount_captured),
        (ProcessorPaymentStatus::Captured, 7_890)
    );
    assert_eq!(sandbox.count("/v1/payment_intents").await, 1);

    let refund = key();
    sandbox.fault("refund", "drop", 0).await;
    let lost = sandbox.processor.refund(&payment, eur(90), &refund).await;
    assert_unknown(lost, UnknownCause::ConnectionLost);
    sandbox
        .processor
        .refund(&payment, eur(90), &refund)
        .await
        .unwrap();
    assert_eq!(sandbox.count("/v1/refunds").await, 1);
    assert_eq!(sandbox.payment(&payment).await.amount_refunded, 90);
}

/// Stripe repeats a failure under its key: only the object shows what was done.
#[tokio::test]
async fn a_failure_after_the_commit_is_repeated_and_the_object_tells() {
    let sandbox = Sandbox::start();
    let held = sandbox.paid(CaptureMethod::Manual, GOOD).await;
    let capture = key();
    sandbox.fault("capture", "error_after_commit", 0).await;
    let failed = sandbox
        .processor
        .capture(&held.id, eur(7_890), &capture)
        .await;
    assert_unknown(failed, UnknownCause::ServerError(500));
    let again = sandbox
        .processor
        .capture(&held.id, eur(7_890), &capture)
        .await;
    assert_unknown(again, UnknownCause::FailureReplayed(500));
    let read = sandbox.payment(&held.id).await;
    assert_eq!(
        (read.status, read.amount_captured),
        (ProcessorPaymentStatus::Captured, 7_890)
    );

    let refund = key();
    sandbox.fault("refund", "error_after_commit", 0).await;
    let failed = sandbox.processor.refund(&held.id, eur(90), &refund).await;
    assert_unknown(failed, UnknownCause::ServerError(500));
    let again = sandbox.processor.refund(&held.id, eur(90), &refund).await;
    assert_unknown(again, UnknownCause::FailureReplayed(500));
    assert_eq!(sandbox.payment(&held.id).await.amount_refunded, 90);
    assert_eq!(sandbox.count("/v1/refunds").await, 1);
}

#[tokio::test]
async fn a_failure_before_the_commit_leaves_the_payment_as_it_was() {
    let sandbox = Sandbox::start();
    let held = sandbox.paid(CaptureMethod::Manual, GOOD).await;
    sandbox.fault("capture", "error_before_commit", 0).await;
    let failed = sandbox
        .processor
        .capture(&held.id, eur(7_890), &key())
        .await;
    assert_unknown(failed, UnknownCause::ServerError(500));
    assert_eq!(
        sandbox.payment(&held.id).await.status,
        ProcessorPaymentStatus::Authorised
    );
}

#[tokio::test]
async fn a_processor_that_does_not_answer_is_left_in_time() {
    let short = StripeTimeouts {
        post: Duration::from_millis(600),
        get: Duration::from_millis(600),
        ..StripeTimeouts::default()
    };
    let sandbox = Sandbox::start_with(KEY, short, None);
    let (new, create) = (new_session(CaptureMethod::Manual), key());
    sandbox.fault("create_session", "timeout", 3_000).await;
    let begun = Instant::now();
    let late = sandbox.processor.create_session(&new, &create).await;
    assert_unknown(late, UnknownCause::Timeout);
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert_eq!(sandbox.count("/v1/checkout/sessions").await, 1);

    // It is still at it: the twin under the same key is told so.
    let create = key();
    sandbox.fault("create_session", "delay", 2_000).await;
    let late = sandbox.processor.create_session(&new, &create).await;
    assert_unknown(late, UnknownCause::Timeout);
    let twin = sandbox.processor.create_session(&new, &create).await;
    assert_unknown(twin, UnknownCause::InFlight);
    tokio::time::sleep(Duration::from_secs(2)).await;
    sandbox
        .processor
        .create_session(&new, &create)
        .await
        .unwrap();
    assert_eq!(sandbox.count("/v1/checkout/sessions").await, 2);
}

#[tokio::test]
async fn a_short_delay_is_waited_for() {
    let sandbox = Sandbox::start();
    sandbox.fault("create_session", "delay", 300).await;
    let session = sandbox.open(&new_session(CaptureMethod::Manual)).await;
    sandbox.fault("read", "delay", 300).await;
    sandbox.processor.session(&session.id).await.unwrap();
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let settings = settings(KEY, &format!("http://{address}"));
    let processor = StripeProcessor::open(
        &settings,
        EgressPolicy::default(),
        StripeTimeouts::default(),
    );
    let sent = processor.unwrap();
    let sent = sent
        .create_session(&new_session(CaptureMethod::Manual), &key())
        .await;
    assert!(matches!(sent.unwrap_err(), PaymentError::NotSent(_)));
}
