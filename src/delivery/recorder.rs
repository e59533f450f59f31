//! The recorder: outcomes gather for at most 20 ms and are written in batches, behind the fence.
//!
//! Promises: an outcome is written, or its shard was lost (then the new owner does the work again under
//! the same id), or it is kept aside and the log says so. Recording twice does not compile: it consumes what
//! was picked. Must not judge: it writes what the attempt decided.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::attempt::Ending;
use super::circuit::{Change, CircuitState};
use super::engine::Engine;
use super::lanes::{News, Picked};
use super::refresh;
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

/// How long a refused outcome waits until it is offered again, and how many of them may wait.
const ASIDE_FOR: Duration = Duration::from_secs(30);
const ASIDE_MAX: usize = 1_000;

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
    let mut aside = Aside::default();
    while !(engine.is_quiet() && outcomes.is_empty()) {
        gather(&mut outcomes, &mut batch).await;
        if !batch.is_empty() {
            let tries = aside.tries_of(batch.len());
            let refused = write(&engine, std::mem::take(&mut batch), tries).await;
            aside.put(&engine, refused);
        }
        aside.try_again(&engine).await;
    }
}

/// Outcomes that the database refused for good, one by one, or whose rows a session that hangs has locked. They stay known, so that nothing is sent
/// again, and are offered again from time to time: what was missing may have been put right.
#[derive(Default)]
struct Aside {
    outcomes: Vec<Outcome>,
    tried_at: Option<Instant>,
}

impl Aside {
    fn put(&mut self, engine: &Engine, refused: Vec<Outcome>) {
        self.outcomes.extend(refused);
        let surplus = self.outcomes.len().saturating_sub(ASIDE_MAX);
        for outcome in self.outcomes.drain(..surplus) {
            engine.lanes().unrecorded(&outcome.picked);
        }
    }

    /// How often a batch of that size is tried when it takes too long: once again, on another connection, and then it
    /// waits here, so that the next ones are recorded. Without end when there is no room.
    fn tries_of(&self, batch: usize) -> usize {
        match self.outcomes.len() + batch <= ASIDE_MAX {
            true => 2,
            false => usize::MAX,
        }
    }

    async fn try_again(&mut self, engine: &Arc<Engine>) {
        let is_due = self.tried_at.is_none_or(|at| at.elapsed() > ASIDE_FOR);
        if !self.outcomes.is_empty() && is_due {
            self.outcomes = write(engine, std::mem::take(&mut self.outcomes), 1).await;
            self.tried_at = Some(Instant::now());
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

/// Write a batch; returns what the database refused for good, and what took too long so many times.
async fn write(engine: &Arc<Engine>, batch: Vec<Outcome>, tries: usize) -> Vec<Outcome> {
    let turns: Vec<_> = batch.iter().filter_map(turn).collect();
    if !turns.is_empty() {
        let written = insist(engine, tries, || {
            engine.store.record_turns(engine.shards.node, &turns)
        });
        if let Err(error) = written.await {
            tracing::error!(error = %error, "delivery.record: what became of endpoints was not recorded");
        }
        for turn in turns.iter().filter(|turn| turn.disabled.is_some()) {
            refresh::read_one(engine, turn.endpoint).await;
            engine.lanes().unhalt(turn.endpoint);
        }
    }
    let (accepted, failed): (Vec<_>, Vec<_>) = latest(batch)
        .into_iter()
        .partition(|outcome| matches!(outcome.ending, Ending::Accepted(_)));
    let mut refused = write_alike(engine, accepted, tries).await;
    refused.extend(write_alike(engine, failed, tries).await);
    refused
}

/// Of a shard that was lost and taken again, what belongs to the older epoch is the loser's: dropped.
fn latest(batch: Vec<Outcome>) -> Vec<Outcome> {
    let mut epochs: BTreeMap<Shard, i64> = BTreeMap::new();
    for outcome in &batch {
        let epoch = epochs.entry(outcome.picked.delivery.shard).or_default();
        *epoch = outcome.picked.epoch.max(*epoch);
    }
    let is_latest = |outcome: &Outcome| {
        epochs.get(&outcome.picked.delivery.shard) == Some(&outcome.picked.epoch)
    };
    batch.into_iter().filter(is_latest).collect()
}

/// Outcomes of one kind: together, or each alone where one of them spoils the batch.
async fn write_alike(engine: &Engine, outcomes: Vec<Outcome>, tries: usize) -> Vec<Outcome> {
    if outcomes.is_empty() {
        return outcomes;
    }
    match write_all(engine, &outcomes, tries).await {
        Ok(()) => return Vec::new(),
        Err(error) if error.is_late() => {
            tracing::error!(
                outcomes = outcomes.len(), error = %error,
                "delivery.record: takes too long, trying again later: does a session hang that has locked these?"
            );
            return outcomes;
        }
        Err(_) => {}
    }
    let mut refused = Vec::new();
    for outcome in outcomes {
        if let Err(error) = write_all(engine, std::slice::from_ref(&outcome), tries).await {
            tracing::error!(
                delivery.id = %outcome.picked.delivery.id, error = %error,
                "delivery.record: an outcome cannot be recorded, trying again later"
            );
            refused.push(outcome);
        }
    }
    refused
}

async fn write_all(engine: &Engine, outcomes: &[Outcome], tries: usize) -> Result<(), StoreError> {
    let fence = fence(engine, outcomes);
    let accepted: Vec<_> = outcomes.iter().filter_map(accepted_row).collect();
    if !accepted.is_empty() {
        let write = || engine.store.record_accepted(&fence, &accepted);
        insist(engine, tries, write).await?;
    }
    let failed: Vec<_> = outcomes.iter().filter_map(failed_row).collect();
    if !failed.is_empty() {
        let write = || engine.store.record_failed(&fence, &failed);
        insist(engine, tries, write).await?;
    }
    let has_ended =
        |outcome: &Outcome| !matches!(outcome.ending, Ending::Failed { next: Ok(_), .. });
    engine.recorded(outcomes, has_ended);
    Ok(())
}

/// Write until it is written, refused for good, or has taken too long so many times.
async fn insist<T, F>(
    engine: &Engine,
    tries: usize,
    mut write: impl FnMut() -> F,
) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut wait = Duration::from_millis(50);
    let mut late = 0;
    loop {
        let written = write().await;
        late += usize::from(written.as_ref().is_err_and(StoreError::is_late));
        match written {
            Err(error) if late >= tries => return Err(error),
            Err(error) if error.is_transient() && !engine.is_closed() => {
                tracing::warn!(error = %error, "delivery.record: the database did not take it, trying again");
                engine.start_over();
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(Duration::from_secs(2));
            }
            written => return written,
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
        version: outcome.picked.endpoint.version,
    })
}
