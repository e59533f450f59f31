//! Which shards this node holds, under which epochs, and until when it may act on them.
//!
//! Promises: no attempt starts in the last two seconds of a lease, counted on the monotonic clock
//! from before the beat was sent; a shard is let go only after its attempts have been recorded.
//! Must not: send or record. Recording is fenced by the database itself, whatever this room believes.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use time::OffsetDateTime;
use uuid::Uuid;

use crate::store::clock::{ClockWatch, Step};
pub use crate::store::queue::Shard;
use crate::store::queue::{Census, Holder, SHARDS};

/// How long a node counts as living after its last beat, by the database's clock.
pub const LEASE: Duration = Duration::from_secs(10);
/// How often a node says that it lives.
pub const BEAT_EVERY: Duration = Duration::from_secs(3);
/// How often a node looks for shards that nobody holds.
pub const LOOK_EVERY: Duration = Duration::from_secs(1);
/// An attempt that starts later than this before the lease ends could outlive it.
const LAST_STRETCH: Duration = Duration::from_secs(2);

/// Whether other nodes may hold shards of the same database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tenancy {
    /// A lock outside the database proves that nobody else lives: the lease never ends.
    Alone,
    /// Nodes share the shards and prove by beats that they live.
    Shared,
}

/// This node's holdings.
pub struct Shards {
    /// This run of this process; a restart is another node.
    pub node: Uuid,
    /// Whether others may live beside it.
    pub tenancy: Tenancy,
    state: Mutex<State>,
}

struct State {
    epochs: BTreeMap<Shard, i64>,
    lease_ends: Option<Instant>,
    /// The leases of other nodes, and since when each is known to end then.
    leases: BTreeMap<Uuid, (OffsetDateTime, Instant)>,
    /// The database's clock, and until when what has run out by it is not believed: it was set.
    clock: ClockWatch,
    doubted_until: Option<Instant>,
}

/// What a look at the table asks this node to do.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Held in memory, but by the table no longer: drop at once.
    pub lost: Vec<Shard>,
    /// Nobody living holds them: claim.
    pub free: Vec<Shard>,
    /// More than this node's share: drain, then release.
    pub surplus: Vec<Shard>,
    /// Nodes whose lease has not run out by the table, but that have not beaten for as long as one lasts.
    pub silent: Vec<Uuid>,
}

impl Shards {
    /// A node that holds nothing yet.
    pub fn new(node: Uuid, tenancy: Tenancy) -> Self {
        Self {
            node,
            tenancy,
            state: Mutex::new(State {
                epochs: BTreeMap::new(),
                lease_ends: None,
                leases: BTreeMap::new(),
                clock: ClockWatch::default(),
                doubted_until: None,
            }),
        }
    }

    /// A beat that was sent at `sent_at` has been accepted. What was held under a lease that had run out
    /// by then is held no more: another node may have it. Returns what must be dropped.
    #[must_use]
    pub fn beaten(&self, sent_at: Instant) -> Vec<Shard> {
        let mut state = self.state();
        let ended = state.lease_ends.is_some_and(|ends| ends <= sent_at);
        state.lease_ends = Some(sent_at + LEASE);
        if !ended {
            return Vec::new();
        }
        std::mem::take(&mut state.epochs).into_keys().collect()
    }

    /// These shards are ours now, under these epochs.
    pub fn gained(&self, epochs: &[(Shard, i64)]) {
        self.state().epochs.extend(epochs.iter().copied());
    }

    /// This shard is ours no more.
    pub fn dropped(&self, shard: Shard) {
        self.state().epochs.remove(&shard);
    }

    /// The shards held, with their epochs.
    pub fn held(&self) -> Vec<(Shard, i64)> {
        self.state()
            .epochs
            .iter()
            .map(|(shard, epoch)| (*shard, *epoch))
            .collect()
    }

    /// The epoch under which a shard is held.
    pub fn epoch(&self, shard: Shard) -> Option<i64> {
        self.state().epochs.get(&shard).copied()
    }

    /// Whether an attempt may start now. Asked right before each send.
    pub fn may_start(&self, shard: Shard, epoch: i64, now: Instant) -> bool {
        let state = self.state();
        let living = match (self.tenancy, state.lease_ends) {
            (Tenancy::Alone, _) => true,
            (Tenancy::Shared, Some(ends)) => now + LAST_STRETCH < ends,
            (Tenancy::Shared, None) => false,
        };
        living && state.epochs.get(&shard) == Some(&epoch)
    }

