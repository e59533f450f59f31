//! The host limiter: bounds a node's requests per image host and in total.
//!
//! Promises: per host at most two requests in flight and four a second, redirects included; at most sixteen in
//! flight in total.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Requests in flight to one host.
pub(super) const CONCURRENT_PER_HOST: usize = 2;
/// Time between the starts of two requests to one host: four a second.
const START_INTERVAL: Duration = Duration::from_millis(250);
/// Requests in flight on this node.
pub(super) const CONCURRENT_PER_NODE: usize = 16;
/// Hosts kept in memory before idle ones are dropped.
const HOSTS_MAX: usize = 1_000;

/// Grants permits for requests to image hosts.
pub(super) struct HostLimiter {
    node: Arc<Semaphore>,
    hosts: Mutex<HashMap<String, Arc<HostState>>>,
}

struct HostState {
    permits: Arc<Semaphore>,
    /// When the next request may start.
    next_start: Mutex<Instant>,
}

/// Permission for one request, for as long as it is held.
pub(super) struct HostPermit {
    _host: Option<OwnedSemaphorePermit>,
    _node: Option<OwnedSemaphorePermit>,
}

impl HostLimiter {
    pub(super) fn new() -> Self {
        Self {
            node: Arc::new(Semaphore::new(CONCURRENT_PER_NODE)),
            hosts: Mutex::default(),
        }
    }

    /// Waits until one more request may be made to this host.
    pub(super) async fn acquire(&self, host: &str) -> HostPermit {
        let state = self.host_state(host);
        // The semaphores are never closed.
        let _host = Arc::clone(&state.permits).acquire_owned().await.ok();
        let _node = Arc::clone(&self.node).acquire_owned().await.ok();
        let at = state.reserve_start();
        tokio::time::sleep_until(at).await;
        HostPermit { _host, _node }
    }

    fn host_state(&self, host: &str) -> Arc<HostState> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= HOSTS_MAX {
            let now = Instant::now();
            // Keep hosts with a waiting, running or recent request.
            hosts.retain(|_, state| Arc::strong_count(state) > 1 || state.is_busy(now));
        }
        let state = hosts.entry(host.to_owned()).or_insert_with(|| {
            Arc::new(HostState {
                permits: Arc::new(Semaphore::new(CONCURRENT_PER_HOST)),
                next_start: Mutex::new(Instant::now()),
            })
        });
        Arc::clone(state)
    }
}

impl HostState {
    fn reserve_start(&self) -> Instant {
        let mut next = self
            .next_start
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let at = (*next).max(Instant::now());
        *next = at + START_INTERVAL;
        at
    }

    fn is_busy(&self, now: Instant) -> bool {
        self.permits.available_permits() < CONCURRENT_PER_HOST
            || *self
                .next_start
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                > now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn starts_at_one_host_lie_a_quarter_of_a_second_apart() {
        let limiter = HostLimiter::new();
        let state = limiter.host_state("slow.example");
        let begun = Instant::now();
        let starts: Vec<_> = (0..8).map(|_| state.reserve_start()).collect();
        assert!(
            starts
                .windows(2)
                .all(|pair| pair[1] - pair[0] >= START_INTERVAL)
        );
        assert!(starts[7] - begun < 8 * START_INTERVAL);
        // Another host does not wait for it.
        assert!(limiter.host_state("other.example").reserve_start() - begun < START_INTERVAL);
    }

    #[tokio::test]
    async fn a_host_that_has_two_in_hand_gets_no_third() {
        let limiter = HostLimiter::new();
        let held = [limiter.acquire("a").await, limiter.acquire("a").await];
        let soon = Duration::from_millis(20);
        assert!(
            tokio::time::timeout(soon, limiter.acquire("a"))
                .await
                .is_err()
        );
        drop(held);
        limiter.acquire("a").await;
    }

    #[tokio::test]
    async fn hosts_that_rest_are_forgotten_and_those_that_are_asked_are_not() {
        let limiter = HostLimiter::new();
        let _held = limiter.acquire("held").await;
        tokio::time::sleep(START_INTERVAL).await;
        for n in 0..3 * HOSTS_MAX {
            limiter.host_state(&n.to_string());
        }
        let hosts = limiter.hosts.lock().unwrap();
        assert!(hosts.len() <= HOSTS_MAX && hosts.contains_key("held"));
    }
}
