//! A circuit's life, told second by second.

use proptest::prelude::*;
use time::macros::datetime;

use super::*;

const START: OffsetDateTime = datetime!(2026-11-20 10:00:00 UTC);

fn at(seconds: i64) -> OffsetDateTime {
    START + Duration::seconds(seconds)
}

/// Fails `times` attempts of `deliveries` in turn, one every `apart_s` from
/// the start on, and gives the last change.
fn fail(circuit: &mut Circuit, times: i64, deliveries: usize, apart_s: i64) -> CircuitTransition {
    let ids: Vec<_> = (0..deliveries).map(|_| DeliveryId::generate()).collect();
    let mut last = CircuitTransition::None;
    for (n, id) in (0..times).zip(ids.iter().cycle()) {
        assert_eq!(
            last,
            CircuitTransition::None,
            "nothing happens before the last"
        );
        last = circuit.on_failure(*id, at(n * apart_s));
    }
    last
}

/// Opened at second 38 by twenty failures.
fn open() -> Circuit {
    let mut circuit = Circuit::closed();
    assert_eq!(fail(&mut circuit, 20, 5, 2), CircuitTransition::Opened);
    circuit
}

const OPENED_S: i64 = 38;

fn probe_fails(circuit: &mut Circuit, now: OffsetDateTime) -> CircuitTransition {
    assert!(circuit.may_send(now, 0));
    let probe = DeliveryId::generate();
    circuit.on_send(probe);
    assert_eq!(circuit.state(), CircuitState::HalfOpen);
    circuit.on_failure(probe, now)
}

#[test]
fn opens_after_twenty_failures_over_five_deliveries_and_thirty_seconds() {
    let mut circuit = Circuit::closed();
    assert_eq!(fail(&mut circuit, 19, 5, 2), CircuitTransition::None);
    assert!(circuit.may_send(at(36), 1_000));
    let nineteenth_more = circuit.on_failure(DeliveryId::generate(), at(38));
    assert_eq!(nineteenth_more, CircuitTransition::Opened);
    assert_eq!(circuit.state(), CircuitState::Open);
    assert_eq!(circuit.failing_since(), Some(START));
    assert!(!circuit.may_send(at(38), 0));
}

#[test]
fn a_few_bad_deliveries_never_open_it() {
    assert_eq!(
        fail(&mut Circuit::closed(), 500, 4, 60),
        CircuitTransition::None
    );
}

#[test]
fn a_short_outage_never_opens_it() {
    let mut circuit = Circuit::closed();
    assert_eq!(fail(&mut circuit, 1_000, 500, 0), CircuitTransition::None);
    let late = circuit.on_failure(DeliveryId::generate(), at(29));
    assert_eq!(late, CircuitTransition::None);
    let later = circuit.on_failure(DeliveryId::generate(), at(30));
    assert_eq!(later, CircuitTransition::Opened);
}

#[test]
fn one_success_begins_the_count_anew() {
    let mut circuit = Circuit::closed();
    assert_eq!(fail(&mut circuit, 19, 5, 2), CircuitTransition::None);
    assert_eq!(circuit.on_success(at(37)), CircuitTransition::None);
    assert_eq!(circuit.failing_since(), None);
    let next = circuit.on_failure(DeliveryId::generate(), at(38));
    assert_eq!(next, CircuitTransition::None);
    assert!(circuit.may_send(at(38), 1_000));
}

#[test]
fn probes_go_out_alone_after_5_10_20_40_60_and_60_seconds() {
    let mut circuit = open();
    let mut now_s = OPENED_S;
    for wait_s in [5, 10, 20, 40, 60, 60] {
        assert!(!circuit.may_send(at(now_s + wait_s - 1), 0), "{wait_s}");
        now_s += wait_s;
        assert_eq!(
            probe_fails(&mut circuit, at(now_s)),
            CircuitTransition::None
        );
        assert_eq!(circuit.state(), CircuitState::Open);
    }
}

#[test]
fn while_a_probe_is_in_flight_nothing_else_goes() {
    let mut circuit = open();
    let probe = DeliveryId::generate();
    circuit.on_send(probe);
    assert!(!circuit.may_send(at(OPENED_S + 3_600), 0));
    circuit.on_abandoned(DeliveryId::generate());
    assert!(!circuit.may_send(at(OPENED_S + 3_600), 0));
    circuit.on_abandoned(probe);
    assert!(circuit.may_send(at(OPENED_S + 3_600), 0));
}

#[test]
fn an_old_attempt_that_fails_late_leaves_the_probe_alone() {
    let mut circuit = open();
    let late = circuit.on_failure(DeliveryId::generate(), at(OPENED_S + 4));
    assert_eq!(late, CircuitTransition::None);
    assert!(circuit.may_send(at(OPENED_S + 5), 0));
    circuit.on_send(DeliveryId::generate());
    let later = circuit.on_failure(DeliveryId::generate(), at(OPENED_S + 6));
    assert_eq!(later, CircuitTransition::None);
    assert_eq!(circuit.state(), CircuitState::HalfOpen);
}

#[test]
fn recovery_drains_at_a_rising_rate() {
    let mut circuit = open();
    circuit.on_send(DeliveryId::generate());
    assert_eq!(circuit.on_success(at(100)), CircuitTransition::Recovered);
    assert_eq!(circuit.failing_since(), None);
    assert_eq!(circuit.state(), CircuitState::Closed);
    for (second, limit) in [(0, 1), (1, 2), (2, 4), (9, 512)] {
        assert!(circuit.may_send(at(100 + second), limit - 1), "{second}");
        assert!(!circuit.may_send(at(100 + second), limit), "{second}");
    }
    assert!(circuit.may_send(at(110), usize::MAX - 1));
}

