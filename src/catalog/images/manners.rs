//! Manners: how much one node asks of one host, and of the world, at a time.
//!
//! Promises: at most two requests in flight and four a second per host, redirects included; at most sixteen in flight
//! in all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Requests in flight at one host.
pub(super) const PER_HOST: usize = 2;
/// Between the starts of two requests to one host: four a second.
const PACE: Duration = Duration::from_millis(250);
/// Requests in flight on this node.
pub(super) const PER_NODE: usize = 16;
/// Hosts that are remembered before those that rest are forgotten.
const HOSTS_MAX: usize = 1_000;

/// Who may ask whom, and when.
pub(super) struct Manners {
    node: Arc<Semaphore>,
    hosts: Mutex<HashMap<String, Arc<Gate>>>,
}

struct Gate {
    room: Arc<Semaphore>,
    /// When the next request may start.
    next: Mutex<Instant>,
}

/// One request may be made while this is held.
pub(super) struct Turn {
    _host: Option<OwnedSemaphorePermit>,
    _node: Option<OwnedSemaphorePermit>,
}

impl Manners {
    pub(super) fn new() -> Self {
        Self {
            node: Arc::new(Semaphore::new(PER_NODE)),
            hosts: Mutex::default(),
        }
    }

    /// Waits until one more request may be made to this host.
    pub(super) async fn turn(&self, host: &str) -> Turn {
        let gate = self.gate(host);
        // Nobody closes them.
        let _host = Arc::clone(&gate.room).acquire_owned().await.ok();
        let _node = Arc::clone(&self.node).acquire_owned().await.ok();
        let at = gate.start();
        tokio::time::sleep_until(at).await;
        Turn { _host, _node }
    }

    fn gate(&self, host: &str) -> Arc<Gate> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= HOSTS_MAX {
            let now = Instant::now();
            // One that is being asked for, asked, or was asked just now.
            hosts.retain(|_, gate| Arc::strong_count(gate) > 1 || gate.is_busy(now));
        }
        let gate = hosts.entry(host.to_owned()).or_insert_with(|| {
            Arc::new(Gate {
                room: Arc::new(Semaphore::new(PER_HOST)),
                next: Mutex::new(Instant::now()),
            })
        });
        Arc::clone(gate)
    }
}

impl Gate {
    fn start(&self) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let at = (*next).max(Instant::now());
        *next = at + PACE;
        at
    }

    fn is_busy(&self, now: Instant) -> bool {
        self.room.available_permits() < PER_HOST
            || *self.next.lock().unwrap_or_else(PoisonError::into_inner) > now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn starts_at_one_host_lie_a_quarter_of_a_second_apart() {
        let manners = Manners::new();
        let gate = manners.gate("slow.example");
        let begun = Instant::now();
        let starts: Vec<_> = (0..8).map(|_| gate.start()).collect();
        assert!(starts.windows(2).all(|pair| pair[1] - pair[0] >= PACE));
        assert!(starts[7] - begun < 8 * PACE);
        // Another does not wait for it.
        assert!(manners.gate("other.example").start() - begun < PACE);
    }

    #[tokio::test]
    async fn a_host_that_has_two_in_hand_gets_no_third() {
        let manners = Manners::new();
        let held = [manners.turn("a").await, manners.turn("a").await];
        let soon = Duration::from_millis(20);
        assert!(tokio::time::timeout(soon, manners.turn("a")).await.is_err());
        drop(held);
        manners.turn("a").await;
    }

    #[tokio::test]
    async fn hosts_that_rest_are_forgotten_and_those_that_are_asked_are_not() {
        let manners = Manners::new();
        let _held = manners.turn("held").await;
        tokio::time::sleep(PACE).await;
        for n in 0..3 * HOSTS_MAX {
            manners.gate(&n.to_string());
        }
        let hosts = manners.hosts.lock().unwrap();
        assert!(hosts.len() <= HOSTS_MAX && hosts.contains_key("held"));
    }
}
