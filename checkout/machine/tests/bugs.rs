//! Bugs that other checkouts had, one case each. The names in the comments are theirs.

use time::Duration;

use super::support::{IDEAL, NOW, PaymentMethod, Story, TOTAL, euro, facts, placed, terms};
use crate::machine::*;

const AUTHORISED: PaymentStatus = PaymentStatus::Authorised;
const CAPTURED: PaymentStatus = PaymentStatus::Captured;

/// medusa 13301, 3146, 4798, 2948; mercur 1418; woocommerce-gateway-stripe 890; woocommerce-payments 3783.
#[test]
fn webhook_and_complete_race_to_one_order_and_one_capture() {
    let both = Story::hosted().with(facts(1, AUTHORISED));
    assert_eq!(both.names(), ["place_order"]);
    let both = both.with(facts(1, AUTHORISED));
    assert_eq!(both.names(), [""; 0]);
    let both = both.with(placed(1));
    assert_eq!(both.names(), ["capture"]);
    let both = both.with(facts(1, AUTHORISED)).with(placed(1));
    assert_eq!(both.names(), [""; 0]);
    let start = Event::StartPayment {
        method: PaymentMethod::Card,
        flow: PaymentFlow::Token,
    };
    assert_eq!(both.rejects(start), Rejected::AlreadyPaid);
}

/// saleor 14733, 10925, 12229, 16785: any failure after the payment gives the money back.
#[test]
fn paid_without_an_order_is_given_back() {
    let refused = Event::OrderRefused { attempt: 1 };
    let held = Story::hosted()
        .with(facts(1, AUTHORISED))
        .with(refused.clone());
    assert!(
        held.names().contains(&"void".to_owned()),
        "{:?}",
        held.names()
    );
    assert_eq!(held.situation(), PageSituation::Released);
    let bank = Story::paying(IDEAL, PaymentFlow::Hosted)
        .with(facts(1, CAPTURED))
        .with(refused);
    assert!(bank.names().contains(&"refund".to_owned()));
    assert_eq!(bank.situation(), PageSituation::RefundDue);
}

/// statamic-cargo 190, 191, 139: the order is made by whoever learns of the payment, and placed again after a crash.
#[test]
fn an_order_whose_outcome_is_unknown_is_placed_again() {
    let waiting = Story::hosted().with(facts(1, AUTHORISED));
    let first = waiting.actions.clone();
    let again = waiting.after(Duration::minutes(1));
    assert_eq!(again.actions, first, "the same order, at the same time");
}

/// statamic-cargo 190; woocommerce-gateway-stripe 5691.
#[test]
fn a_webhook_before_our_row_is_kept_and_not_forgotten() {
    let early = Story::priced();
    assert_eq!(
        early.rejects(facts(1, AUTHORISED)),
        Rejected::UnknownAttempt
    );
    let start = Event::StartPayment {
        method: PaymentMethod::Card,
        flow: PaymentFlow::Hosted,
    };
    let opening = early.with(start).with(Event::HoldTaken { hold: 1 });
    // Before the processor's answer: it counts.
    let paid = opening.with(facts(1, AUTHORISED));
    assert_eq!(paid.names(), ["place_order"]);
    let opened = Event::SessionOpened {
        attempt: 1,
        reference: "cs_1".to_owned(),
    };
    assert_eq!(paid.with(opened).names(), [""; 0]);
}

/// vendure 2657: a late webhook is no error, which would be sent again for ever.
#[test]
fn a_late_webhook_is_accepted_and_changes_nothing() {
    let done = Story::captured();
    for status in [
        AUTHORISED,
        CAPTURED,
        PaymentStatus::Processing,
        PaymentStatus::Unpaid,
    ] {
        let late = done.clone().with(facts(1, status));
        assert_eq!((&late.checkout, late.names().len()), (&done.checkout, 0));
    }
}

/// pinelab-vendure 620.
#[test]
fn the_same_webhook_three_times_at_once_is_one() {
    let mut story = Story::hosted();
    let mut names = Vec::new();
    for _ in 0..3 {
        story = story.with(facts(1, AUTHORISED));
        names.extend(story.names());
    }
    assert_eq!(names, ["place_order"]);
}

