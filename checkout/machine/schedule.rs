//! How long things last, and when to ask again.
//!
//! Promises: a pure function of the number of attempts; delays grow, and never end before the answer is final.

use time::{Duration, OffsetDateTime};

use crate::payment_method::PaymentMethod;

/// How long units are held for a payment: long enough to type a card and to prove it, short enough for a drop.
pub const HOLD: Duration = Duration::minutes(10);
/// By how much a hold is extended, once.
pub const HOLD_EXTENSION: Duration = Duration::minutes(10);
/// A hold's end is announced, and a running payment's hold extended, this long before it (WCAG 2.2.1).
pub const HOLD_NOTICE: Duration = Duration::seconds(20);

/// Seconds before each question. A lost webhook costs the buyer half a minute; a processor that is down for a day is
/// asked about 20 times, and from then on four times a day.
const ASK_SECONDS: [i64; 10] = [30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400];
const ASK_SECONDS_MAX: i64 = 21_600;

/// The delay after `count` questions without a final answer.
#[must_use]
pub fn ask_delay(count: u32) -> Duration {
    let index = usize::try_from(count).unwrap_or(usize::MAX);
    Duration::seconds(ASK_SECONDS.get(index).copied().unwrap_or(ASK_SECONDS_MAX))
}

/// How long units are held for a payment. A transfer takes days, which the seller states.
pub(super) fn hold_for(method: PaymentMethod) -> Duration {
    match method {
        PaymentMethod::Card | PaymentMethod::BankRedirect(_) => HOLD,
        PaymentMethod::Invoice { days } => Duration::days(i64::from(days)),
    }
}

/// The time after a delay. The end of the calendar is never reached.
pub(super) fn after(now: OffsetDateTime, delay: Duration) -> OffsetDateTime {
    now.checked_add(delay).unwrap_or(now)
}

/// The time before a delay.
pub(super) fn before(at: OffsetDateTime, delay: Duration) -> OffsetDateTime {
    at.checked_sub(delay).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_to_six_hours() {
        let delays: Vec<_> = (0..30).map(ask_delay).collect();
        assert!(delays.is_sorted());
        assert_eq!(delays[0], Duration::seconds(30));
        assert_eq!(ask_delay(u32::MAX), Duration::hours(6));
    }
}
