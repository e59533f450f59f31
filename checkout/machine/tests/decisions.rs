//! Every event in every state: nothing panics, what has ended stays, and the faces agree.

use time::Duration;

use super::support::{IDEAL, PaymentMethod, Story, facts, placed, terms};
use crate::machine::*;

fn refunded() -> Story {
    let arrived = Event::RefundSeen {
        attempt: 1,
        number: 1,
        status: RefundStatus::Succeeded,
    };
    Story::captured()
        .with(Event::Cancel)
        .with(Event::OrderCancelled { attempt: 1 })
        .with(arrived)
}

/// One story for each state, with what ACP, UCP and the page say of it.
fn states() -> Vec<(Story, &'static str)> {
    let mut states = before_the_money();
    states.extend(after_the_money());
    states
}

fn before_the_money() -> Vec<(Story, &'static str)> {
    let hosted = Story::hosted;
    let token = Story::paying(PaymentMethod::Card, PaymentFlow::Token);
    let late = hosted().after(Duration::minutes(10));
    let expired = late.clone().with(facts(1, PaymentStatus::Expired));
    let declined = facts(1, PaymentStatus::Declined);
    let proving = token.clone().with(facts(1, PaymentStatus::ActionRequired));
    let deciding = hosted().with(facts(1, PaymentStatus::Processing));
    vec![
        (
            Story::priced().with(Event::Change),
            "not_ready_for_payment incomplete incomplete",
        ),
        (
            Story::priced(),
            "ready_for_payment ready_for_complete ready",
        ),
        (hosted(), "in_progress requires_escalation pay_now"),
        (
            hosted().with(declined.clone()),
            "in_progress requires_escalation declined",
        ),
        (
            token.with(declined),
            "ready_for_payment ready_for_complete declined",
        ),
        (
            proving,
            "authentication_required requires_escalation pay_now",
        ),
        (
            deciding,
            "complete_in_progress complete_in_progress processing",
        ),
        (late, "complete_in_progress complete_in_progress too_late"),
        (
            hosted().with(Event::CancelPayment),
            "complete_in_progress complete_in_progress cancelling",
        ),
        (hosted().with(Event::Cancel), "canceled canceled cancelling"),
        (expired, "expired canceled expired"),
        (
            Story::priced().with(Event::Cancel),
            "canceled canceled cancelled",
        ),
    ]
}

fn after_the_money() -> Vec<(Story, &'static str)> {
    let authorised = || Story::hosted().with(facts(1, PaymentStatus::Authorised));
    let voided = authorised().with(Event::Cancel);
    let due = Story::paying(IDEAL, PaymentFlow::Hosted)
        .with(facts(1, PaymentStatus::Captured))
        .with(Event::Cancel);
    let failed = due.clone().with(Event::RefundSeen {
        attempt: 1,
        number: 1,
        status: RefundStatus::Failed,
    });
    let under_way = "complete_in_progress complete_in_progress processing";
    vec![
        (authorised(), under_way),
        (authorised().with(placed(1)), under_way),
        (Story::captured(), "completed completed confirmed"),
        (
            Story::captured().with(Event::Cancel),
            "completed completed cancelling_order",
        ),
        (voided.clone(), "canceled canceled released"),
        (
            voided.with(facts(1, PaymentStatus::Voided)),
            "canceled canceled released",
        ),
        (due, "canceled canceled refund_due"),
        (failed, "canceled canceled refund_failed"),
        (refunded(), "canceled canceled refunded"),
    ]
}

