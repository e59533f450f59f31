//! Slots for requests without a key that send a body.
//!
//! Promises: full slots never turn away a newcomer. It takes the slot of the longest sender of the address that holds
//! the most, so an address that sends slowly only hurts itself.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::http::server::connections::network_prefix;

/// The slots.
pub(crate) struct ReaderSlots {
    max: usize,
    /// Oldest first.
    active: Mutex<Vec<ActiveReader>>,
}

struct ActiveReader {
    address: IpAddr,
    eviction: Arc<Notify>,
}

/// A slot, released when it is dropped.
pub(crate) struct ReaderSlot<'a> {
    slots: &'a ReaderSlots,
    eviction: Arc<Notify>,
}

impl ReaderSlots {
    pub(crate) const fn new(max: usize) -> Self {
        Self {
            max,
            active: Mutex::new(Vec::new()),
        }
    }

    /// Acquire a slot for this address.
    pub(crate) fn acquire(&self, address: IpAddr) -> ReaderSlot<'_> {
        let eviction = Arc::new(Notify::new());
        let mut active = self.active();
        if active.len() >= self.max
            && let Some(oldest) = eviction_candidate(&active)
        {
            active.remove(oldest).eviction.notify_one();
        }
        active.push(ActiveReader {
            address: network_prefix(address),
            eviction: Arc::clone(&eviction),
        });
        drop(active);
        ReaderSlot {
            slots: self,
            eviction,
        }
    }

    fn active(&self) -> MutexGuard<'_, Vec<ActiveReader>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn eviction_candidate(active: &[ActiveReader]) -> Option<usize> {
    let mut held: HashMap<IpAddr, usize> = HashMap::new();
    for reader in active {
        *held.entry(reader.address).or_default() += 1;
    }
    let most = held.values().max()?;
    active
        .iter()
        .position(|reader| held.get(&reader.address) == Some(most))
}

impl ReaderSlot<'_> {
    /// Returns when another request has taken the slot.
    pub(crate) async fn evicted(&self) {
        self.eviction.notified().await;
    }
}

impl Drop for ReaderSlot<'_> {
    fn drop(&mut self) {
        let mut active = self.slots.active();
        active.retain(|reader| !Arc::ptr_eq(&reader.eviction, &self.eviction));
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const ONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn a_newcomer_takes_the_oldest_place_of_the_greediest_address() {
        let slots = ReaderSlots::new(4);
        let calm = slots.acquire(OTHER);
        let trickling: Vec<_> = (0..3).map(|_| slots.acquire(ONE)).collect();
        let is_evicted = |slot: &ReaderSlot<'_>| slot.evicted().now_or_never().is_some();
        let new = slots.acquire(OTHER);
        assert!(is_evicted(&trickling[0]) && !is_evicted(&trickling[1]) && !is_evicted(&calm));
        assert!(!is_evicted(&new));
        drop(trickling);
        assert_eq!(slots.active().len(), 2);
        drop((calm, new));
        assert!(slots.active().is_empty());
    }
}
