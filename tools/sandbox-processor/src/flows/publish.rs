//! Turns what has become true into Stripe's events, each with the object as it is now.

use crate::clock::new_id;
use crate::machine::IntentEvent;
use crate::objects;
use crate::store::Store;

/// Emits the events of an intent and its latest charge.
pub(super) fn publish_intent(store: &mut Store, now_s: i64, intent: &str, events: &[IntentEvent]) {
    for event in events {
        for kind in kinds(*event, is_held_charge(store, intent)) {
            match kind.split_once('.') {
                Some(("charge", _)) => emit_latest_charge(store, now_s, intent, kind),
                _ => emit(store, now_s, intent, kind),
            }
        }
    }
}

fn kinds(event: IntentEvent, was_held: bool) -> &'static [&'static str] {
    match event {
        IntentEvent::ActionRequired => &["payment_intent.requires_action"],
        IntentEvent::Processing => &["charge.pending", "payment_intent.processing"],
        IntentEvent::Capturable => &[
            "charge.succeeded",
            "payment_intent.amount_capturable_updated",
        ],
        IntentEvent::Succeeded { .. } if was_held => {
            &["charge.captured", "payment_intent.succeeded"]
        }
        IntentEvent::Succeeded { .. } => &["charge.succeeded", "payment_intent.succeeded"],
        IntentEvent::PaymentFailed => &["charge.failed", "payment_intent.payment_failed"],
        IntentEvent::Canceled => &["payment_intent.canceled"],
        // A refund changes its charge; the refund itself is the refunds' business, a dispute the disputes'.
        IntentEvent::Refunded { .. } => &["charge.refunded"],
        IntentEvent::RefundFailed { .. }
        | IntentEvent::DisputeOpened
        | IntentEvent::DisputeClosed => &[],
    }
}

fn is_held_charge(store: &Store, intent: &str) -> bool {
    let intent = store.intents.get(intent);
    let charge = intent.and_then(|intent| intent.latest_charge.as_deref());
    let charge = charge.and_then(|charge| store.charges.get(charge));
    charge.is_some_and(|charge| charge.capture_before.is_some())
}

fn emit_latest_charge(store: &mut Store, now_s: i64, intent: &str, kind: &'static str) {
    let intent = store.intents.get(intent);
    if let Some(charge) = intent.and_then(|intent| intent.latest_charge.clone()) {
        emit(store, now_s, &charge, kind);
    }
}

/// Emits one event about the object with this id.
pub(super) fn emit(store: &mut Store, now_s: i64, id: &str, kind: &'static str) {
    if let Some(object) = objects::find(store, id) {
        store.emit(new_id("evt_"), kind, now_s, object);
    }
}