fn events() -> Vec<Event> {
    let mut events = vec![
        Event::Change,
        Event::Price { terms: terms() },
        Event::CancelPayment,
        Event::Cancel,
        Event::RetryRefund { attempt: 1 },
        Event::Withdraw,
        Event::Resume,
        Event::Tick,
        Event::SessionRefused { attempt: 1 },
        placed(1),
        Event::OrderRefused { attempt: 1 },
        Event::CaptureFailed { attempt: 1 },
        Event::OrderCancelled { attempt: 1 },
        Event::OrderNotCancellable { attempt: 1 },
    ];
    for attempt in [0, 1, 2] {
        events.push(Event::HoldTaken { hold: attempt });
        events.push(Event::HoldRefused { hold: attempt });
        let reference = "cs_1".to_owned();
        events.push(Event::SessionOpened { attempt, reference });
        for status in [
            PaymentStatus::Unpaid,
            PaymentStatus::ActionRequired,
            PaymentStatus::Processing,
            PaymentStatus::Declined,
            PaymentStatus::Authorised,
            PaymentStatus::Captured,
            PaymentStatus::Expired,
            PaymentStatus::Voided,
        ] {
            events.push(facts(attempt, status));
        }
        for status in [
            RefundStatus::Pending,
            RefundStatus::Succeeded,
            RefundStatus::Failed,
        ] {
            events.push(Event::RefundSeen {
                attempt,
                number: 1,
                status,
            });
        }
    }
    for (method, flow) in [
        (PaymentMethod::Card, PaymentFlow::Hosted),
        (PaymentMethod::Card, PaymentFlow::Token),
        (IDEAL, PaymentFlow::Hosted),
    ] {
        events.push(Event::StartPayment { method, flow });
    }
    for is_scarce in [false, true] {
        events.push(Event::ExtendHold { is_scarce });
    }
    for mode in [StopMode::Drain, StopMode::Void] {
        events.push(Event::Stop { mode });
    }
    events
}

fn text<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value)
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn each_face_tells_what_is_true() {
    for (story, expected) in states() {
        let checkout = &story.checkout;
        let (acp, ucp) = (checkout.acp_status(), checkout.ucp_status());
        let faces = [text(acp), text(ucp), text(checkout.page_situation())];
        assert_eq!(faces.join(" "), expected, "{checkout:?}");
    }
}

#[test]
fn every_event_is_decided_in_every_state() {
    let mut pairs = 0;
    for (story, _) in states() {
        for event in events() {
            pairs += 1;
            match step(&story.checkout, event.clone(), story.now) {
                Ok((next, _)) => {
                    let stored = serde_json::to_string(&next).unwrap();
                    assert_eq!(serde_json::from_str::<Checkout>(&stored).unwrap(), next);
                }
                Err(rejected) => {
                    let is_result = matches!(
                        event,
                        Event::Tick
                            | Event::HoldTaken { .. }
                            | Event::HoldRefused { .. }
                            | Event::SessionOpened { .. }
                            | Event::SessionRefused { .. }
                            | Event::OrderPlaced { .. }
                            | Event::OrderRefused { .. }
                            | Event::CaptureFailed { .. }
                            | Event::OrderCancelled { .. }
                            | Event::OrderNotCancellable { .. }
                            | Event::RefundSeen { .. }
                            | Event::Stop { .. }
                            | Event::Resume
                    );
                    assert!(!is_result, "{event:?} was rejected: {rejected}");
                }
            }
        }
    }
    assert!(pairs > 1_000, "{pairs}");
}

#[test]
fn what_has_ended_stays_and_only_money_wakes_it() {
    let ended = [
        Story::priced().with(Event::Cancel),
        Story::hosted().with(facts(1, PaymentStatus::Expired)),
        Story::hosted()
            .with(Event::Cancel)
            .with(facts(1, PaymentStatus::Expired)),
        Story::hosted().with(facts(1, PaymentStatus::Voided)),
        refunded(),
    ];
    for story in ended {
        assert_eq!(story.checkout.wakes_at(), None);
        for event in events() {
            let brings_money = matches!(&event, Event::PaymentSeen(facts)
                if matches!(facts.status, PaymentStatus::Authorised | PaymentStatus::Captured));
            let is_failed_refund = matches!(
                &event,
                Event::RefundSeen {
                    status: RefundStatus::Failed,
                    ..
                }
            );
            if let Ok((next, effects)) = step(&story.checkout, event.clone(), story.now) {
                let gives_back = effects.iter().any(|effect| {
                    matches!(
                        effect.action,
                        EffectAction::Void { .. } | EffectAction::Refund { .. }
                    )
                });
                let is_same = serde_json::to_value(next.state()).unwrap()["state"]
                    == serde_json::to_value(story.checkout.state()).unwrap()["state"];
                assert!(
                    is_same || gives_back && brings_money || is_failed_refund,
                    "{event:?}"
                );
                let pays = effects.iter().any(|effect| {
                    matches!(
                        effect.action,
                        EffectAction::Capture { .. }
                            | EffectAction::PlaceOrder { .. }
                            | EffectAction::OpenSession { .. }
                            | EffectAction::TakeHold { .. }
                    )
                });
                assert!(!pays, "{event:?}");
            }
        }
    }
}