    /// Compare the table with what this node believes. Whether another node lives is seen by its beats: by the database's
    /// clock alone, all would be dead when it is set forward, and the dead would live on when it is set back.
    pub fn look(&self, census: &Census, now: Instant) -> Look {
        let mut state = self.state();
        let silent = state.silent(census, self.node, now);
        let doubted = state.doubted_until.is_some_and(|until| now < until);
        let live = census.live_nodes.saturating_sub(silent.len());
        let share = SHARDS.div_ceil(live.max(1));
        let is_dead = |holder: &Holder| {
            let is_silent = holder.node.is_some_and(|node| silent.contains(&node));
            holder.node.is_none() || is_silent || !holder.alive && !doubted
        };
        let mut look = Look::default();
        let mut kept = 0;
        for holder in &census.holders {
            let ours = holder.node == Some(self.node);
            match state.epochs.get(&holder.shard) {
                Some(epoch) if ours && *epoch == holder.epoch => {
                    kept += 1;
                    if kept > share {
                        look.surplus.push(holder.shard);
                    }
                }
                Some(_) => look.lost.push(holder.shard),
                None if is_dead(holder) || ours => look.free.push(holder.shard),
                None => {}
            }
        }
        look.free.truncate(share.saturating_sub(kept));
        look.silent = silent;
        look
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Other nodes whose lease has ended at the same time for longer than a lease lasts.
    fn silent(&mut self, census: &Census, own: Uuid, now: Instant) -> Vec<Uuid> {
        if matches!(self.clock.read(census.at, now), Step::Back | Step::Forward) {
            self.doubted_until = Some(now + LEASE);
        }
        let mut leases = BTreeMap::new();
        for holder in &census.holders {
            if let (Some(node), Some(until)) = (holder.node, holder.until)
                && node != own
            {
                let known = self.leases.get(&node).filter(|(known, _)| *known == until);
                leases.insert(node, known.copied().unwrap_or((until, now)));
            }
        }
        self.leases = leases;
        let is_silent = |since: Instant| now.saturating_duration_since(since) > LEASE;
        let silent = self
            .leases
            .iter()
            .filter(|(_, (_, since))| is_silent(*since));
        silent.map(|(node, _)| *node).collect()
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const AT: OffsetDateTime = datetime!(2026-11-20 10:00:00 UTC);

    fn table(node: Option<Uuid>, alive: bool, live_nodes: usize) -> Census {
        let holder = |shard| Holder {
            shard,
            node,
            epoch: 1,
            alive,
            until: node.map(|_| AT + LEASE),
        };
        Census {
            holders: Shard::all().map(holder).collect(),
            live_nodes,
            at: AT,
        }
    }

    #[test]
    fn no_attempt_starts_in_the_last_two_seconds_of_a_lease() {
        let shards = Shards::new(Uuid::from_u128(1), Tenancy::Shared);
        let shard = Shard::all().next().unwrap();
        let sent_at = Instant::now();
        shards.gained(&[(shard, 7)]);
        assert!(!shards.may_start(shard, 7, sent_at));
        assert_eq!(shards.beaten(sent_at), []);
        assert!(shards.may_start(shard, 7, sent_at + Duration::from_millis(7_900)));
        assert!(!shards.may_start(shard, 7, sent_at + Duration::from_secs(8)));
        assert!(!shards.may_start(shard, 6, sent_at));
    }

    #[test]
    fn a_beat_after_the_lease_does_not_bring_back_what_was_held_under_it() {
        let shards = Shards::new(Uuid::from_u128(1), Tenancy::Shared);
        let shard = Shard::all().next().unwrap();
        let sent_at = Instant::now();
        assert_eq!(shards.beaten(sent_at), []);
        shards.gained(&[(shard, 7)]);
        assert_eq!(shards.beaten(sent_at + Duration::from_secs(9)), []);
        let thawed_at = sent_at + Duration::from_secs(30);
        assert_eq!(shards.beaten(thawed_at), [shard]);
        assert!(!shards.may_start(shard, 7, thawed_at));
    }

    #[test]
    fn a_node_alone_among_the_dead_takes_everything() {
        let shards = Shards::new(Uuid::from_u128(1), Tenancy::Shared);
        let look = shards.look(&table(Some(Uuid::from_u128(2)), false, 1), Instant::now());
        assert_eq!(look.free.len(), SHARDS);
    }

    #[test]
    fn a_second_node_is_left_its_half() {
        let me = Uuid::from_u128(1);
        let shards = Shards::new(me, Tenancy::Shared);
        shards.gained(&Shard::all().map(|s| (s, 1)).collect::<Vec<_>>());
        let look = shards.look(&table(Some(me), true, 2), Instant::now());
        assert_eq!(
            (look.surplus.len(), look.lost.len(), look.free.len()),
            (SHARDS / 2, 0, 0)
        );
    }

    #[test]
    fn a_shard_with_another_epoch_is_lost() {
        let me = Uuid::from_u128(1);
        let shards = Shards::new(me, Tenancy::Shared);
        shards.gained(&Shard::all().map(|s| (s, 0)).collect::<Vec<_>>());
        assert_eq!(
            shards
                .look(&table(Some(me), true, 1), Instant::now())
                .lost
                .len(),
            SHARDS
        );
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_let_the_dead_live_on() {
        let shards = Shards::new(Uuid::from_u128(1), Tenancy::Shared);
        let other = Uuid::from_u128(2);
        let begun = Instant::now();
        let mut table = table(Some(other), true, 2);
        assert_eq!(shards.look(&table, begun).free, []);
        // It beats: its lease ends later each time.
        let beaten_at = begun + LEASE;
        table.holders.iter_mut().for_each(|holder| {
            holder.until = Some(AT + LEASE * 2);
        });
        table.at = AT + LEASE;
        assert_eq!(shards.look(&table, beaten_at).free, []);
        table.at = AT + LEASE * 2;
        let later = beaten_at + LEASE + Duration::from_secs(1);
        let look = shards.look(&table, later);
        assert_eq!((look.silent, look.free.len()), (vec![other], SHARDS));
    }

    #[test]
    fn a_clock_that_was_set_forward_kills_nobody() {
        let shards = Shards::new(Uuid::from_u128(1), Tenancy::Shared);
        let begun = Instant::now();
        let mut table = table(Some(Uuid::from_u128(2)), true, 2);
        assert_eq!(shards.look(&table, begun).free, []);
        // An hour later by the table alone: nobody's lease is as late until the next beat.
        table.at = AT + Duration::from_secs(3_600);
        table.live_nodes = 0;
        table
            .holders
            .iter_mut()
            .for_each(|holder| holder.alive = false);
        let second = Duration::from_secs(1);
        assert_eq!(shards.look(&table, begun + second).free, []);
        table.at += second;
        assert_eq!(shards.look(&table, begun + second * 2).free, []);
    }
}
