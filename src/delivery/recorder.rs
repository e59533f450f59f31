//! The recorder: outcomes gather for at most 20 ms and are written in batches, behind the fence.
//!
//! Promises: an outcome is written, or its shard was lost (then the new owner does the work again under
//! the same id), or the gateway says so in its log. Recording twice does not compile: it consumes what
//! was picked. Must not judge: it writes what the attempt decided.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::attempt::Ending;
use super::circuit::{Change, CircuitState};
use super::engine::Engine;
use super::lanes::{News, Picked};
use super::ownership;
use super::shards::Shard;
use crate::store::StoreError;
use crate::store::queue::{AcceptedRow, EndpointTurn, FailedRow, Fence};

/// Long enough for hundreds of records at full speed, short enough that nobody notices.
const GATHER: Duration = Duration::from_millis(20);
/// How often an idle recorder looks whether the engine has closed.
const LOOK_UP: Duration = Duration::from_millis(100);
/// Rows in one statement: at full speed 20 ms bring about 200.
const BATCH_MAX: usize = 500;
/// Outcomes that wait while the database is away; then attempts wait too.
pub const QUEUE_MAX: usize = 8_192;

/// What there is to record.
pub struct Outcome {
    /// The delivery that was attempted.
    pub picked: Picked,
    /// How it ended. Never [`Ending::NotMade`].
    pub ending: Ending,
    /// What that made of its endpoint.
    pub news: Option<News>,
}

/// Write outcomes until the engine has closed and nothing more can come.
pub async fn run(engine: Arc<Engine>, mut outcomes: mpsc::Receiver<Outcome>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while !(engine.is_quiet() && outcomes.is_empty()) {
        gather(&mut outcomes, &mut batch).await;
        if !batch.is_empty() {
            write(&engine, std::mem::take(&mut batch)).await;
        }
    }
}

async fn gather(outcomes: &mut mpsc::Receiver<Outcome>, batch: &mut Vec<Outcome>) {
    let Ok(Some(first)) = tokio::time::timeout(LOOK_UP, outcomes.recv()).await else {
        return;
    };
    batch.push(first);
    let deadline = tokio::time::Instant::now() + GATHER;
    while batch.len() < BATCH_MAX {
        let room = BATCH_MAX - batch.len();
        match tokio::time::timeout_at(deadline, outcomes.recv_many(batch, room)).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
}

async fn write(engine: &Arc<Engine>, batch: Vec<Outcome>) {
    let turns: Vec<_> = batch.iter().filter_map(turn).collect();
    let (accepted, failed): (Vec<_>, Vec<_>) = batch
        .into_iter()
        .partition(|outcome| matches!(outcome.ending, Ending::Accepted(_)));
    for turn in turns {
        insist(engine, || {
            engine.store.record_endpoint(engine.shards.node, &turn)
        })
        .await;
        ownership::refresh(engine, turn.held.0).await;
        engine.lanes().unhalt(turn.endpoint);
    }
    let rows: Vec<_> = accepted.iter().filter_map(accepted_row).collect();
    if !rows.is_empty() {
        let fence = fence(engine, &accepted);
        insist(engine, || engine.store.record_accepted(&fence, &rows)).await;
        engine.recorded(&accepted, |_| true);
    }
    let rows: Vec<_> = failed.iter().filter_map(failed_row).collect();
    if !rows.is_empty() {
        let fence = fence(engine, &failed);
        insist(engine, || engine.store.record_failed(&fence, &rows)).await;
        engine.recorded(&failed, |outcome| {
            matches!(outcome.ending, Ending::Failed { next: Err(_), .. })
        });
    }
}

/// Write until it is written: an outcome that is not recorded would be sent again.
async fn insist<T, F>(engine: &Engine, mut write: impl FnMut() -> F)
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut wait = Duration::from_millis(50);
    loop {
        match write().await {
            Ok(_) => return,
            Err(error) if error.is_transient() && !engine.is_closed() => {
                tracing::warn!(error = %error, "delivery.record: the database did not take it, trying again");
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(Duration::from_secs(2));
            }
            Err(error) => {
                tracing::error!(error = %error, "delivery.record: outcomes were not recorded and will be repeated");
                return;
            }
        }
    }
}

fn fence(engine: &Engine, outcomes: &[Outcome]) -> Fence {
    let epochs: BTreeMap<Shard, i64> = outcomes
        .iter()
        .map(|outcome| (outcome.picked.delivery.shard, outcome.picked.epoch))
        .collect();
    Fence {
        node: engine.shards.node,
        epochs: epochs.into_iter().collect(),
    }
}

fn accepted_row(outcome: &Outcome) -> Option<AcceptedRow> {
    match &outcome.ending {
        Ending::Accepted(seen) => Some(AcceptedRow {
            id: outcome.picked.delivery.id,
            seen: seen.clone(),
        }),
        _ => None,
    }
}

fn failed_row(outcome: &Outcome) -> Option<FailedRow> {
    match &outcome.ending {
        Ending::Failed {
            seen, error, next, ..
        } => Some(FailedRow {
            id: outcome.picked.delivery.id,
            attempts_before: outcome.picked.delivery.attempts,
            seen: seen.clone(),
            error: error.clone(),
            next: *next,
        }),
        _ => None,
    }
}

fn turn(outcome: &Outcome) -> Option<EndpointTurn> {
    let delivery = &outcome.picked.delivery;
    let gone = matches!(outcome.ending, Ending::Failed { gone: true, .. });
    let news = outcome.news;
    let change = news.map_or(Change::None, |news| news.change);
    (gone || news.is_some()).then(|| EndpointTurn {
        endpoint: delivery.endpoint,
        held: (delivery.shard, outcome.picked.epoch),
        circuit: news
            .map_or(CircuitState::Closed, |news| news.circuit)
            .as_str(),
        failing_since: news.and_then(|news| news.failing_since),
        disabled: match change {
            _ if gone => Some("gone"),
            Change::DisableFailing => Some("failing"),
            _ => None,
        },
        recovered: change == Change::Recovered,
    })
}