#[test]
fn a_quote_is_paid_only_while_it_is_valid_and_nobody_stopped_it() {
    let start = Event::StartPayment {
        method: PaymentMethod::Card,
        flow: PaymentFlow::Hosted,
    };
    let old = Story::priced().after(Duration::hours(1));
    assert_eq!(old.rejects(start.clone()), Rejected::QuoteExpired);
    let stopped = Story::priced().with(Event::Stop {
        mode: StopMode::Drain,
    });
    assert_eq!(stopped.rejects(start.clone()), Rejected::Stopped);
    assert_eq!(
        stopped.with(Event::Resume).with(start).names(),
        ["take_hold"]
    );
    // Running payments finish, or are given back.
    let finish = Story::hosted().with(Event::Stop {
        mode: StopMode::Drain,
    });
    assert_eq!(
        finish.with(facts(1, PaymentStatus::Authorised)).names(),
        ["place_order"]
    );
    let void = Story::hosted().with(Event::Stop {
        mode: StopMode::Void,
    });
    assert_eq!(void.names(), ["release_hold", "expire_session"]);
    assert_eq!(
        void.with(facts(1, PaymentStatus::Authorised)).names(),
        ["void"]
    );
}

#[test]
fn a_hold_is_extended_once() {
    let extend = Event::ExtendHold { is_scarce: false };
    let paying = Story::hosted();
    assert_eq!(
        paying.rejects(Event::ExtendHold { is_scarce: true }),
        Rejected::Scarce
    );
    let longer = paying.with(extend.clone());
    assert_eq!(longer.names(), ["extend_hold"]);
    assert_eq!(longer.rejects(extend), Rejected::AlreadyExtended);
    assert_eq!(
        longer.clone().after(Duration::minutes(10)).situation(),
        PageSituation::PayNow
    );
    assert_eq!(
        longer.after(Duration::minutes(20)).situation(),
        PageSituation::TooLate
    );
    // While the bank works, before the end is noticed.
    let deciding = Story::hosted().with(facts(1, PaymentStatus::Processing));
    let deciding = deciding.after(Duration::seconds(10 * 60 - 20));
    assert!(
        deciding.names().contains(&"extend_hold".to_owned()),
        "{:?}",
        deciding.names()
    );
}

#[test]
fn an_agent_brings_another_token_after_a_decline() {
    let start = Event::StartPayment {
        method: PaymentMethod::Card,
        flow: PaymentFlow::Token,
    };
    let paying = Story::paying(PaymentMethod::Card, PaymentFlow::Token);
    assert_eq!(paying.rejects(start.clone()), Rejected::PaymentInProgress);
    let second = paying.with(facts(1, PaymentStatus::Declined)).with(start);
    assert_eq!(second.names(), ["open_session", "void"]);
    // The first is paid after all: it is given back, and the second goes on.
    let second = second.with(facts(1, PaymentStatus::Authorised));
    assert_eq!(second.names(), [""; 0]);
    let later = second.clone().after(Duration::minutes(1));
    assert_eq!(later.names(), ["ask_processor", "void", "open_session"]);
    let refunding = second.clone().with(facts(1, PaymentStatus::Captured));
    assert_eq!(refunding.names(), ["refund", "send_notice"]);
    let second = second.with(facts(1, PaymentStatus::Voided));
    assert!(second.checkout.strays()[0].is_settled());
    let second = second.with(facts(2, PaymentStatus::Authorised));
    assert_eq!(second.names(), ["place_order"]);
}

/// A refund that the processor refuses for good is tried ever later, and its buyer is told once.
#[test]
fn a_refund_that_fails_is_tried_ever_later_and_told_once() {
    let mut story = Story::captured()
        .with(Event::Cancel)
        .with(Event::OrderCancelled { attempt: 1 });
    assert_eq!(story.names(), ["refund", "send_cancellation"]);
    let mut delays = Vec::new();
    for number in 1..6 {
        story = story.with(Event::RefundSeen {
            attempt: 1,
            number,
            status: RefundStatus::Failed,
        });
        let wait = story.checkout.wakes_at().unwrap() - story.now;
        delays.push(wait);
        story = story.after(wait);
        assert_eq!(story.names(), ["refund"], "refund {}", number + 1);
    }
    assert!(delays.is_sorted() && delays[0] < delays[4], "{delays:?}");
}
