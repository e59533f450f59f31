//! The rules of holding units: how long, when the end is announced, and who may have more time.
//!
//! Promises: pure; the same answer for page and agents. Must not count stock: its figures are arguments.

use time::{Duration, OffsetDateTime};

use crate::machine::{HOLD_NOTICE, Hold};

/// Units that are left are scarce at or below this number: a handful goes in seconds.
pub const SCARCE_UNITS_MAX: u64 = 3;
/// They are scarce, too, at or below this percentage of all units.
pub const SCARCE_PERCENT_MAX: u64 = 10;

/// The units of one item. Without a counter there are always enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitStock {
    /// Not counted: digital items, made to order.
    Unlimited,
    /// Counted.
    Counted {
        /// All units, sold ones too.
        total: u64,
        /// Units that are neither held nor sold.
        free: u64,
    },
}

impl UnitStock {
    /// Whether others wait for what one buyer holds: 3 units or 10 % are left, or fewer.
    #[must_use]
    pub fn is_scarce(self) -> bool {
        match self {
            Self::Unlimited => false,
            Self::Counted { total, free } => {
                let percent = u128::from(free) * 100;
                free <= SCARCE_UNITS_MAX
                    || percent <= u128::from(total) * u128::from(SCARCE_PERCENT_MAX)
            }
        }
    }
}

/// What a page says of a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldCountdown {
    /// The time left; zero once it has ended.
    pub left: Duration,
    /// The end is near: say so.
    pub is_announced: bool,
    /// The buyer may ask for more time.
    pub may_extend: bool,
}

impl HoldCountdown {
    /// The countdown of a hold at a time.
    #[must_use]
    pub fn of(hold: &Hold, is_scarce: bool, now: OffsetDateTime) -> Self {
        let left = (hold.ends_at - now).max(Duration::ZERO);
        let is_running = left > Duration::ZERO;
        Self {
            left,
            is_announced: is_running && left <= HOLD_NOTICE,
            may_extend: is_running && !hold.is_extended && !is_scarce,
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_handful_and_a_tenth_are_scarce() {
        for (total, free, is_scarce) in [
            (500, 51, false),
            (500, 50, true),
            (20, 4, false),
            (20, 3, true),
            (4, 4, false),
            (3, 3, true),
            (0, 0, true),
            (u64::MAX, u64::MAX, false),
        ] {
            let stock = UnitStock::Counted { total, free };
            assert_eq!(stock.is_scarce(), is_scarce, "{free} of {total}");
        }
        assert!(!UnitStock::Unlimited.is_scarce());
    }

    #[test]
    fn the_last_twenty_seconds_are_announced() {
        let ends_at = datetime!(2026-11-30 10:10 UTC);
        let hold = Hold {
            number: 1,
            ends_at,
            is_extended: false,
        };
        let at = |seconds| {
            let countdown = HoldCountdown::of(&hold, false, ends_at - Duration::seconds(seconds));
            (countdown.is_announced, countdown.may_extend)
        };
        assert_eq!(at(21), (false, true));
        assert_eq!(at(20), (true, true));
        assert_eq!(at(0), (false, false));
        assert_eq!(at(-5), (false, false));
        let before = ends_at - Duration::minutes(1);
        assert!(!HoldCountdown::of(&hold, true, before).may_extend);
        let extended = Hold {
            is_extended: true,
            ..hold
        };
        assert!(!HoldCountdown::of(&extended, false, before).may_extend);
    }
}
