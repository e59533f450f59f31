//! Notifications: what has committed here or on another node reaches the lanes without a poll.
//!
//! Promises: commits here reach other nodes by one NOTIFY per 50 ms at most, outside any transaction.
//! Must not be needed for correctness: polling finds whatever is missed here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use time::OffsetDateTime;
use tokio::sync::mpsc;

use super::refresh;
use super::shards::{ClusterMode, Shard};
use super::state::Engine;
use crate::db::ListenEvent;
use crate::notifier::changes::ChangeSet;
use crate::notifier::{Broadcast, CHANNEL, Notification};

const NOTIFY_INTERVAL: Duration = Duration::from_millis(50);

/// Shards of other nodes in which something became due, with the earliest due time.
type RemoteDue = BTreeMap<Shard, OffsetDateTime>;

/// Handle this process's own notifications until their senders are gone.
pub(super) async fn run_local(
    engine: Arc<Engine>,
    mut notifications: mpsc::UnboundedReceiver<Notification>,
) {
    let mut remote_due = RemoteDue::new();
    let mut notified_at = Instant::now();
    loop {
        let due_in = NOTIFY_INTERVAL.saturating_sub(notified_at.elapsed());
        if !remote_due.is_empty() && due_in.is_zero() {
            let since = remote_due.values().min().copied();
            let shards = std::mem::take(&mut remote_due).into_keys().collect();
            notified_at = Instant::now();
            engine.broadcast(Broadcast::Due(shards, since));
        }
        let wait = if remote_due.is_empty() {
            Duration::MAX
        } else {
            due_in
        };
        match tokio::time::timeout(wait, notifications.recv()).await {
            Ok(Some(notification)) => handle(&engine, notification, &mut remote_due),
            Ok(None) => return,
            Err(_) => {}
        }
    }
}

fn handle(engine: &Arc<Engine>, notification: Notification, remote_due: &mut RemoteDue) {
    match notification {
        Notification::NewDeliveries(deliveries, committed_at) => {
            // What commits here after a change of an endpoint goes to the changed endpoint.
            refresh::hold_changed(engine);
            let now = Instant::now();
            let mut lanes = engine.lanes();
            for delivery in deliveries {
                match engine.shards.epoch(delivery.shard) {
                    Some(_) => lanes.offer(delivery, committed_at, now),
                    None => add_due(remote_due, delivery.shard, delivery.due_at),
                }
            }
            drop(lanes);
            engine.dispatch();
        }
        Notification::Due(shards, since) => {
            let (owned, remote) = split_by_owner(engine, shards);
            remote
                .into_iter()
                .for_each(|shard| add_due(remote_due, shard, since));
            on_due(engine, &owned, Some(since));
        }
        Notification::Reopened(shards) => {
            let (owned, remote) = split_by_owner(engine, shards);
            on_reopened(engine, &owned);
            if !remote.is_empty() {
                engine.broadcast(Broadcast::Reopened(remote));
            }
        }
        Notification::ClockSetBack => {
            engine.reset_lanes();
            engine.refill.notify_one();
        }
        Notification::Redacted(order) => {
            engine.lanes().reread_order(order);
            engine.broadcast(Broadcast::Redacted(order));
        }
    }
}

fn add_due(remote_due: &mut RemoteDue, shard: Shard, since: OffsetDateTime) {
    let first = remote_due.entry(shard).or_insert(since);
    *first = since.min(*first);
}

fn split_by_owner(engine: &Engine, shards: Vec<Shard>) -> (Vec<Shard>, Vec<Shard>) {
    let is_owned = |shard: &Shard| engine.shards.epoch(*shard).is_some();
    shards.into_iter().partition(is_owned)
}

fn on_reopened(engine: &Engine, shards: &[Shard]) {
    if !shards.is_empty() {
        engine.lanes().on_reopened(shards);
        engine.refill.notify_one();
    }
}

fn on_due(engine: &Engine, shards: &[Shard], since: Option<OffsetDateTime>) {
    if !shards.is_empty() {
        engine.lanes().hint(shards, since);
        engine.refill.notify_one();
    }
}

/// Handle other nodes' broadcasts.
pub(super) async fn run_remote(engine: Arc<Engine>) {
    if engine.shards.cluster_mode == ClusterMode::SingleNode {
        return;
    }
    let mut listener = engine.store.listen(CHANNEL);
    while let Some(received) = listener.next().await {
        let message = match received {
            ListenEvent::Payload(payload) => Broadcast::parse(&payload),
            // Something may have been missed: read everything.
            ListenEvent::Reconnected => {
                let all_changes = ChangeSet {
                    overflowed: true,
                    ..ChangeSet::default()
                };
                engine.changes.record_remote(&all_changes);
                Some(Broadcast::Due(Shard::all().collect(), None))
            }
        };
        match message {
            Some(Broadcast::Due(shards, since)) => on_due(&engine, &shards, since),
            Some(Broadcast::Reopened(shards)) => on_reopened(&engine, &shards),
            Some(Broadcast::Endpoints(changes)) => engine.changes.record_remote(&changes),
            Some(Broadcast::Redacted(order)) => engine.lanes().reread_order(order),
            None => {}
        }
    }
}
