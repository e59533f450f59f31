//! Failed tries to sign in, by address: five a minute.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

const FAILED_MAX: u32 = 5;
const WINDOW: Duration = Duration::from_mins(1);
/// Addresses that failed within the last minute. More than these are not counted apart.
const ADDRESSES_MAX: usize = 10_000;

/// Failed tries by address.
#[derive(Debug, Default)]
pub(in crate::http::console) struct FailedSignIns(HashMap<IpAddr, (u32, Instant)>);

impl FailedSignIns {
    /// How long an address must wait, if it has failed too often.
    pub(in crate::http::console) fn wait(&self, address: IpAddr, now: Instant) -> Option<Duration> {
        let (failed, since) = self.0.get(&address)?;
        let left = WINDOW.checked_sub(now.saturating_duration_since(*since))?;
        (*failed >= FAILED_MAX && !left.is_zero()).then_some(left)
    }

    pub(in crate::http::console) fn record(&mut self, address: IpAddr, now: Instant) {
        let is_recent = |since: Instant| now.saturating_duration_since(since) < WINDOW;
        if self.0.len() >= ADDRESSES_MAX {
            self.0.retain(|_, (_, since)| is_recent(*since));
        }
        if self.0.len() >= ADDRESSES_MAX {
            return;
        }
        let entry = self.0.entry(address).or_insert((0, now));
        if !is_recent(entry.1) {
            *entry = (0, now);
        }
        entry.0 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_five_tries_a_minute() {
        let (mut failed, now) = (FailedSignIns::default(), Instant::now());
        let [address, other] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        for _ in 0..FAILED_MAX {
            assert_eq!(failed.wait(address, now), None);
            failed.record(address, now);
        }
        assert_eq!(failed.wait(address, now), Some(WINDOW));
        assert_eq!(failed.wait(other, now), None);
        assert_eq!(failed.wait(address, now + WINDOW), None);
        failed.record(address, now + WINDOW);
        assert_eq!(failed.wait(address, now + WINDOW), None);
    }
}
