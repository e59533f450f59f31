//! Who of the strangers may send a body at one time.
//!
//! Promises: nobody is turned away because others hold the places: a newcomer takes the place of whoever has been sending
//! for longest from the address that holds the most. So one address that trickles only ever costs itself.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::connections::network;

/// The places.
pub struct Readers {
    max: usize,
    /// Oldest first.
    taken: Mutex<Vec<Reader>>,
}

struct Reader {
    address: IpAddr,
    cut: Arc<Notify>,
}

/// One of them; given back when it is dropped.
pub struct Place<'a> {
    readers: &'a Readers,
    cut: Arc<Notify>,
}

impl Readers {
    /// So many places.
    pub const fn new(max: usize) -> Self {
        Self {
            max,
            taken: Mutex::new(Vec::new()),
        }
    }

    /// A place for whoever sends from there.
    pub fn take(&self, address: IpAddr) -> Place<'_> {
        let cut = Arc::new(Notify::new());
        let mut taken = self.taken();
        if taken.len() >= self.max
            && let Some(oldest) = longest_of_the_greediest(&taken)
        {
            taken.remove(oldest).cut.notify_one();
        }
        taken.push(Reader {
            address: network(address),
            cut: Arc::clone(&cut),
        });
        drop(taken);
        Place { readers: self, cut }
    }

    fn taken(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn longest_of_the_greediest(taken: &[Reader]) -> Option<usize> {
    let mut held: HashMap<IpAddr, usize> = HashMap::new();
    for reader in taken {
        *held.entry(reader.address).or_default() += 1;
    }
    let most = held.values().max()?;
    taken
        .iter()
        .position(|reader| held.get(&reader.address) == Some(most))
}

impl Place<'_> {
    /// Ends when somebody else needs it.
    pub async fn is_cut(&self) {
        self.cut.notified().await;
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut taken = self.readers.taken();
        taken.retain(|reader| !Arc::ptr_eq(&reader.cut, &self.cut));
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
        let readers = Readers::new(4);
        let calm = readers.take(OTHER);
        let trickling: Vec<_> = (0..3).map(|_| readers.take(ONE)).collect();
        let is_cut = |place: &Place<'_>| place.is_cut().now_or_never().is_some();
        let new = readers.take(OTHER);
        assert!(is_cut(&trickling[0]) && !is_cut(&trickling[1]) && !is_cut(&calm));
        assert!(!is_cut(&new));
        drop(trickling);
        assert_eq!(readers.taken().len(), 2);
        drop((calm, new));
        assert!(readers.taken().is_empty());
    }
}
