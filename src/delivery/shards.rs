//! The shards this node holds, their epochs, and until when it may act on them.
//!
//! Promises: no attempt starts in the last two seconds of a lease, counted on the monotonic clock
//! from before the heartbeat was sent; a shard is released only after its attempts have been recorded.
//! Must not send or record. The database itself fences records, whatever this node believes.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::clock::{ClockMonitor, ClockStep};
pub(crate) use crate::store::delivery::queue::Shard;
use crate::store::delivery::queue::{SHARDS, ShardRow, ShardSnapshot};

/// How long a node counts as alive after its last heartbeat, by the database's clock.
pub(crate) const LEASE: Duration = Duration::from_secs(10);
pub(crate) const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(3);
/// How often a node looks for unowned shards.
pub(crate) const REBALANCE_INTERVAL: Duration = Duration::from_secs(1);
/// An attempt that starts this close to the lease's end could outlive it.
const LEASE_MARGIN: Duration = Duration::from_secs(2);

/// Whether other nodes may hold shards of the same database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClusterMode {
    /// A lock outside the database proves that there is no other node: the lease never ends.
    SingleNode,
    /// Nodes share the shards and prove by heartbeats that they are alive.
    MultiNode,
}

/// The shards that this node holds.
pub(crate) struct Shards {
    /// This process; after a restart it is another node.
    pub node: Uuid,
    pub cluster_mode: ClusterMode,
    state: Mutex<State>,
}

struct State {
    epochs: BTreeMap<Shard, i64>,
    lease_expires_at: Option<Instant>,
    /// The leases of other nodes: when each expires, and since when we know that.
    leases: BTreeMap<Uuid, (OffsetDateTime, Instant)>,
    /// The database's clock, and until when expiries by it are doubted, because it was set.
    clock: ClockMonitor,
    doubted_until: Option<Instant>,
}

/// What this node must do to hold its share of the shards.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct RebalancePlan {
    /// Held in memory, but no longer in the table: drop at once.
    pub lost: Vec<Shard>,
    /// No live node holds them: claim.
    pub free: Vec<Shard>,
    /// More than this node's share: drain, then release.
    pub surplus: Vec<Shard>,
    /// Nodes whose lease has not expired by the table, but that have sent no heartbeat for as long as a lease lasts.
    pub silent: Vec<Uuid>,
}

impl Shards {
    pub(crate) fn new(node: Uuid, cluster_mode: ClusterMode) -> Self {
        Self {
            node,
            cluster_mode,
            state: Mutex::new(State {
                epochs: BTreeMap::new(),
                lease_expires_at: None,
                leases: BTreeMap::new(),
                clock: ClockMonitor::default(),
                doubted_until: None,
            }),
        }
    }

    /// The heartbeat sent at `sent_at` was accepted. If the previous lease had run out by then, other nodes may hold
    /// our shards. Returns the shards to drop.
    #[must_use]
    pub(crate) fn on_heartbeat(&self, sent_at: Instant) -> Vec<Shard> {
        let mut state = self.state();
        let is_expired = state.lease_expires_at.is_some_and(|ends| ends <= sent_at);
        state.lease_expires_at = Some(sent_at + LEASE);
        if !is_expired {
            return Vec::new();
        }
        std::mem::take(&mut state.epochs).into_keys().collect()
    }

    /// This node holds these shards now, under these epochs.
    pub(crate) fn add(&self, epochs: &[(Shard, i64)]) {
        self.state().epochs.extend(epochs.iter().copied());
    }

    pub(crate) fn remove(&self, shard: Shard) {
        self.state().epochs.remove(&shard);
    }

    pub(crate) fn held(&self) -> Vec<(Shard, i64)> {
        self.state()
            .epochs
            .iter()
            .map(|(shard, epoch)| (*shard, *epoch))
            .collect()
    }

    /// The epoch under which a shard is held.
    pub(crate) fn epoch(&self, shard: Shard) -> Option<i64> {
        self.state().epochs.get(&shard).copied()
    }

