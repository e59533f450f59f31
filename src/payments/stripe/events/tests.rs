//! Events of every kind are hints.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const CHECKOUT: &str = "chk_0198c2d4a1b27c3d8e4f5a6b7c8d9e0f";

fn hint(kind: &str, object: Value) -> EventHint {
    let event = json!({
        "id": "evt_1", "object": "event", "type": kind, "livemode": false, "data": {"object": object}
    });
    EventHint::parse(event.to_string().as_bytes()).unwrap()
}

#[test]
fn an_event_names_what_has_changed() {
    let session = json!({
        "id": "cs_1", "object": "checkout.session", "payment_intent": "pi_1",
        "metadata": {"buywire_checkout": CHECKOUT}
    });
    let session = hint("checkout.session.completed", session);
    assert_eq!(session.session_id, SessionId::parse("cs_1"));
    assert_eq!(session.payment_id, ProcessorPaymentId::parse("pi_1"));
    assert_eq!(
        session.checkout_id.map(|id| id.to_string()).as_deref(),
        Some(CHECKOUT)
    );
    assert!(!session.is_live);

    let intent = json!({"id": "pi_2", "object": "payment_intent", "metadata": {}});
    let intent = hint("payment_intent.succeeded", intent);
    assert_eq!(
        (intent.payment_id, intent.checkout_id),
        (ProcessorPaymentId::parse("pi_2"), None)
    );

    let refund = json!({"id": "re_1", "object": "refund", "payment_intent": "pi_3"});
    let refund = hint("refund.failed", refund);
    assert_eq!(refund.refund_id, ProcessorRefundId::parse("re_1"));
    assert_eq!(refund.payment_id, ProcessorPaymentId::parse("pi_3"));

    let dispute = json!({"id": "du_1", "object": "dispute", "payment_intent": {"id": "pi_4"}});
    let dispute = hint("charge.dispute.created", dispute);
    assert_eq!(dispute.dispute_id.as_deref(), Some("du_1"));
    assert_eq!(dispute.payment_id, ProcessorPaymentId::parse("pi_4"));

    let charge = json!({"id": "ch_1", "object": "charge", "payment_intent": "pi_5"});
    let charge = hint("charge.refunded", charge);
    assert_eq!(
        (charge.object_id.as_deref(), charge.payment_id),
        (Some("ch_1"), ProcessorPaymentId::parse("pi_5"))
    );
}

#[test]
fn a_type_that_nobody_has_heard_of_is_a_hint_too() {
    for object in [
        json!({"id": "x_1", "object": "x"}),
        json!(null),
        json!(7),
        json!({"id": "../x"}),
    ] {
        let hint = hint("x.y_z.v2", object);
        assert_eq!(hint.event_type, "x.y_z.v2");
        assert_eq!((hint.payment_id, hint.checkout_id), (None, None));
    }
}

#[test]
fn what_is_no_event_is_refused() {
    for body in [
        "",
        "[]",
        "null",
        "{}",
        r#"{"id":"evt_1"}"#,
        r#"{"id":"a/b","type":"a"}"#,
        r#"{"id":"e","type":"A b"}"#,
    ] {
        assert_eq!(EventHint::parse(body.as_bytes()), Err(NotAnEvent), "{body}");
    }
}

proptest! {
    #[test]
    fn no_body_stops_the_reader(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = EventHint::parse(&body);
    }
}
