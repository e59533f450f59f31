//! A hook's circuit: no buyer waits for a hook that does not answer.
//!
//! Promises: pure. Five failures in a row open it for 30 seconds; then one question is the probe, and the rest still go
//! without the hook until it has ended.

use time::{Duration, OffsetDateTime};

/// Failures in a row that open the circuit.
const FAILURES_MAX: u32 = 5;
/// How long it stays open.
const OPEN: Duration = Duration::seconds(30);
/// Requests to one hook at the same time. A sale sends many buyers at once, and a slow hook must not hold them all.
const IN_FLIGHT_MAX: u32 = 64;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct HookCircuit {
    /// In a row.
    failures: u32,
    in_flight: u32,
    /// Since when it is open.
    opened_at: Option<OffsetDateTime>,
    is_probing: bool,
}

/// The right to send one request; its outcome is recorded with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permit {
    Ordinary,
    /// Its outcome decides whether an open circuit closes.
    Probe,
}

/// Why no request may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denied {
    Open,
    Busy,
}

impl HookCircuit {
    pub(super) fn acquire(&mut self, now: OffsetDateTime) -> Result<Permit, Denied> {
        if self.in_flight >= IN_FLIGHT_MAX {
            return Err(Denied::Busy);
        }
        let permit = match self.opened_at {
            None => Permit::Ordinary,
            Some(opened_at) if !self.is_probing && !is_open(opened_at, now) => Permit::Probe,
            Some(_) => return Err(Denied::Open),
        };
        self.is_probing |= permit == Permit::Probe;
        self.in_flight += 1;
        Ok(permit)
    }

    /// Records how a request ended. What was sent before the circuit opened does not keep it open longer.
    pub(super) fn record(&mut self, permit: Permit, is_answered: bool, now: OffsetDateTime) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if permit == Permit::Probe {
            self.is_probing = false;
        }
        if is_answered {
            self.failures = 0;
            self.opened_at = None;
            return;
        }
        self.failures = self.failures.saturating_add(1);
        let is_open_already = self.opened_at.is_some() && permit == Permit::Ordinary;
        if self.failures >= FAILURES_MAX && !is_open_already {
            self.opened_at = Some(now);
        }
    }
}

/// A question may be older than the failure that it finds. A clock that was set back by more does not keep it open.
fn is_open(opened_at: OffsetDateTime, now: OffsetDateTime) -> bool {
    (-OPEN..OPEN).contains(&(now - opened_at))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-30 10:00 UTC);

    fn opened() -> HookCircuit {
        let mut circuit = HookCircuit::default();
        for _ in 0..FAILURES_MAX {
            let permit = circuit.acquire(NOW).unwrap();
            circuit.record(permit, false, NOW);
        }
        circuit
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_one_probe_closes_it() {
        let mut circuit = HookCircuit::default();
        for is_answered in [false, false, false, false, true, false, false, false, false] {
            let permit = circuit.acquire(NOW).unwrap();
            circuit.record(permit, is_answered, NOW);
        }
        assert_eq!(circuit.acquire(NOW), Ok(Permit::Ordinary), "four in a row");
        let mut circuit = opened();
        assert_eq!(circuit.acquire(NOW), Err(Denied::Open));
        let waiting = NOW - Duration::SECOND;
        assert_eq!(circuit.acquire(waiting), Err(Denied::Open));
        let before = NOW + OPEN - Duration::milliseconds(1);
        assert_eq!(circuit.acquire(before), Err(Denied::Open));
        assert_eq!(circuit.acquire(NOW + OPEN), Ok(Permit::Probe));
        assert_eq!(circuit.acquire(NOW + OPEN), Err(Denied::Open), "one probe");
        circuit.record(Permit::Probe, false, NOW + OPEN);
        assert_eq!(circuit.acquire(NOW + OPEN), Err(Denied::Open));
        let next = NOW + OPEN + OPEN;
        assert_eq!(circuit.acquire(next), Ok(Permit::Probe));
        circuit.record(Permit::Probe, true, next);
        assert_eq!(circuit.acquire(next), Ok(Permit::Ordinary));
    }

    #[test]
    fn a_late_failure_does_not_keep_it_open_and_a_clock_set_back_neither() {
        let mut circuit = HookCircuit::default();
        let permits: Vec<_> = (0..6).map(|_| circuit.acquire(NOW).unwrap()).collect();
        for permit in &permits[..5] {
            circuit.record(*permit, false, NOW);
        }
        circuit.record(permits[5], false, NOW + Duration::seconds(4));
        assert_eq!(circuit.acquire(NOW + OPEN), Ok(Permit::Probe));
        let mut circuit = opened();
        assert_eq!(circuit.acquire(NOW - Duration::HOUR), Ok(Permit::Probe));
    }

    #[test]
    fn a_slow_hook_holds_a_bounded_number_of_buyers() {
        let mut circuit = HookCircuit::default();
        for _ in 0..IN_FLIGHT_MAX {
            circuit.acquire(NOW).unwrap();
        }
        assert_eq!(circuit.acquire(NOW), Err(Denied::Busy));
        circuit.record(Permit::Ordinary, true, NOW);
        assert_eq!(circuit.acquire(NOW), Ok(Permit::Ordinary));
    }

    proptest! {
        /// Whatever ends when: never two probes, and a hook that answers again is used again within 30 seconds.
        #[test]
        fn it_always_recovers(steps in proptest::collection::vec((any::<bool>(), 0_i64..40, 0_usize..8), 0..200)) {
            let mut circuit = HookCircuit::default();
            let mut now = NOW;
            let mut running = Vec::new();
            for (is_answered, seconds, end) in steps {
                now += Duration::seconds(seconds);
                running.extend(circuit.acquire(now).ok());
                prop_assert!(running.iter().filter(|permit| **permit == Permit::Probe).count() <= 1);
                if end < running.len() {
                    circuit.record(running.swap_remove(end), is_answered, now);
                }
            }
            for permit in running {
                circuit.record(permit, false, now);
            }
            now += OPEN;
            let permit = circuit.acquire(now);
            prop_assert!(permit.is_ok());
            circuit.record(permit.unwrap(), true, now);
            prop_assert_eq!(circuit, HookCircuit::default());
        }
    }
}
