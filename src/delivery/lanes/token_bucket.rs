//! The rate of an endpoint: a token bucket for `rate_per_second`. Pure; time is an argument.
//! Promises: over any stretch of `t` seconds at most `rate × t + burst` attempts start.

use std::time::Instant;

/// A burst of a tenth of a second, so that slow timers do not cost throughput.
const BURST_SECONDS: f64 = 0.1;

/// Limits attempts per second. No rate means no limit.
#[derive(Debug)]
pub(super) struct TokenBucket {
    rate_per_second: Option<f64>,
    tokens: f64,
    refilled_at: Option<Instant>,
}

impl TokenBucket {
    /// A bucket that begins full.
    pub(super) fn new(rate_per_second: Option<f64>) -> Self {
        let tokens = rate_per_second.map_or(0.0, burst);
        Self {
            rate_per_second,
            tokens,
            refilled_at: None,
        }
    }

    /// Change the rate without a new burst.
    pub(super) fn set_rate(&mut self, rate_per_second: Option<f64>) {
        self.rate_per_second = rate_per_second;
        self.tokens = self.tokens.min(rate_per_second.map_or(0.0, burst));
    }

    /// Whether an attempt may start now; if so, it is counted.
    pub(super) fn try_acquire(&mut self, now: Instant) -> bool {
        let Some(rate) = self.rate_per_second else {
            return true;
        };
        let elapsed = self
            .refilled_at
            .map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f64());
        self.refilled_at = Some(now);
        self.tokens = (self.tokens + elapsed * rate).min(burst(rate));
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

fn burst(rate: f64) -> f64 {
    (rate * BURST_SECONDS).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_second_holds_at_most_the_rate_and_the_burst() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(Some(50.0));
        let started = (0..1_000)
            .filter(|ms| bucket.try_acquire(start + Duration::from_millis(*ms)))
            .count();
        assert!((50..=55).contains(&started), "{started}");
    }

    #[test]
    fn a_slow_rate_starts_one_and_waits() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(Some(0.5));
        assert!(bucket.try_acquire(start));
        assert!(!bucket.try_acquire(start + Duration::from_secs(1)));
        assert!(bucket.try_acquire(start + Duration::from_secs(3)));
    }
}