#[test]
fn an_enabled_endpoint_drains_at_the_rising_rate_too() {
    let circuit = Circuit::enabled(at(0));
    assert!(circuit.may_send(at(0), 0) && !circuit.may_send(at(0), 1));
}

#[test]
fn five_days_of_failure_disable_and_one_second_less_does_not() {
    let five_days_s = 5 * 86_400;
    let mut circuit = open();
    let early = probe_fails(&mut circuit, at(five_days_s - 1));
    assert_eq!(early, CircuitTransition::None);
    let mut circuit = open();
    let due = probe_fails(&mut circuit, at(five_days_s));
    assert_eq!(due, CircuitTransition::DisableFailing);
}

#[test]
fn a_quiet_endpoint_is_not_disabled_for_two_failures_a_week_apart() {
    let mut circuit = Circuit::closed();
    assert_eq!(
        fail(&mut circuit, 2, 2, 7 * 86_400),
        CircuitTransition::None
    );
}

#[test]
fn a_new_owner_probes_at_once_and_remembers_since_when() {
    for state in [CircuitState::Open, CircuitState::HalfOpen] {
        let mut circuit = Circuit::restored(state, Some(at(0)), at(5 * 86_400));
        assert_eq!(circuit.state(), CircuitState::Open);
        let change = probe_fails(&mut circuit, at(5 * 86_400));
        assert_eq!(change, CircuitTransition::DisableFailing);
    }
    let circuit = Circuit::restored(CircuitState::Closed, Some(at(0)), at(9));
    assert!(circuit.may_send(at(9), 1_000));
    assert_eq!(circuit.failing_since(), Some(at(0)));
}

#[test]
fn a_clock_set_back_does_not_keep_it_open() {
    assert!(open().may_send(at(OPENED_S - 86_400), 0));
    assert!(Circuit::enabled(at(0)).may_send(at(-86_400), 1_000));
}

#[test]
fn a_state_survives_its_name() {
    for state in [
        CircuitState::Closed,
        CircuitState::Open,
        CircuitState::HalfOpen,
    ] {
        assert_eq!(state.as_str().parse(), Ok(state));
    }
    assert_eq!("ajar".parse::<CircuitState>(), Err(ParseCircuitStateError));
}

/// What can happen to a circuit.
#[derive(Debug, Clone, Copy)]
enum Step {
    Wait(i64),
    Send(DeliveryId),
    Succeed,
    Fail(DeliveryId),
    Abandon(DeliveryId),
}

fn step() -> impl Strategy<Value = Step> {
    let delivery = || (0_u128..9).prop_map(|id| DeliveryId::from_uuid(uuid::Uuid::from_u128(id)));
    prop_oneof![
        4 => (0_i64..90).prop_map(Step::Wait),
        1 => (-86_400_i64..600_000).prop_map(Step::Wait),
        8 => delivery().prop_map(Step::Send),
        1 => Just(Step::Succeed),
        16 => delivery().prop_map(Step::Fail),
        1 => delivery().prop_map(Step::Abandon),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn whatever_happens_it_keeps_its_promises(steps in prop::collection::vec(step(), 1..150)) {
        let mut circuit = Circuit::closed();
        let mut now = START;
        let mut failures = 0;
        for step in steps {
            let before = circuit.state();
            let transition = match step {
                Step::Wait(seconds) => { now += Duration::seconds(seconds); CircuitTransition::None }
                Step::Send(id) if circuit.may_send(now, 0) => { circuit.on_send(id); CircuitTransition::None }
                Step::Send(_) => CircuitTransition::None,
                Step::Abandon(id) => { circuit.on_abandoned(id); CircuitTransition::None }
                Step::Succeed => { failures = 0; circuit.on_success(now) }
                Step::Fail(id) => { failures += 1; circuit.on_failure(id, now) }
            };
            let after = circuit.state();
            prop_assert_eq!(circuit.failing_since().is_some(), failures > 0);
            prop_assert_eq!(transition == CircuitTransition::Opened, before == CircuitState::Closed && after != before);
            prop_assert_eq!(transition == CircuitTransition::Recovered, after == CircuitState::Closed && after != before);
            if transition == CircuitTransition::Opened {
                prop_assert!(failures >= 20);
            }
            // It never shuts for good: within a minute something may be sent.
            let soon = [now, now + Duration::MINUTE].map(|instant| circuit.may_send(instant, 0));
            prop_assert!(after == CircuitState::HalfOpen || soon.contains(&true));
        }
    }
}

#[test]
fn what_has_failed_so_often_is_tried_one_at_a_time_and_seldom_until_it_opens() {
    let mut circuit = Circuit::closed();
    assert_eq!(fail(&mut circuit, 20, 5, 0), CircuitTransition::None);
    let after = |ms| START + Duration::milliseconds(ms);
    assert!(!circuit.may_send(after(249), 0));
    assert!(circuit.may_send(after(250), 0));
    assert!(!circuit.may_send(after(250), 1));
    assert_eq!(circuit.on_success(after(251)), CircuitTransition::None);
    assert!(circuit.may_send(after(251), 1_000));
}
