//! Client connections: their number, their addresses, and which to close when there are too many.
//!
//! Promises: idle connections never block a new one: the address with the most loses the one that was idle for longest.
//! A connection with a request in progress is never closed here.

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

/// Above three quarters of the limit, a connection is closed after its answer.
const FULL_NUMERATOR: usize = 3;
const FULL_DENOMINATOR: usize = 4;
/// Closed at a time, so that a flood does not scan all connections each time.
const EVICTION_DIVISOR: usize = 16;

/// All connections of this process.
pub(super) struct Connections {
    max: usize,
    open: Mutex<OpenConnections>,
}

#[derive(Default)]
struct OpenConnections {
    by_id: HashMap<u64, Arc<Connection>>,
    last_id: u64,
}

pub(super) struct Connection {
    id: u64,
    address: IpAddr,
    /// Since when it is idle; none while a request is in progress.
    idle_since: Mutex<Option<Instant>>,
    is_evicted: AtomicBool,
    /// Wakes its reader.
    pub(crate) reader: AtomicWaker,
}

/// A connection's slot, released when it is dropped.
pub(super) struct ConnectionSlot {
    pub(crate) connection: Arc<Connection>,
    connections: Arc<Connections>,
}

impl Connections {
    pub(super) fn new(max: usize) -> Self {
        Self {
            max,
            open: Mutex::default(),
        }
    }

    /// Admit a connection; none when all others have a request in progress.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr, now: Instant) -> Option<ConnectionSlot> {
        let mut open = self.open();
        if open.by_id.len() >= self.max && open.evict_idle(self.max / EVICTION_DIVISOR + 1) == 0 {
            return None;
        }
        open.last_id += 1;
        let connection = Arc::new(Connection {
            id: open.last_id,
            address: network_prefix(address),
            idle_since: Mutex::new(Some(now)),
            is_evicted: AtomicBool::new(false),
            reader: AtomicWaker::new(),
        });
        open.by_id.insert(connection.id, Arc::clone(&connection));
        drop(open);
        let connections = Arc::clone(self);
        Some(ConnectionSlot {
            connection,
            connections,
        })
    }

    fn is_nearly_full(&self) -> bool {
        self.open().by_id.len() * FULL_DENOMINATOR >= self.max * FULL_NUMERATOR
    }

    fn open(&self) -> MutexGuard<'_, OpenConnections> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenConnections {
    /// Evict up to this many idle connections. Returns how many.
    fn evict_idle(&mut self, count: usize) -> usize {
        let mut per_address: HashMap<IpAddr, usize> = HashMap::new();
        for connection in self.by_id.values() {
            *per_address.entry(connection.address).or_default() += 1;
        }
        let mut idle: Vec<_> = self
            .by_id
            .values()
            .filter_map(|connection| {
                let since = (*connection.idle())?;
                let others = per_address.get(&connection.address).copied().unwrap_or(0);
                Some((std::cmp::Reverse(others), since, Arc::clone(connection)))
            })
            .collect();
        idle.sort_by_key(|(others, since, _)| (*others, *since));
        idle.truncate(count);
        for (_, _, connection) in &idle {
            self.by_id.remove(&connection.id);
            connection.is_evicted.store(true, Ordering::Release);
            connection.reader.wake();
        }
        idle.len()
    }
}

impl Connection {
    /// Whether it must close.
    pub(crate) fn is_evicted(&self) -> bool {
        self.is_evicted.load(Ordering::Acquire)
    }

    fn idle(&self) -> MutexGuard<'_, Option<Instant>> {
        self.idle_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.connections.open().by_id.remove(&self.connection.id);
    }
}

/// A request in progress. Its connection is idle again when this is dropped.
struct ActiveRequest(Arc<Connection>);

impl ActiveRequest {
    fn begin(connection: Arc<Connection>) -> Self {
        *connection.idle() = None;
        Self(connection)
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        *self.0.idle() = Some(Instant::now());
    }
}

/// Middleware: marks the connection busy, and closes it after the answer when connections are scarce.
pub(super) async fn track<B: MessageBody>(
    connections: Arc<Connections>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let connection = request.conn_data::<Arc<Connection>>().cloned();
    let _active = connection.map(ActiveRequest::begin);
    let mut response = next.call(request).await?;
    if connections.is_nearly_full() {
        let head = response.response_mut().head_mut();
        head.set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

/// The /64 of an IPv6 address: its holder has all 2^64 addresses.
pub(crate) fn network_prefix(address: IpAddr) -> IpAddr {
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
            !caller.connection.is_evicted(),
            "it is idle for longest, and alone"
        );
        let left = silent.iter().filter(|slot| !slot.connection.is_evicted());
        assert!((10..=19).contains(&left.count()));
        assert!(silent[0].connection.is_evicted() && !silent[99].connection.is_evicted());
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
            .map(|slot| ActiveRequest::begin(Arc::clone(&slot.connection)))
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
        assert_eq!(network_prefix(one), network_prefix(other));
        let mapped = "::ffff:192.0.2.1".parse().unwrap();
        assert_eq!(network_prefix(mapped), ATTACKER);
    }
}
