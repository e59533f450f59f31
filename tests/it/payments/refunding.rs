//! Refunds: in part, in whole, never more than was captured, and some of them fail later.

use buywire::testing::{CaptureMethod, PaymentError, ProcessorRefundStatus};
use serde_json::json;

use super::{GOOD, Sandbox, assert_invalid_state, eur, key};

#[tokio::test]
async fn refunds_add_up_to_what_was_captured_and_no_further() {
    let sandbox = Sandbox::start();
    let paid = sandbox.paid(CaptureMethod::Automatic, GOOD).await;
    let same = key();
    let first = sandbox
        .processor
        .refund(&paid.id, eur(1_000), &same)
        .await
        .unwrap();
    assert_eq!(
        (first.status, first.amount),
        (ProcessorRefundStatus::Succeeded, 1_000)
    );
    assert_eq!(first.payment_id.as_ref(), Some(&paid.id));
    let again = sandbox
        .processor
        .refund(&paid.id, eur(1_000), &same)
        .await
        .unwrap();
    assert_eq!(again, first);
    assert_eq!(sandbox.payment(&paid.id).await.amount_refunded, 1_000);

    let too_much = sandbox.processor.refund(&paid.id, eur(6_891), &key()).await;
    assert!(matches!(
        too_much.unwrap_err(),
        PaymentError::Refused { .. }
    ));
    sandbox
        .processor
        .refund(&paid.id, eur(6_890), &key())
        .await
        .unwrap();
    assert_eq!(sandbox.payment(&paid.id).await.amount_refunded, 7_890);
    assert_invalid_state(sandbox.processor.refund(&paid.id, eur(1), &key()).await);
    assert_eq!(sandbox.count("/v1/refunds").await, 2);
}

#[tokio::test]
async fn the_same_key_with_another_amount_is_refused() {
    let sandbox = Sandbox::start();
    let paid = sandbox.paid(CaptureMethod::Automatic, GOOD).await;
    let same = key();
    sandbox
        .processor
        .refund(&paid.id, eur(1_000), &same)
        .await
        .unwrap();
    let other = sandbox
        .processor
        .refund(&paid.id, eur(2_000), &same)
        .await
        .unwrap_err();
    assert!(
        matches!(other, PaymentError::Refused { code, .. } if code == "idempotency_key_reused")
    );
    assert_eq!(sandbox.count("/v1/refunds").await, 1);
}

#[tokio::test]
async fn a_refund_may_fail_later() {
    let sandbox = Sandbox::start();
    let paid = sandbox
        .paid(CaptureMethod::Automatic, "4000000000005126")
        .await;
    let refund = sandbox
        .processor
        .refund(&paid.id, eur(7_890), &key())
        .await
        .unwrap();
    assert_ne!(refund.status, ProcessorRefundStatus::Failed);
    sandbox.control("advance", &json!({"seconds": 3})).await;
    let failed = sandbox.processor.refund_status(&refund.id).await.unwrap();
    assert_eq!(failed.status, ProcessorRefundStatus::Failed);
    assert!(failed.failure_reason.is_some());
    assert_eq!(sandbox.payment(&paid.id).await.amount_refunded, 0);
}

#[tokio::test]
async fn a_refund_may_be_pending_first() {
    let sandbox = Sandbox::start();
    let paid = sandbox
        .paid(CaptureMethod::Automatic, "4000000000007726")
        .await;
    let refund = sandbox
        .processor
        .refund(&paid.id, eur(100), &key())
        .await
        .unwrap();
    assert_eq!(refund.status, ProcessorRefundStatus::Pending);
    sandbox.control("advance", &json!({"seconds": 3})).await;
    let done = sandbox.processor.refund_status(&refund.id).await.unwrap();
    assert_eq!(done.status, ProcessorRefundStatus::Succeeded);
}
