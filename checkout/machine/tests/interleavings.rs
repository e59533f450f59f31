//! Thousands of purchases with everything that goes wrong between a button and an order.
//!
//! The rules, and nothing of the machine's inside: after quiet there is one order, captured once, or no order and nothing
//! kept; no order without a unit; units are never oversold; no hold stays.
//! `PROPTEST_CASES=100000 cargo test --release -p buywire-checkout interleavings` is a long run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use time::Duration;

use super::simulation::intake::OrderStatus;
use super::simulation::world::{Fault, Message, World};
use super::support::{IDEAL, PaymentMethod, terms};
use crate::machine::*;

/// What must have occurred, or the test proves nothing.
const REQUIRED: [&str; 24] = [
    "final: confirmed",
    "final: released",
    "final: refunded",
    "final: expired",
    "final: cancelled",
    "final: sold_out",
    "bought after the hold had ended",
    "several attempts",
    "refund failed on the way",
    "CrashAfter at \"capture\"",
    "CrashBefore at \"place_order\"",
    "CrashAfter at \"place_order\"",
    "TimeoutAfter at \"capture\"",
    "TimeoutBefore at \"open_session\"",
    "TimeoutAfter at \"open_session\"",
    "TimeoutAfter at \"void\"",
    "TimeoutAfter at \"refund\"",
    "CrashAfter at \"take_hold\"",
    "CrashAfter at \"cancel_order\"",
    "\"payment_seen\" in \"captured\"",
    "\"payment_seen\" in \"authorised\"",
    "\"session_opened\" in \"authorised\"",
    "\"hold_taken\" in \"cancelled\"",
    "\"order_placed\" in \"returning\"",
];

fn cases() -> u32 {
    let variable = std::env::var("PROPTEST_CASES").ok();
    variable
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(4_000)
}

type Op = (u8, u8, u8, u8);

fn fault(choice: u8) -> Fault {
    match choice % 12 {
        0 => Fault::CrashBefore,
        1 => Fault::CrashAfter,
        2 => Fault::TimeoutBefore,
        3 => Fault::TimeoutAfter,
        4 => Fault::Late,
        _ => Fault::None,
    }
}

fn start(choice: u8) -> Event {
    Event::StartPayment {
        method: match choice % 3 {
            0 => IDEAL,
            _ => PaymentMethod::Card,
        },
        flow: match choice % 4 {
            0 => PaymentFlow::Token,
            _ => PaymentFlow::Hosted,
        },
    }
}

/// One thing that happens.
fn perform(world: &mut World, (kind, pick, choice, luck): Op) {
    let index = usize::from(pick) % world.sims.len();
    let pick = usize::from(pick) / world.sims.len();
    match kind % 32 {
        0..=9 if !world.sims[index].outbox.is_empty() => {
            let effect = pick % world.sims[index].outbox.len();
            world.run(index, effect, fault(choice), luck);
        }
        10..=14 if !world.sims[index].mail.is_empty() => {
            let message = pick % world.sims[index].mail.len();
            world.deliver(index, message, choice.is_multiple_of(3));
        }
        15 if !world.sims[index].mail.is_empty() => {
            // A lost webhook. Results of effects are never lost: the outbox keeps them.
            let message = pick % world.sims[index].mail.len();
            if matches!(world.sims[index].mail[message], Message::Hint(_)) {
                world.sims[index].mail.remove(message);
            }
        }
        16..=20 => bank(world, index, pick, choice, luck),
        21 | 22 => {
            // The buyer comes back, or the facts read now arrive later.
            let attempt = attempt_of(world, index, pick);
            match choice % 2 {
                0 => world.read(index, attempt),
                _ => {
                    let facts = world.readings(index, attempt);
                    let mail = &mut world.sims[index].mail;
                    mail.extend(facts.into_iter().map(Message::Event));
                }
            }
        }
        23..=25 => pass(
            world,
            [1, 15, 60, 300, 700, 2_000, 90_000][usize::from(choice) % 7],
        ),
        26 | 27 => world.request(index, start(choice)),
        28 => request(world, index, choice),
        _ => world.request(index, Event::Tick),
    }
}

