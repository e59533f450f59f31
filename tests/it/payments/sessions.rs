//! Sessions: the page asks for the quote's sum; they end once.

use buywire::testing::{CaptureMethod, PaymentError, SessionId, SessionStatus, StripeTimeouts};
use buywire_schemas::money::Currency;

use super::{GOOD, Sandbox, assert_invalid_state, key, new_session};

#[tokio::test]
async fn the_page_asks_for_exactly_the_quoted_sum() {
    let sandbox = Sandbox::start();
    let new = new_session(CaptureMethod::Manual);
    let session = sandbox.open(&new).await;
    assert_eq!(
        (session.amount, session.currency),
        (new.amount, new.currency)
    );
    assert_eq!(session.status, SessionStatus::Open);
    assert_eq!(session.checkout_id, Some(new.checkout_id));
    assert_eq!(
        session.expires_at.unix_timestamp(),
        new.expires_at.unix_timestamp()
    );
    assert_eq!((session.payment_id, session.payment), (None, None));
    let page = sandbox
        .browser
        .get(session.url.unwrap())
        .send()
        .await
        .unwrap();
    let page = page.text().await.unwrap();
    for shown in [
        "78.90",
        "3 × Sticker",
        "T-shirt &#38; mug",
        "Standard",
        "VAT",
    ] {
        let as_named = shown.replace("&#38;", "&amp;");
        assert!(
            page.contains(shown) || page.contains(&as_named),
            "{shown}\n{page}"
        );
    }
}

#[tokio::test]
async fn amounts_of_every_kind_of_currency_are_asked_for_as_quoted() {
    let sandbox = Sandbox::start();
    for (code, amount) in [
        ("JPY", 1_500),
        ("KWD", 12_340),
        ("ISK", 2_000),
        ("MGA", 500_000),
        ("USD", 1),
    ] {
        let mut new = new_session(CaptureMethod::Automatic);
        new.currency = Currency::parse(code).unwrap();
        new.amount = amount;
        new.lines.truncate(1);
        new.lines[0].amount = amount;
        (new.shipping, new.tax) = (None, None);
        let session = sandbox.open(&new).await;
        assert_eq!(
            (session.amount, session.currency),
            (amount, new.currency),
            "{code}"
        );
    }
    assert_eq!(sandbox.count("/v1/checkout/sessions").await, 5);
}

#[tokio::test]
async fn a_sum_that_does_not_add_up_is_never_sent() {
    let sandbox = Sandbox::start();
    let mut new = new_session(CaptureMethod::Manual);
    new.amount += 1;
    let refused = sandbox.processor.create_session(&new, &key()).await;
    match refused.unwrap_err() {
        PaymentError::Refused { code, .. } => assert_eq!(code, "amounts_do_not_add_up"),
        other => panic!("{other:?}"),
    }
    assert_eq!(sandbox.count("/v1/checkout/sessions").await, 0);
}

#[tokio::test]
async fn what_the_processor_refuses_is_named() {
    let sandbox = Sandbox::start();
    let mut new = new_session(CaptureMethod::Manual);
    new.expires_at -= time::Duration::minutes(40);
    let refused = sandbox.processor.create_session(&new, &key()).await;
    match refused.unwrap_err() {
        PaymentError::Refused { param, .. } => assert_eq!(param.as_deref(), Some("expires_at")),
        other => panic!("{other:?}"),
    }
    let nowhere = SessionId::parse("cs_test_nowhere").unwrap();
    let refused = sandbox.processor.session(&nowhere).await.unwrap_err();
    assert!(matches!(refused, PaymentError::Refused { code, .. } if code == "resource_missing"));
}

#[tokio::test]
async fn an_open_session_expires_once() {
    let sandbox = Sandbox::start();
    let session = sandbox.open(&new_session(CaptureMethod::Manual)).await;
    let first = key();
    for _ in 0..2 {
        let expired = sandbox
            .processor
            .expire_session(&session.id, &first)
            .await
            .unwrap();
        assert_eq!(
            (expired.status, expired.url),
            (SessionStatus::Expired, None)
        );
    }
    assert_invalid_state(sandbox.processor.expire_session(&session.id, &key()).await);
    assert_ne!(sandbox.pay(&session, GOOD).await.status(), 303);
    let read = sandbox.processor.session(&session.id).await.unwrap();
    assert_eq!((read.status, read.payment), (SessionStatus::Expired, None));
}

#[tokio::test]
async fn a_completed_session_cannot_expire() {
    let sandbox = Sandbox::start();
    let session = sandbox.open(&new_session(CaptureMethod::Manual)).await;
    assert_eq!(sandbox.pay(&session, GOOD).await.status(), 303);
    assert_invalid_state(sandbox.processor.expire_session(&session.id, &key()).await);
    let read = sandbox.processor.session(&session.id).await.unwrap();
    assert_eq!((read.status, read.url), (SessionStatus::Complete, None));
}

#[tokio::test]
async fn a_key_that_is_not_accepted_is_the_operators_to_correct() {
    let sandbox = Sandbox::start_with("sk_test_other", StripeTimeouts::default(), None);
    let new = new_session(CaptureMethod::Manual);
    let refused = sandbox
        .processor
        .create_session(&new, &key())
        .await
        .unwrap_err();
    assert!(
        matches!(refused, PaymentError::Misconfigured(_)),
        "{refused:?}"
    );
    assert!(!format!("{refused:?} {refused}").contains("sk_test_other"));
}
