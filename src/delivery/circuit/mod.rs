//! One endpoint's circuit: stops sending to a partner that is down.
//!
//! Promises: one bad delivery never opens it; while it is open, one probe at a
//! time is sent; after recovery, the waiting deliveries are sent at a rising
//! rate. Must not see a clock, a network or a database: the
//! owner of the endpoint reports attempts and stores the transitions.
//!
//! ```text
//!             20 failures in a row, over 5 deliveries and 30 s
//!   closed ────────────────────────────────────────────────► open
//!     ▲                                    probe failed ▲      │ probe is due
//!     └──────────────── success ──────────────────── half_open ◄
//! ```

use std::fmt;
use std::str::FromStr;

use buywire_schemas::ids::DeliveryId;
use thiserror::Error;
use time::{Duration, OffsetDateTime};

/// This many failed attempts in a row open the circuit …
const FAILURES_MIN: u32 = 20;
/// … if they belong to this many deliveries, because one order that a partner
/// refuses says nothing about the others …
const DELIVERIES_MIN: usize = 5;
/// … and span this time, because a restart of the partner takes a moment.
const FAILING_MIN: Duration = Duration::seconds(30);

/// Until those 30 s have passed, attempts are sent one at a time and this far apart, so that an endpoint that refuses at
/// once does not keep the node busy.
const SUSPECT_WAIT: Duration = Duration::milliseconds(250);

/// The wait for the first probe; it doubles for each further one …
const PROBE_WAIT_MIN: Duration = Duration::seconds(5);
/// … up to this, so that a recovery is noticed within a minute.
const PROBE_WAIT_MAX: Duration = Duration::seconds(60);

/// An endpoint that has failed for this long is disabled, and its partner is notified.
const FAILING_MAX: Duration = Duration::days(5);

/// After a recovery the limit of attempts in flight doubles every second, and
/// ends after this many seconds: 1,024 is more than any endpoint's own limit.
const RECOVERY_S: i64 = 10;

/// The state as the API and the database name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CircuitState {
    /// Everything may be sent.
    Closed,
    /// Nothing is sent until the next probe is due.
    Open,
    /// A probe is in flight.
    HalfOpen,
}

/// The text is not the name of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a circuit is `closed`, `open` or `half_open`")]
pub(crate) struct ParseCircuitStateError;

/// What an attempt's outcome changed, for the owner to store and report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum CircuitTransition {
    /// Nothing that others see.
    None,
    /// The endpoint is considered down.
    Opened,
    /// The endpoint is back.
    Recovered,
    /// The endpoint has failed for five days: disable it as `failing`.
    DisableFailing,
}

#[derive(Debug, Clone)]
pub(crate) struct Circuit {
    mode: Mode,
    /// When the current series of failures began; `None` after a success.
    failing_since: Option<OffsetDateTime>,
    /// Failed attempts in a row.
    failures: u32,
    /// When the last of them was reported.
    failed_at: Option<OffsetDateTime>,
    /// The first few deliveries that they belong to, each once.
    deliveries: Vec<DeliveryId>,
}

#[derive(Debug, Clone, Copy)]
enum Mode {
    Closed {
        /// Where the rising rate starts; `None` means no limit.
        recovered_at: Option<OffsetDateTime>,
    },
    Open(Probe),
    /// Attempts from before the opening may still end: only a failure of this
    /// delivery is the probe's.
    HalfOpen(Probe, DeliveryId),
}

#[derive(Debug, Clone, Copy)]
struct Probe {
    due_at: OffsetDateTime,
    /// The wait before this probe.
    wait: Duration,
}

impl Circuit {
    /// The circuit of a new endpoint.
    #[must_use]
    pub(crate) const fn closed() -> Self {
        Self {
            mode: Mode::Closed { recovered_at: None },
            failing_since: None,
            failures: 0,
            failed_at: None,
            deliveries: Vec::new(),
        }
    }

    /// The circuit of an endpoint that was enabled at `now`: waiting deliveries
    /// are sent at the rising rate.
    #[must_use]
    pub(crate) fn enabled(now: OffsetDateTime) -> Self {
        Self {
            mode: Mode::Closed {
                recovered_at: Some(now),
            },
            ..Self::closed()
        }
    }