fn attempt_of(world: &World, index: usize, pick: usize) -> u32 {
    let payments = world.processor.payments.keys();
    let own: Vec<u32> = payments
        .filter(|key| key.0 == index)
        .map(|key| key.1)
        .collect();
    own.get(pick % own.len().max(1)).copied().unwrap_or(0)
}

fn bank(world: &mut World, index: usize, pick: usize, choice: u8, luck: u8) {
    let attempt = attempt_of(world, index, pick);
    if let Some(status) = world.intake.orders.get_mut(&(index, attempt))
        && choice % 16 == 5
        && *status == OrderStatus::Live
    {
        *status = OrderStatus::Fulfilled;
    }
    let Some(payment) = world.processor.payments.get_mut(&(index, attempt)) else {
        return;
    };
    match choice % 8 {
        0 => payment.settle(luck.is_multiple_of(2)),
        1 if luck.is_multiple_of(4) => {
            // Nobody asks about a refund that had arrived. The processor repeats its webhook until it is stored.
            payment.bounce();
            let reading = world.readings(index, attempt);
            let mail = &mut world.sims[index].mail;
            mail.extend(reading.into_iter().map(Message::Event));
            return;
        }
        _ => payment.pay(luck),
    }
    if !luck.is_multiple_of(5) {
        world.sims[index].mail.push(Message::Hint(attempt));
    }
}

fn request(world: &mut World, index: usize, choice: u8) {
    let event = match choice % 12 {
        0 | 1 => Event::Cancel,
        2 | 3 => Event::CancelPayment,
        4 => Event::Change,
        5 | 6 => Event::Price { terms: terms() },
        7 => Event::ExtendHold { is_scarce: false },
        8 => Event::Stop {
            mode: StopMode::Drain,
        },
        9 => Event::Stop {
            mode: StopMode::Void,
        },
        10 => Event::Resume,
        _ => Event::RetryRefund { attempt: 1 },
    };
    world.request(index, event);
}

fn pass(world: &mut World, seconds: i64) {
    world.now += Duration::seconds(seconds);
    world.processor.pass(world.now);
}

/// The world becomes quiet: no faults, no buyers; the bank ends what it has begun.
fn settle(world: &mut World) {
    for round in 0..400 {
        for index in 0..world.sims.len() {
            while !world.sims[index].outbox.is_empty() || !world.sims[index].mail.is_empty() {
                while !world.sims[index].mail.is_empty() {
                    world.deliver(index, 0, false);
                }
                if !world.sims[index].outbox.is_empty() {
                    world.run(index, 0, Fault::None, 3);
                }
            }
        }
        for payment in world.processor.payments.values_mut() {
            payment.settle(false);
            if payment.status == PaymentStatus::Processing {
                payment.pay(if round % 2 == 1 { 3 } else { 0 });
            }
        }
        let wakes = world
            .sims
            .iter()
            .filter_map(|sim| sim.checkout.wakes_at())
            .min();
        let Some(wakes) = wakes else { return };
        world.now = world.now.max(wakes);
        world.processor.pass(world.now);
        for index in 0..world.sims.len() {
            world.request(index, Event::Tick);
        }
    }
    panic!("it never ends: {:?}", world.sims[0].checkout);
}

