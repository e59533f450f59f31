//! File descriptors: how many this process may have, and how they are shared.
//!
//! Promises: deliveries and callers' connections can use up only their own shares; what the process
//! needs for itself (its database, its files) belongs to neither. Pure, except [`raise`].

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// For database connections, listeners, the runtimes, feeds on disk, and some to spare.
const OWN: u64 = 128;
/// With more than this, every share below has reached its own maximum.
const LIMIT_MAX: u64 = 1 << 20;
/// Attempts in flight, each with a socket and its buffers.
const DELIVERIES_MAX: u64 = 4_096;
/// Callers' connections, at about 10 kB each.
const CONNECTIONS_MAX: u64 = 16_384;
/// The least that works, though not well.
const SHARE_MIN: u64 = 16;

/// The limit, and how it is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    pub limit: u64,
    /// Attempts in flight: half of what the process does not need for itself.
    pub deliveries: usize,
    /// Callers' connections: a quarter. The last quarter is for idle connections to receivers, feeds, images and DNS.
    pub connections: usize,
}

impl Shares {
    #[must_use]
    pub fn of(limit: u64) -> Self {
        let free = limit.min(LIMIT_MAX).saturating_sub(OWN);
        let share = |of: u64, most: u64| {
            let share = (free / of).clamp(SHARE_MIN, most);
            usize::try_from(share).unwrap_or(usize::MAX)
        };
        Self {
            limit,
            deliveries: share(2, DELIVERIES_MAX),
            connections: share(4, CONNECTIONS_MAX),
        }
    }
}

/// Raises the soft limit to the hard one, and returns the shares. If the system refuses, the soft limit stays.
#[must_use]
pub fn raise() -> Shares {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    let is_raised = current == maximum || setrlimit(Resource::Nofile, raised).is_ok();
    let limit = if is_raised { maximum } else { current };
    // `None` means no limit.
    Shares::of(limit.unwrap_or(LIMIT_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_leave_room_for_the_process_itself() {
        for limit in [512, 1_024, 4_096, 65_536, 1 << 20, u64::MAX] {
            let shares = Shares::of(limit);
            let taken = OWN + (shares.deliveries + shares.connections) as u64;
            assert!(
                taken <= limit - (limit.min(LIMIT_MAX) - OWN) / 5,
                "{shares:?}"
            );
        }
        let usual = Shares::of(1_024);
        assert_eq!((usual.deliveries, usual.connections), (448, 224));
        let large = Shares::of(1 << 19);
        assert_eq!((large.deliveries, large.connections), (4_096, 16_384));
        // A tiny limit still lets everything work.
        assert_eq!(Shares::of(64).deliveries, 16);
    }

    #[test]
    fn the_limit_is_raised_as_far_as_it_goes() {
        let shares = raise();
        let now = getrlimit(Resource::Nofile);
        assert_eq!(now.current, now.maximum);
        assert_eq!(shares, Shares::of(now.maximum.unwrap_or(LIMIT_MAX)));
    }
}