    /// Whether an attempt may start now. Checked right before each send.
    pub(crate) fn may_start(&self, shard: Shard, epoch: i64, now: Instant) -> bool {
        let state = self.state();
        let has_lease = match (self.cluster_mode, state.lease_expires_at) {
            (ClusterMode::SingleNode, _) => true,
            (ClusterMode::MultiNode, Some(ends)) => now + LEASE_MARGIN < ends,
            (ClusterMode::MultiNode, None) => false,
        };
        has_lease && state.epochs.get(&shard) == Some(&epoch)
    }

    /// Compare the table with this node's state. Heartbeats show whether another node is alive: by the database's clock
    /// alone, all nodes would be dead after it is set forward, and dead nodes alive after it is set back.
    pub(crate) fn plan_rebalance(&self, census: &ShardSnapshot, now: Instant) -> RebalancePlan {
        let mut state = self.state();
        let silent = state.silent_nodes(census, self.node, now);
        let is_clock_doubted = state.doubted_until.is_some_and(|end| now < end);
        let live = census.live_nodes.saturating_sub(silent.len());
        let share = SHARDS.div_ceil(live.max(1));
        let is_dead = |holder: &ShardRow| {
            let is_silent = holder.node.is_some_and(|node| silent.contains(&node));
            holder.node.is_none() || is_silent || !holder.alive && !is_clock_doubted
        };
        let mut plan = RebalancePlan::default();
        let mut held = 0;
        for holder in &census.shards {
            let is_own = holder.node == Some(self.node);
            match state.epochs.get(&holder.shard) {
                Some(epoch) if is_own && *epoch == holder.epoch => {
                    held += 1;
                    if held > share {
                        plan.surplus.push(holder.shard);
                    }
                }
                Some(_) => plan.lost.push(holder.shard),
                None if is_dead(holder) || is_own => plan.free.push(holder.shard),
                None => {}
            }
        }
        plan.free.truncate(share.saturating_sub(held));
        plan.silent = silent;
        plan
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Other nodes whose lease has had the same expiry for longer than a lease lasts.
    fn silent_nodes(&mut self, census: &ShardSnapshot, own: Uuid, now: Instant) -> Vec<Uuid> {
        if matches!(
            self.clock.observe(census.at, now),
            ClockStep::Backward | ClockStep::Forward
        ) {
            self.doubted_until = Some(now + LEASE);
        }
        let mut leases = BTreeMap::new();
        for holder in &census.shards {
            if let (Some(node), Some(expires_at)) = (holder.node, holder.lease_expires_at)
                && node != own
            {
                let recorded = self
                    .leases
                    .get(&node)
                    .filter(|(expiry, _)| *expiry == expires_at);
                leases.insert(node, recorded.copied().unwrap_or((expires_at, now)));
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

    fn snapshot(node: Option<Uuid>, alive: bool, live_nodes: usize) -> ShardSnapshot {
        let holder = |shard| ShardRow {
            shard,
            node,
            epoch: 1,
            alive,
            lease_expires_at: node.map(|_| AT + LEASE),
        };
        ShardSnapshot {
            shards: Shard::all().map(holder).collect(),
            live_nodes,
            at: AT,
        }
    }

    #[test]
    fn no_attempt_starts_in_the_last_two_seconds_of_a_lease() {
        let shards = Shards::new(Uuid::from_u128(1), ClusterMode::MultiNode);
        let shard = Shard::all().next().unwrap();
        let sent_at = Instant::now();
        shards.add(&[(shard, 7)]);
        assert!(!shards.may_start(shard, 7, sent_at));
        assert_eq!(shards.on_heartbeat(sent_at), []);
        assert!(shards.may_start(shard, 7, sent_at + Duration::from_millis(7_900)));
        assert!(!shards.may_start(shard, 7, sent_at + Duration::from_secs(8)));
        assert!(!shards.may_start(shard, 6, sent_at));
    }

    #[test]
    fn a_beat_after_the_lease_does_not_bring_back_what_was_held_under_it() {
        let shards = Shards::new(Uuid::from_u128(1), ClusterMode::MultiNode);
        let shard = Shard::all().next().unwrap();
        let sent_at = Instant::now();
        assert_eq!(shards.on_heartbeat(sent_at), []);
        shards.add(&[(shard, 7)]);
        assert_eq!(shards.on_heartbeat(sent_at + Duration::from_secs(9)), []);
        let thawed_at = sent_at + Duration::from_secs(30);
        assert_eq!(shards.on_heartbeat(thawed_at), [shard]);
        assert!(!shards.may_start(shard, 7, thawed_at));
    }

    #[test]
    fn a_node_alone_among_the_dead_takes_everything() {
        let shards = Shards::new(Uuid::from_u128(1), ClusterMode::MultiNode);
        let plan = shards.plan_rebalance(
            &snapshot(Some(Uuid::from_u128(2)), false, 1),
            Instant::now(),
        );
        assert_eq!(plan.free.len(), SHARDS);
    }

    #[test]
    fn a_second_node_is_left_its_half() {
        let me = Uuid::from_u128(1);
        let shards = Shards::new(me, ClusterMode::MultiNode);
        shards.add(&Shard::all().map(|s| (s, 1)).collect::<Vec<_>>());
        let plan = shards.plan_rebalance(&snapshot(Some(me), true, 2), Instant::now());
        assert_eq!(
            (plan.surplus.len(), plan.lost.len(), plan.free.len()),
            (SHARDS / 2, 0, 0)
        );
    }

    #[test]
    fn a_shard_with_another_epoch_is_lost() {
        let me = Uuid::from_u128(1);
        let shards = Shards::new(me, ClusterMode::MultiNode);
        shards.add(&Shard::all().map(|s| (s, 0)).collect::<Vec<_>>());
        assert_eq!(
            shards
                .plan_rebalance(&snapshot(Some(me), true, 1), Instant::now())
                .lost
                .len(),
            SHARDS
        );
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_let_the_dead_live_on() {
        let shards = Shards::new(Uuid::from_u128(1), ClusterMode::MultiNode);
        let other = Uuid::from_u128(2);
        let begun = Instant::now();
        let mut snapshot = snapshot(Some(other), true, 2);
        assert_eq!(shards.plan_rebalance(&snapshot, begun).free, []);
        // It beats: its lease ends later each time.
        let renewed_at = begun + LEASE;
        snapshot.shards.iter_mut().for_each(|holder| {
            holder.lease_expires_at = Some(AT + LEASE * 2);
        });
        snapshot.at = AT + LEASE;
        assert_eq!(shards.plan_rebalance(&snapshot, renewed_at).free, []);
        snapshot.at = AT + LEASE * 2;
        let later = renewed_at + LEASE + Duration::from_secs(1);
        let plan = shards.plan_rebalance(&snapshot, later);
        assert_eq!((plan.silent, plan.free.len()), (vec![other], SHARDS));
    }

    #[test]
    fn a_clock_that_was_set_forward_kills_nobody() {
        let shards = Shards::new(Uuid::from_u128(1), ClusterMode::MultiNode);
        let begun = Instant::now();
        let mut snapshot = snapshot(Some(Uuid::from_u128(2)), true, 2);
        assert_eq!(shards.plan_rebalance(&snapshot, begun).free, []);
        // An hour later by the table alone: nobody's lease is as late until the next beat.
        snapshot.at = AT + Duration::from_secs(3_600);
        snapshot.live_nodes = 0;
        snapshot
            .shards
            .iter_mut()
            .for_each(|holder| holder.alive = false);
        let second = Duration::from_secs(1);
        assert_eq!(shards.plan_rebalance(&snapshot, begun + second).free, []);
        snapshot.at += second;
        assert_eq!(
            shards.plan_rebalance(&snapshot, begun + second * 2).free,
            []
        );
    }
}
