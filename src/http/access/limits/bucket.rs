//! How many requests a key may still send: a token bucket. Pure; time is an argument.
//!
//! Promises: over any stretch of `t` seconds at most `per_second × t + burst` requests pass. A changed rate counts from the
//! next request and gives no new burst.

use std::time::{Duration, Instant};

use crate::store::partners::api_keys::KeyLimits;

/// Seconds' worth of requests that a key may send at once, unless it says otherwise: a page of a dashboard, or a catch-up
/// after a pause.
const BURST_SECONDS: u32 = 5;

/// The rate of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestRate {
    /// At least 1.
    pub(crate) per_second: u32,
    /// At least 1.
    pub(crate) burst: u32,
}

/// What a key has left after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    pub(super) rate: RequestRate,
    /// Requests that would pass now.
    pub(super) left: u32,
    /// Seconds until one more passes, rounded up. `None`: nothing is missing.
    pub(super) more_in_s: Option<u64>,
}

/// Requests that a key has saved up.
#[derive(Debug)]
pub(super) struct RequestBucket {
    rate: RequestRate,
    tokens: f64,
    refilled_at: Instant,
}

impl RequestRate {
    /// A rate, with a burst of its own or of five seconds.
    pub(crate) fn new(per_second: u32, burst: Option<u32>) -> Self {
        let per_second = per_second.max(1);
        let burst = burst.unwrap_or_else(|| per_second.saturating_mul(BURST_SECONDS));
        Self {
            per_second,
            burst: burst.max(1),
        }
    }

    /// With what a key has of its own.
    pub(super) fn with(self, own: KeyLimits) -> Self {
        match (own.requests_per_second, own.burst) {
            (None, None) => self,
            (None, burst) => Self::new(self.per_second, burst),
            (Some(rate), burst) => Self::new(rate, burst),
        }
    }
}

impl RequestBucket {
    pub(super) fn full(rate: RequestRate, now: Instant) -> Self {
        Self {
            rate,
            tokens: f64::from(rate.burst),
            refilled_at: now,
        }
    }

    pub(super) fn is_full(&self, now: Instant) -> bool {
        self.refilled(self.rate, now) >= f64::from(self.rate.burst)
    }

    /// Takes one request. As an error, what is left of an empty bucket.
    pub(super) fn spend(&mut self, rate: RequestRate, now: Instant) -> Result<Quota, Quota> {
        self.tokens = self.refilled(rate, now);
        self.refilled_at = now;
        self.rate = rate;
        if self.tokens < 1.0 {
            return Err(self.quota());
        }
        self.tokens -= 1.0;
        Ok(self.quota())
    }

    fn refilled(&self, rate: RequestRate, now: Instant) -> f64 {
        let elapsed = now.saturating_duration_since(self.refilled_at);
        let gained = elapsed.as_secs_f64() * f64::from(self.rate.per_second);
        (self.tokens + gained).min(f64::from(rate.burst))
    }

    fn quota(&self) -> Quota {
        let whole = self.tokens.floor();
        let missing = whole + 1.0 - self.tokens;
        let wait = Duration::from_secs_f64(missing / f64::from(self.rate.per_second));
        let is_full = whole >= f64::from(self.rate.burst);
        Quota {
            rate: self.rate,
            left: whole as u32,
            more_in_s: (!is_full).then(|| wait.as_secs_f64().ceil().max(1.0) as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_sends_its_burst_at_once_and_then_its_rate() {
        let start = Instant::now();
        let rate = RequestRate::new(2, Some(3));
        let mut bucket = RequestBucket::full(rate, start);
        let left: Vec<_> = (0..3)
            .map(|_| bucket.spend(rate, start).unwrap().left)
            .collect();
        assert_eq!(left, [2, 1, 0]);
        let empty = bucket.spend(rate, start).unwrap_err();
        assert_eq!((empty.left, empty.more_in_s), (0, Some(1)));
        let later = start + Duration::from_millis(500);
        assert!(bucket.spend(rate, later).is_ok());
        assert!(bucket.spend(rate, later).is_err());
        assert!(bucket.is_full(later + Duration::from_millis(1_500)));
    }

    #[test]
    fn own_limits_replace_the_default() {
        let default = RequestRate::new(100, None);
        assert_eq!(default.burst, 500);
        let own = |requests_per_second, burst| {
            let own = KeyLimits {
                requests_per_second,
                burst,
            };
            let rate = default.with(own);
            (rate.per_second, rate.burst)
        };
        assert_eq!(own(None, None), (100, 500));
        assert_eq!(own(Some(2), None), (2, 10));
        assert_eq!(own(None, Some(7)), (100, 7));
        assert_eq!(own(Some(2), Some(7)), (2, 7));
    }

    #[test]
    fn a_changed_rate_gives_no_new_burst() {
        let start = Instant::now();
        let (slow, fast) = (
            RequestRate::new(1, Some(1)),
            RequestRate::new(100, Some(500)),
        );
        let mut bucket = RequestBucket::full(slow, start);
        bucket.spend(slow, start).unwrap();
        assert!(bucket.spend(fast, start).is_err());
        assert!(bucket.spend(fast, start + Duration::from_secs(1)).is_ok());
    }

    proptest! {
        #[test]
        fn no_stretch_has_more_than_its_rate_and_a_burst(
            per_second in 1..50_u32,
            burst in 1..50_u32,
            pauses_ms in prop::collection::vec(0..400_u64, 1..200),
        ) {
            let rate = RequestRate::new(per_second, Some(burst));
            let start = Instant::now();
            let mut bucket = RequestBucket::full(rate, start);
            let mut now = start;
            let mut passed = Vec::new();
            for pause in pauses_ms {
                now += Duration::from_millis(pause);
                if bucket.spend(rate, now).is_ok() {
                    passed.push(now);
                }
            }
            for (first, from) in passed.iter().enumerate() {
                for (last, to) in passed.iter().enumerate().skip(first) {
                    let stretch = (*to - *from).as_secs_f64();
                    let most = stretch * f64::from(per_second) + f64::from(burst) + 1e-6;
                    prop_assert!((last - first + 1) as f64 <= most);
                }
            }
        }
    }
}