/// woocommerce-gateway-stripe 5810.
#[test]
fn expired_is_not_failed() {
    let expired = Story::hosted().with(facts(1, PaymentStatus::Expired));
    assert_eq!(expired.names(), ["release_hold"]);
    assert_eq!(expired.situation(), PageSituation::Expired);
    let declined = Story::hosted().with(facts(1, PaymentStatus::Declined));
    assert_eq!(declined.situation(), PageSituation::Declined);
    assert_eq!(declined.with(facts(1, AUTHORISED)).names(), ["place_order"]);
}

/// vendure 1330.
#[test]
fn a_buyer_who_leaves_the_hosted_page_blocks_nothing() {
    let left = Story::hosted().after(Duration::minutes(10));
    assert_eq!(left.names(), ["release_hold", "expire_session"]);
    assert_eq!(left.situation(), PageSituation::TooLate);
    let over = left.with(facts(1, PaymentStatus::Expired));
    assert_eq!(over.situation(), PageSituation::Expired);
    assert_eq!(over.checkout.wakes_at(), None);
    // A bank redirect keeps its units until the session has certainly expired.
    let bank = Story::paying(IDEAL, PaymentFlow::Hosted);
    let bank = bank.after(Duration::minutes(10));
    assert_eq!(bank.names(), ["expire_session"]);
    let bank = bank.with(facts(1, PaymentStatus::Expired));
    assert_eq!(bank.names(), ["release_hold"]);
}

/// spree 11286, 8540.
#[test]
fn a_cart_is_not_changed_while_paying() {
    let paying = Story::hosted();
    let price = Event::Price { terms: terms() };
    assert_eq!(paying.rejects(Event::Change), Rejected::PaymentInProgress);
    assert_eq!(paying.rejects(price), Rejected::PaymentInProgress);
    let stopped = paying.with(Event::CancelPayment);
    assert_eq!(stopped.rejects(Event::Change), Rejected::PaymentInProgress);
    // What is paid meanwhile was another cart.
    let paid = stopped.clone().with(facts(1, AUTHORISED));
    assert_eq!(paid.names(), ["void"]);
    let free = stopped.with(facts(1, PaymentStatus::Expired));
    assert_eq!(
        free.with(Event::Change).situation(),
        PageSituation::Incomplete
    );
}

/// Who gave up is never charged.
#[test]
fn money_that_comes_after_giving_up_is_given_back() {
    let given_up = Story::hosted().with(Event::Cancel);
    let paid = given_up.with(facts(1, AUTHORISED));
    assert_eq!(paid.names(), ["void"]);
    // Only now it is certain that the buyer was not charged, and he is told once.
    let voided = paid.with(facts(1, PaymentStatus::Voided));
    assert_eq!(voided.names(), ["send_notice"]);
    let again = voided.with(facts(1, PaymentStatus::Voided));
    assert!(again.names().is_empty());
    let bank = Story::paying(IDEAL, PaymentFlow::Hosted);
    let paid = bank.with(Event::Cancel).with(facts(1, CAPTURED));
    assert_eq!(paid.names(), ["release_hold", "refund", "send_notice"]);
}

/// The same, found at the processor.
#[test]
fn another_amount_or_currency_is_never_ordered() {
    for (amount, currency) in [(TOTAL - 1, "EUR"), (TOTAL + 1, "EUR"), (TOTAL, "USD")] {
        for (status, effect) in [(AUTHORISED, "void"), (CAPTURED, "refund")] {
            let other = Event::PaymentSeen(PaymentFacts {
                attempt: 1,
                reference: "pi_1".to_owned(),
                status,
                amount,
                currency: buywire_schemas::money::Currency::parse(currency).unwrap(),
            });
            let story = Story::hosted().with(other);
            let begun = story.names();
            assert_eq!(begun[..2], ["release_hold", effect]);
            let is_told = begun.get(2).is_some_and(|name| name == "send_notice");
            assert_eq!(
                is_told,
                status == CAPTURED,
                "a void is told once it is made"
            );
        }
    }
    assert_eq!(euro().code(), "EUR");
}

