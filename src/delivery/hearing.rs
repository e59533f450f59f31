//! Hearing: what has committed here or on another node hastens the lanes.
//!
//! Promises: other nodes hear of a commit by one NOTIFY per 50 ms at most, outside any transaction.
//! Must not matter: whatever is missed here is found by polling.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use time::OffsetDateTime;
use tokio::sync::mpsc;

use super::engine::Engine;
use super::refresh;
use super::shards::{Shard, Tenancy};
use crate::store::Heard;
use crate::store::bell::{CHANNEL, Call, Ring};
use crate::store::changes::ChangeSet;

/// At most one NOTIFY in so long.
const NOTIFY_EVERY: Duration = Duration::from_millis(50);

/// Shards of other nodes in which something became due, and when the first of it was.
type Elsewhere = BTreeMap<Shard, OffsetDateTime>;

/// Hear this process's own commits until the engine closes.
pub async fn run(engine: Arc<Engine>, mut rings: mpsc::UnboundedReceiver<Ring>) {
    let mut elsewhere = Elsewhere::new();
    let mut told_at = Instant::now();
    loop {
        let due_in = NOTIFY_EVERY.saturating_sub(told_at.elapsed());
        if !elsewhere.is_empty() && due_in.is_zero() {
            let since = elsewhere.values().min().copied();
            let shards = std::mem::take(&mut elsewhere).into_keys().collect();
            told_at = Instant::now();
            tell(&engine, Call::Due(shards, since));
        }
        let wait = if elsewhere.is_empty() {
            Duration::MAX
        } else {
            due_in
        };
        match tokio::time::timeout(wait, rings.recv()).await {
            Ok(Some(ring)) => hear(&engine, ring, &mut elsewhere),
            Ok(None) => return,
            Err(_) => {}
        }
    }
}

fn hear(engine: &Arc<Engine>, ring: Ring, elsewhere: &mut Elsewhere) {
    match ring {
        Ring::Fresh(deliveries, committed_at) => {
            // What commits here after an endpoint's change goes to the endpoint as it is now.
            refresh::mark(engine);
            let now = Instant::now();
            let mut lanes = engine.lanes();
            for delivery in deliveries {
                match engine.shards.epoch(delivery.shard) {
                    Some(_) => lanes.offer(delivery, committed_at, now),
                    None => add(elsewhere, delivery.shard, delivery.due_at),
                }
            }
            drop(lanes);
            engine.pump();
        }
        Ring::Due(shards, since) => {
            let (ours, others) = ours_and_others(engine, shards);
            others
                .into_iter()
                .for_each(|shard| add(elsewhere, shard, since));
            due(engine, &ours, Some(since));
        }
        Ring::Reopened(shards) => {
            let (ours, others) = ours_and_others(engine, shards);
            reopened(engine, &ours);
            if !others.is_empty() {
                tell(engine, Call::Reopened(others));
            }
        }
        Ring::ClockSetBack => {
            engine.start_over();
            engine.hungry.notify_one();
        }
        Ring::Redacted(order) => {
            engine.lanes().reread(order);
            tell(engine, Call::Redacted(order));
        }
    }
}

fn add(elsewhere: &mut Elsewhere, shard: Shard, since: OffsetDateTime) {
    let first = elsewhere.entry(shard).or_insert(since);
    *first = since.min(*first);
}

fn ours_and_others(engine: &Engine, shards: Vec<Shard>) -> (Vec<Shard>, Vec<Shard>) {
    let is_ours = |shard: &Shard| engine.shards.epoch(*shard).is_some();
    shards.into_iter().partition(is_ours)
}

fn reopened(engine: &Engine, shards: &[Shard]) {
    if !shards.is_empty() {
        engine.lanes().reopened(shards);
        engine.hungry.notify_one();
    }
}

fn due(engine: &Engine, shards: &[Shard], since: Option<OffsetDateTime>) {
    if !shards.is_empty() {
        engine.lanes().hint(shards, since);
        engine.hungry.notify_one();
    }
}

/// Tell other nodes, if there can be any. Nobody waits for it: a slow database must not keep this
/// process from hearing itself.
pub(super) fn tell(engine: &Engine, call: Call) {
    if engine.shards.tenancy == Tenancy::Alone {
        return;
    }
    let store = engine.store.clone();
    tokio::spawn(async move {
        if let Err(error) = store.notify(&call).await {
            tracing::debug!(error = %error, "delivery.notify: not told, others will poll");
        }
    });
}

/// Hear other nodes' calls.
pub async fn listen(engine: Arc<Engine>) {
    if engine.shards.tenancy == Tenancy::Alone {
        return;
    }
    let mut calls = engine.store.listen(CHANNEL);
    while let Some(heard) = calls.next().await {
        let call = match heard {
            Heard::Payload(payload) => Call::parse(&payload),
            // Something may have been missed: look everywhere.
            Heard::Reconnected => {
                let others = true;
                let anything = ChangeSet {
                    others,
                    ..ChangeSet::default()
                };
                engine.changes.heard(&anything);
                Some(Call::Due(Shard::all().collect(), None))
            }
        };
        match call {
            Some(Call::Due(shards, since)) => due(&engine, &shards, since),
            Some(Call::Reopened(shards)) => reopened(&engine, &shards),
            Some(Call::Endpoints(changes)) => engine.changes.heard(&changes),
            Some(Call::Redacted(order)) => engine.lanes().reread(order),
            None => {}
        }
    }
}