    /// The circuit that a new owner restores. A probe of the old owner is
    /// lost, so the next one is due at once.
    #[must_use]
    pub(crate) fn restored(
        state: CircuitState,
        failing_since: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Self {
        let mode = match state {
            CircuitState::Closed => Mode::Closed { recovered_at: None },
            CircuitState::Open | CircuitState::HalfOpen => Mode::Open(Probe {
                due_at: now,
                wait: PROBE_WAIT_MIN,
            }),
        };
        Self {
            mode,
            failing_since,
            ..Self::closed()
        }
    }

    /// The state to store and show.
    #[must_use]
    pub(crate) const fn state(&self) -> CircuitState {
        match self.mode {
            Mode::Closed { .. } => CircuitState::Closed,
            Mode::Open(_) => CircuitState::Open,
            Mode::HalfOpen(..) => CircuitState::HalfOpen,
        }
    }

    /// Since when every attempt has failed.
    #[must_use]
    pub(crate) const fn failing_since(&self) -> Option<OffsetDateTime> {
        self.failing_since
    }

    /// Whether one more attempt may start, in addition to those in flight.
    #[must_use]
    pub(crate) fn may_send(&self, now: OffsetDateTime, in_flight: usize) -> bool {
        match self.mode {
            Mode::Closed { .. } if self.is_suspect() => {
                let since_failed = self.failed_at.map_or(SUSPECT_WAIT, |at| now - at);
                in_flight == 0 && (since_failed >= SUSPECT_WAIT || since_failed.is_negative())
            }
            Mode::Closed { recovered_at: None } => true,
            Mode::Closed {
                recovered_at: Some(at),
            } => in_flight < in_flight_limit(now - at),
            Mode::Open(probe) => probe.is_due(now),
            Mode::HalfOpen(..) => false,
        }
    }

    /// An attempt of this delivery was started. If the circuit is open, it is
    /// the probe.
    pub(crate) fn on_send(&mut self, delivery: DeliveryId) {
        if let Mode::Open(probe) = self.mode {
            self.mode = Mode::HalfOpen(probe, delivery);
        }
    }

    /// An attempt ended without an outcome, for example at a handover. If it
    /// was the probe, the probe is due again.
    pub(crate) fn on_abandoned(&mut self, delivery: DeliveryId) {
        if let Mode::HalfOpen(probe, sent) = self.mode
            && sent == delivery
        {
            self.mode = Mode::Open(probe);
        }
    }

    /// The endpoint accepted a delivery. Any success closes the circuit, even
    /// one of an attempt that started before the failures.
    pub(crate) fn on_success(&mut self, now: OffsetDateTime) -> CircuitTransition {
        self.failing_since = None;
        self.failures = 0;
        self.deliveries.clear();
        match self.mode {
            Mode::Closed { .. } => CircuitTransition::None,
            Mode::Open(_) | Mode::HalfOpen(..) => {
                self.mode = Mode::Closed {
                    recovered_at: Some(now),
                };
                CircuitTransition::Recovered
            }
        }
    }

    /// An attempt of this delivery failed.
    ///
    /// Only an open circuit can disable the endpoint: two failures a week apart
    /// on a quiet endpoint are not an outage.
    pub(crate) fn on_failure(
        &mut self,
        delivery: DeliveryId,
        now: OffsetDateTime,
    ) -> CircuitTransition {
        let since = *self.failing_since.get_or_insert(now);
        self.count(delivery, now);
        match self.mode {
            Mode::Closed { .. } if self.is_down(now - since) => {
                self.mode = Mode::Open(Probe::first(now));
                return CircuitTransition::Opened;
            }
            Mode::Closed { .. } => return CircuitTransition::None,
            Mode::HalfOpen(probe, sent) if sent == delivery => {
                self.mode = Mode::Open(probe.next(now));
            }
            // An attempt from before the opening: the probe stays as it is.
            Mode::HalfOpen(..) | Mode::Open(_) => {}
        }
        if now - since >= FAILING_MAX {
            CircuitTransition::DisableFailing
        } else {
            CircuitTransition::None
        }
    }

    fn count(&mut self, delivery: DeliveryId, now: OffsetDateTime) {
        self.failures = self.failures.saturating_add(1);
        self.failed_at = Some(now);
        if self.deliveries.len() < DELIVERIES_MIN && !self.deliveries.contains(&delivery) {
            self.deliveries.push(delivery);
        }
    }

    fn is_suspect(&self) -> bool {
        self.failures >= FAILURES_MIN && self.deliveries.len() >= DELIVERIES_MIN
    }

    fn is_down(&self, failing_for: Duration) -> bool {
        self.is_suspect() && failing_for >= FAILING_MIN
    }
}

impl Default for Circuit {
    fn default() -> Self {
        Self::closed()
    }
}

impl Probe {
    fn first(now: OffsetDateTime) -> Self {
        Self::after(PROBE_WAIT_MIN, now)
    }

    fn next(self, now: OffsetDateTime) -> Self {
        Self::after(PROBE_WAIT_MAX.min(self.wait * 2), now)
    }

    fn after(wait: Duration, now: OffsetDateTime) -> Self {
        Self {
            due_at: now.saturating_add(wait),
            wait,
        }
    }

    /// If the due time is further ahead than the wait, the clock was set back,
    /// which must not keep the circuit open for longer.
    fn is_due(self, now: OffsetDateTime) -> bool {
        let left = self.due_at - now;
        !left.is_positive() || left > self.wait
    }
}

/// The number of attempts that may be in flight at this time after a recovery: 1, 2, 4, …
/// A negative time means that the clock was set back: then there is no limit.
fn in_flight_limit(since_recovery: Duration) -> usize {
    match since_recovery.whole_seconds() {
        seconds @ 0..RECOVERY_S => 1_usize << seconds,
        _ => usize::MAX,
    }
}

impl CircuitState {
    /// The stable name.
    #[must_use]
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

impl fmt::Display for CircuitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CircuitState {
    type Err = ParseCircuitStateError;

    fn from_str(text: &str) -> Result<Self, ParseCircuitStateError> {
        [Self::Closed, Self::Open, Self::HalfOpen]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(ParseCircuitStateError)
    }
}

#[cfg(test)]
mod tests;