/// vendure 3065; woocommerce-gateway-stripe 5720.
#[test]
fn the_last_unit_is_not_paid_without_being_held() {
    let start = Event::StartPayment {
        method: PaymentMethod::Card,
        flow: PaymentFlow::Token,
    };
    let agent = Story::priced().with(start);
    assert_eq!(
        agent.names(),
        ["take_hold"],
        "nothing is paid before the hold"
    );
    let refused = agent.with(Event::HoldRefused { hold: 1 });
    assert_eq!(refused.names(), ["release_hold"]);
    assert_eq!(refused.situation(), PageSituation::SoldOut);
}

/// mollie/PrestaShop 1251; ps_checkout 1546.
#[test]
fn two_tabs_share_one_payment() {
    let start = Event::StartPayment {
        method: PaymentMethod::Card,
        flow: PaymentFlow::Hosted,
    };
    let first = Story::hosted();
    let second = first.clone().with(start);
    assert_eq!(
        (&second.checkout, second.names().len()),
        (&first.checkout, 0)
    );
}

/// pretix 1189.
#[test]
fn every_effect_has_a_key_of_its_own_and_keeps_it() {
    let placed_at = Story::hosted().with(facts(1, AUTHORISED)).with(placed(1));
    let key = |story: &Story, event: Event, now| {
        let (_, effects) = step(&story.checkout, event, now).unwrap();
        effects
            .into_iter()
            .map(|effect| effect.key)
            .collect::<Vec<_>>()
    };
    let first = key(&placed_at, Event::Tick, NOW + Duration::minutes(1));
    assert_eq!(first.len(), 2);
    assert_ne!(first[0], first[1]);
    let later = placed_at.clone().after(Duration::minutes(1));
    let second = key(&later, Event::Tick, NOW + Duration::hours(1));
    assert_eq!(first[1], second[1], "the capture's key never changes");
    assert_ne!(first[0], second[0], "each reading has its own");
    assert!(first[1].ends_with(".capture.1"), "{first:?}");
}

/// Our own: a capture that certainly fails after placing cancels the order.
#[test]
fn a_failed_capture_cancels_the_order_and_informs_the_buyer() {
    let failed = Story::hosted()
        .with(facts(1, AUTHORISED))
        .with(placed(1))
        .with(Event::CaptureFailed { attempt: 1 });
    assert_eq!(failed.names(), ["cancel_order", "void"]);
    // The failure was none, and nobody was told that nothing is charged.
    let captured = failed.with(facts(1, CAPTURED));
    assert_eq!(captured.names(), ["refund", "send_notice"]);
}

/// Our own: refunds fail, before and after they have arrived.
#[test]
fn a_failed_refund_is_due_again_and_visible() {
    let refund = |number, status| Event::RefundSeen {
        attempt: 1,
        number,
        status,
    };
    let due = Story::captured()
        .with(Event::Cancel)
        .with(Event::OrderCancelled { attempt: 1 });
    assert_eq!(due.names(), ["refund", "send_cancellation"]);
    let arrived = due.clone().with(refund(1, RefundStatus::Succeeded));
    assert_eq!(arrived.situation(), PageSituation::Refunded);
    for story in [due, arrived] {
        let failed = story.with(refund(1, RefundStatus::Failed));
        assert_eq!(failed.situation(), PageSituation::RefundFailed);
        // Read before it failed.
        let failed = failed.with(refund(1, RefundStatus::Pending));
        assert_eq!(failed.situation(), PageSituation::RefundFailed);
        let again = failed.with(Event::RetryRefund { attempt: 1 });
        assert!(matches!(
            again.actions[0],
            EffectAction::Refund { number: 2, .. }
        ));
        let again = again.with(refund(1, RefundStatus::Failed));
        assert_eq!(again.situation(), PageSituation::RefundDue);
        let done = again.with(refund(2, RefundStatus::Succeeded));
        assert_eq!(done.situation(), PageSituation::Refunded);
    }
}

/// saleor 2797, medusa 13625: units that nobody needs any more are not kept.
#[test]
fn a_hold_that_arrives_after_its_release_is_released_again() {
    let start = Event::StartPayment {
        method: IDEAL,
        flow: PaymentFlow::Hosted,
    };
    let gone = Story::priced().with(start).with(Event::Cancel);
    assert_eq!(gone.names(), ["release_hold"]);
    let late = gone.with(Event::HoldTaken { hold: 1 });
    assert_eq!(late.names(), ["release_hold"]);
    assert_eq!(late.situation(), PageSituation::Cancelled);
}
