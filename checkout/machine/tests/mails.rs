//! What the buyer is told by mail, and when.

use time::Duration;

use super::support::{PaymentMethod, Story, facts, placed};
use crate::machine::*;

/// The buyer reads once that the order is cancelled and what becomes of the money, when that is certain.
#[test]
fn a_cancelled_order_is_told_in_one_mail() {
    let held = Story::hosted()
        .with(facts(1, PaymentStatus::Authorised))
        .with(placed(1))
        .with(Event::Cancel);
    // The capture may still be faster.
    assert_eq!(held.names(), ["cancel_order", "void"]);
    let voided = held.clone().with(facts(1, PaymentStatus::Voided));
    assert!(matches!(
        voided.actions[..],
        [EffectAction::SendCancellation {
            is_charged: false,
            ..
        }]
    ));
    let captured = held.with(facts(1, PaymentStatus::Captured));
    assert_eq!(captured.names(), ["refund", "send_cancellation"]);
    let charged = Story::captured()
        .with(Event::Cancel)
        .with(Event::OrderCancelled { attempt: 1 });
    assert!(matches!(
        charged.actions[1],
        EffectAction::SendCancellation {
            is_charged: true,
            ..
        }
    ));
}

#[test]
fn a_withdrawal_is_acknowledged_whatever_can_still_be_cancelled() {
    let requested = Story::captured().with(Event::Withdraw);
    assert_eq!(requested.names(), ["send_acknowledgement", "cancel_order"]);
    let fulfilled = requested.with(Event::OrderNotCancellable { attempt: 1 });
    let again = fulfilled.with(Event::Withdraw);
    assert_eq!(again.names(), ["send_acknowledgement"]);
    assert_eq!(again.situation(), PageSituation::Confirmed);
    assert_eq!(Story::hosted().rejects(Event::Withdraw), Rejected::NoOrder);
}

/// Who pays by invoice is told how, once, and has the days that the seller gives.
#[test]
fn an_invoice_is_told_once_and_holds_its_units_for_its_days() {
    let method = PaymentMethod::Invoice { days: 10 };
    let opened = Event::SessionOpened {
        attempt: 1,
        reference: "inv_1".to_owned(),
    };
    let story = Story::paying(method, PaymentFlow::Hosted);
    assert_eq!(story.names(), ["send_invoice"]);
    assert_eq!(story.situation(), PageSituation::PayInvoice);
    let again = story.clone().with(opened);
    assert_eq!(again.names(), [""; 0]);
    let extended = Event::ExtendHold { is_scarce: false };
    assert_eq!(story.rejects(extended), Rejected::AlreadyExtended);
    let waiting = story.clone().after(Duration::days(9));
    assert_eq!(waiting.situation(), PageSituation::PayInvoice);
    let late = story.after(Duration::days(10));
    assert_eq!(late.names(), ["expire_session"]);
    let void = late.with(facts(1, PaymentStatus::Expired));
    assert_eq!(void.names(), ["release_hold"]);
}
