//! Callers' connections: how many there are, whose they are, and which are let go when there are too many.
//!
//! Promises: connections that ask for nothing never keep out one that does; of those, the address that holds the most
//! loses the one that was silent for longest. A connection with a request under way is never cut here.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;
use futures_util::task::AtomicWaker;

/// From three quarters on, an answered connection is closed: keeping it open is for quiet hours.
const FULL_NUMERATOR: usize = 3;
const FULL_DENOMINATOR: usize = 4;
/// So many are let go at once, so that a flood does not look through all of them each time.
const LET_GO_SHARE: usize = 16;

/// All connections of this process.
pub struct Connections {
    max: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    lines: HashMap<u64, Arc<Line>>,
    made: u64,
}

/// One connection.
pub struct Line {
    id: u64,
    address: IpAddr,
    /// Since when it asks for nothing; none while a request is under way.
    idle_since: Mutex<Option<Instant>>,
    is_let_go: AtomicBool,
    /// Wakes whoever reads from it.
    pub(super) reader: AtomicWaker,
}

/// A place among them, given back when it is dropped.
pub struct Held {
    pub(super) line: Arc<Line>,
    connections: Arc<Connections>,
}

impl Connections {
    /// None yet, at most so many.
    pub fn new(max: usize) -> Self {
        Self {
            max,
            open: Mutex::default(),
        }
    }

    /// A place for a new connection; none where every one of them has a request under way.
    pub fn admit(self: &Arc<Self>, address: IpAddr, now: Instant) -> Option<Held> {
        let mut open = self.open();
        if open.lines.len() >= self.max && open.let_go(self.max / LET_GO_SHARE + 1) == 0 {
            return None;
        }
        open.made += 1;
        let line = Arc::new(Line {
            id: open.made,
            address: network(address),
            idle_since: Mutex::new(Some(now)),
            is_let_go: AtomicBool::new(false),
            reader: AtomicWaker::new(),
        });
        open.lines.insert(line.id, Arc::clone(&line));
        drop(open);
        let connections = Arc::clone(self);
        Some(Held { line, connections })
    }

    fn is_nearly_full(&self) -> bool {
        self.open().lines.len() * FULL_DENOMINATOR >= self.max * FULL_NUMERATOR
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Lets so many idle ones go; how many there were.
    fn let_go(&mut self, count: usize) -> usize {
        let mut of_address: HashMap<IpAddr, usize> = HashMap::new();
        for line in self.lines.values() {
            *of_address.entry(line.address).or_default() += 1;
        }
        let mut idle: Vec<_> = self
            .lines
            .values()
            .filter_map(|line| {
                let since = (*line.idle())?;
                let others = of_address.get(&line.address).copied().unwrap_or(0);
                Some((std::cmp::Reverse(others), since, Arc::clone(line)))
            })
            .collect();
        idle.sort_by_key(|(others, since, _)| (*others, *since));
        idle.truncate(count);
        for (_, _, line) in &idle {
            self.lines.remove(&line.id);
            line.is_let_go.store(true, Ordering::Release);
            line.reader.wake();
        }
        idle.len()
    }
}

impl Line {
    /// Whether it is to end.
    pub(super) fn is_let_go(&self) -> bool {
        self.is_let_go.load(Ordering::Acquire)
    }

    fn idle(&self) -> MutexGuard<'_, Option<Instant>> {
        self.idle_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.connections.open().lines.remove(&self.line.id);
    }
}

/// A request under way; its connection is idle again behind it.
struct Busy(Arc<Line>);

impl Busy {
    fn on(line: Arc<Line>) -> Self {
        *line.idle() = None;
        Self(line)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        *self.0.idle() = Some(Instant::now());
    }
}

/// Around every request: its connection is busy meanwhile, and ends with it where there are nearly too many.
pub async fn attend<B: MessageBody>(
    connections: Arc<Connections>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let line = request.conn_data::<Arc<Line>>().cloned();
    let _busy = line.map(Busy::on);
    let mut response = next.call(request).await?;
    if connections.is_nearly_full() {
        let head = response.response_mut().head_mut();
        head.set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

/// Whoever has one address of IPv6 has 2^64 of them.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            Ipv6Addr::from(network).into()
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const ATTACKER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const CALLER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn silent_connections_make_room_and_those_of_the_greediest_address_first() {
        let began = Instant::now();
        let at = |ms| began + Duration::from_millis(ms);
        let connections = Arc::new(Connections::new(20));
        let caller = connections.admit(CALLER, at(0)).unwrap();
        let silent: Vec<_> = (1..=100)
            .filter_map(|ms| connections.admit(ATTACKER, at(ms)))
            .collect();
        assert_eq!(silent.len(), 100, "each was let in");
        assert!(
            !caller.line.is_let_go(),
            "it is idle for longest, and alone"
        );
        let left = silent.iter().filter(|held| !held.line.is_let_go());
        assert!((10..=19).contains(&left.count()));
        assert!(silent[0].line.is_let_go() && !silent[99].line.is_let_go());
    }

    #[test]
    fn a_connection_with_a_request_under_way_stays() {
        let now = Instant::now();
        let connections = Arc::new(Connections::new(4));
        let held: Vec<_> = (0..4)
            .map(|_| connections.admit(CALLER, now).unwrap())
            .collect();
        let busy: Vec<_> = held
            .iter()
            .map(|held| Busy::on(Arc::clone(&held.line)))
            .collect();
        assert!(connections.admit(CALLER, now).is_none());
        assert!(connections.is_nearly_full());
        drop(busy);
        assert!(connections.admit(CALLER, now).is_some());
        drop(held);
        assert!(!connections.is_nearly_full());
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let one = "2001:db8:1:2::1".parse().unwrap();
        let other = "2001:db8:1:2:ffff::9".parse().unwrap();
        assert_eq!(network(one), network(other));
        let mapped = "::ffff:192.0.2.1".parse().unwrap();
        assert_eq!(network(mapped), ATTACKER);
    }
}