/// The rules, about the world and not about the machine.
fn check(world: &mut World) {
    assert_eq!(world.stock.held(world.now), 0, "a hold stays");
    let live: usize = (0..world.sims.len())
        .map(|one| world.intake.live(one))
        .sum();
    assert_eq!(
        world.stock.sold, live,
        "units without orders, or orders without units"
    );
    for attempt in &world.given_up {
        let order = world.intake.orders.get(attempt);
        assert_ne!(order, Some(&OrderStatus::Live), "bought by who gave up");
    }
    for index in 0..world.sims.len() {
        let payments = world.processor.payments.iter();
        let own: BTreeMap<u32, _> = payments
            .filter(|(key, _)| key.0 == index)
            .map(|(key, payment)| (key.1, payment))
            .collect();
        let kept: Vec<u32> = own
            .iter()
            .filter(|(_, one)| one.is_kept())
            .map(|(key, _)| *key)
            .collect();
        for (attempt, payment) in &own {
            // A method that can be held is captured only after its order was placed.
            let is_early = payment.was_captured && payment.capture == CaptureMethod::Manual;
            assert!(!is_early || world.intake.orders.contains_key(&(index, *attempt)));
        }
        let checkout = &world.sims[index].checkout;
        assert!(world.intake.of(index) <= 1, "ordered twice");
        match world.intake.live(index) {
            0 => assert_eq!(kept, [0; 0], "money without an order: {checkout:?}"),
            _ => {
                assert_eq!(
                    kept.len(),
                    1,
                    "an order and {} payments: {checkout:?}",
                    kept.len()
                );
                assert_eq!(
                    own[&kept[0]].status,
                    PaymentStatus::Captured,
                    "ordered, not captured"
                );
                assert!(world.intake.orders.contains_key(&(index, kept[0])));
            }
        }
        let is_confirmed = checkout.page_situation() == PageSituation::Confirmed;
        assert_eq!(is_confirmed, world.intake.live(index) == 1, "{checkout:?}");
        let is_completed = checkout.acp_status() == AcpStatus::Completed;
        assert_eq!(is_completed, is_confirmed);
    }
}

fn note_endings(world: &mut World) {
    for index in 0..world.sims.len() {
        let checkout = world.sims[index].checkout.clone();
        let ending = serde_json::to_value(checkout.page_situation()).unwrap();
        world.note(format!("final: {}", ending.as_str().unwrap()));
        if checkout.attempts > 1 {
            world.note("several attempts");
        }
        if !checkout.strays().is_empty() {
            world.note("money of an earlier attempt");
        }
        let payments = world.processor.payments.iter();
        let has_failed = payments
            .filter(|(key, _)| key.0 == index)
            .any(|(_, one)| one.refunds.len() > 1);
        if has_failed {
            world.note("refund failed on the way");
        }
    }
}

fn buy(checkouts: usize, units: usize, choices: &[u8], ops: &[Op]) -> BTreeSet<String> {
    let mut world = World::new(checkouts, units);
    for (index, choice) in choices.iter().enumerate().take(checkouts) {
        world.request(index, start(*choice));
    }
    for op in ops {
        let closing: Vec<bool> = world
            .sims
            .iter()
            .map(|sim| is_late(&sim.checkout))
            .collect();
        perform(&mut world, *op);
        // Asks stock, which fails if it is oversold.
        assert!(
            world.stock.sold + world.stock.held(world.now) <= world.stock.total,
            "oversold"
        );
        for (index, was_late) in closing.into_iter().enumerate() {
            let state = world.sims[index].checkout.state();
            if was_late && matches!(state, State::Authorised { .. }) {
                world.note("bought after the hold had ended");
            }
        }
    }
    for index in 0..checkouts {
        if world.sims[index].checkout.page_situation() == PageSituation::SoldOut {
            world.note("final: sold_out");
        }
    }
    settle(&mut world);
    check(&mut world);
    note_endings(&mut world);
    world.situations
}

fn is_late(checkout: &Checkout) -> bool {
    checkout.page_situation() == PageSituation::TooLate
}

#[test]
fn interleavings_end_with_one_order_or_with_nothing_kept() {
    let situations: Mutex<BTreeMap<String, u32>> = Mutex::default();
    let ops = vec(any::<Op>(), 10..120);
    let worlds = (1..4_usize, 1..3_usize, vec(any::<u8>(), 3), ops);
    let mut runner = TestRunner::new(ProptestConfig {
        cases: cases(),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    });
    let result = runner.run(&worlds, |(checkouts, units, choices, ops)| {
        let occurred = buy(checkouts, units, &choices, &ops);
        let mut situations = situations.lock().unwrap();
        for situation in occurred {
            *situations.entry(situation).or_default() += 1;
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let situations = situations.into_inner().unwrap();
    if std::env::var_os("SHOW_SITUATIONS").is_some() {
        eprintln!("{situations:#?}");
    }
    let missing: Vec<_> = REQUIRED
        .iter()
        .filter(|one| !situations.contains_key(**one))
        .collect();
    assert!(missing.is_empty(), "never occurred: {missing:?}");
    assert!(
        situations.len() >= 130,
        "only {} situations",
        situations.len()
    );
}
