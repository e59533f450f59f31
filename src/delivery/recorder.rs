//! The recorder: outcomes gather for at most 20 ms and are written in batches, behind the fence.
//!
//! Promises: an outcome is written, or its shard was lost (then the new owner repeats the attempt under
//! the same id), or it is deferred and logged. Recording twice does not compile: it consumes the picked
//! delivery. Must not decide: it writes what the attempt decided.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::attempt::AttemptOutcome;
use super::circuit::{CircuitState, CircuitTransition};
use super::refresh;
use super::shards::Shard;
use super::state::{CompletedAttempt, Engine};
use crate::db::DatabaseError;
use crate::store::delivery::queue::{
    AcceptedRow, EndpointTransition, FailedRow, FailureGroupKey, Fence,
};

/// Long enough for hundreds of records at full speed, short enough not to be noticed.
const BATCH_WINDOW: Duration = Duration::from_millis(20);
/// How often an idle recorder checks whether the engine has closed.
const IDLE_POLL_INTERVAL: Duration = Duration::from_millis(100);
/// Rows in one statement. At full speed, about 200 outcomes gather in 20 ms.
const BATCH_MAX: usize = 500;
/// How long a refused outcome waits for its retry, and how many of them may wait.
const DEFER_FOR: Duration = Duration::from_secs(30);
const DEFERRED_MAX: usize = 1_000;

/// Write outcomes until the engine has closed and no more can arrive.
pub(super) async fn run(engine: Arc<Engine>, mut completed: mpsc::Receiver<CompletedAttempt>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    let mut deferred = Deferred::default();
    while !(engine.is_drained() && completed.is_empty()) {
        fill_batch(&mut completed, &mut batch).await;
        if !batch.is_empty() {
            let tries = deferred.tries_for(batch.len());
            let refused = write(&engine, std::mem::take(&mut batch), tries).await;
            deferred.add(&engine, refused);
        }
        deferred.retry(&engine).await;
    }
}

/// Outcomes that the database refused permanently, or whose rows a hanging session has locked. They stay in memory, so
/// that nothing is sent again, and are retried from time to time, because the cause may have been fixed.
#[derive(Default)]
struct Deferred {
    attempts: Vec<CompletedAttempt>,
    tried_at: Option<Instant>,
}

impl Deferred {
    fn add(&mut self, engine: &Engine, refused: Vec<CompletedAttempt>) {
        self.attempts.extend(refused);
        let surplus = self.attempts.len().saturating_sub(DEFERRED_MAX);
        for attempt in self.attempts.drain(..surplus) {
            engine.lanes().on_unrecordable(&attempt.picked);
        }
    }

    /// How often a batch of this size is tried when it times out: twice, the second time on another connection; then it
    /// is deferred, so that the next ones are recorded. Without a limit if there is no room to defer it.
    fn tries_for(&self, batch: usize) -> usize {
        match self.attempts.len() + batch <= DEFERRED_MAX {
            true => 2,
            false => usize::MAX,
        }
    }

    async fn retry(&mut self, engine: &Arc<Engine>) {
        let is_due = self.tried_at.is_none_or(|at| at.elapsed() > DEFER_FOR);
        if !self.attempts.is_empty() && is_due {
            self.attempts = write(engine, std::mem::take(&mut self.attempts), 1).await;
            self.tried_at = Some(Instant::now());
        }
    }
}

async fn fill_batch(
    completed: &mut mpsc::Receiver<CompletedAttempt>,
    batch: &mut Vec<CompletedAttempt>,
) {
    let Ok(Some(first)) = tokio::time::timeout(IDLE_POLL_INTERVAL, completed.recv()).await else {
        return;
    };
    batch.push(first);
    let deadline = tokio::time::Instant::now() + BATCH_WINDOW;
    while batch.len() < BATCH_MAX {
        let free = BATCH_MAX - batch.len();
        match tokio::time::timeout_at(deadline, completed.recv_many(batch, free)).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
}

/// Write a batch. Returns the outcomes that the database refused permanently, and those that timed out on every try.
async fn write(
    engine: &Arc<Engine>,
    batch: Vec<CompletedAttempt>,
    tries: usize,
) -> Vec<CompletedAttempt> {
    let transitions: Vec<_> = batch.iter().filter_map(transition).collect();
    if !transitions.is_empty() {
        let written = write_with_retry(engine, tries, || {
            engine
                .store
                .record_transitions(engine.shards.node, &transitions)
        });
        if let Err(error) = written.await {
            tracing::error!(error = %error, "delivery.record: recording endpoint transitions failed");
        }
        for transition in transitions
            .iter()
            .filter(|transition| transition.disable_reason.is_some())
        {
            refresh::load_one(engine, transition.endpoint).await;
            engine.lanes().resume(transition.endpoint);
        }
    }
    let (accepted, failed): (Vec<_>, Vec<_>) = latest(batch)
        .into_iter()
        .partition(|attempt| matches!(attempt.outcome, AttemptOutcome::Accepted(_)));
    let mut refused = write_or_split(engine, accepted, tries).await;
    refused.extend(write_or_split(engine, failed, tries).await);
    refused
}

/// Drop outcomes of an older epoch: their shard was lost and claimed again since.
fn latest(batch: Vec<CompletedAttempt>) -> Vec<CompletedAttempt> {
    let mut epochs: BTreeMap<Shard, i64> = BTreeMap::new();
    for attempt in &batch {
        let epoch = epochs.entry(attempt.picked.delivery.shard).or_default();
        *epoch = attempt.picked.epoch.max(*epoch);
    }
    let is_latest = |attempt: &CompletedAttempt| {
        epochs.get(&attempt.picked.delivery.shard) == Some(&attempt.picked.epoch)
    };
    batch.into_iter().filter(is_latest).collect()
}

/// Write outcomes of one kind together, or each alone if the batch is refused.
async fn write_or_split(
    engine: &Engine,
    attempts: Vec<CompletedAttempt>,
    tries: usize,
) -> Vec<CompletedAttempt> {
    if attempts.is_empty() {
        return attempts;
    }
    match write_all(engine, &attempts, tries).await {
        Ok(()) => return Vec::new(),
        Err(error) if error.is_timeout() => {
            tracing::error!(
                outcomes = attempts.len(), error = %error,
                "delivery.record: timed out, retrying later; a hanging session may have locked the rows"
            );
            return attempts;
        }
        Err(_) => {}
    }
    let mut refused = Vec::new();
    for attempt in attempts {
        if let Err(error) = write_all(engine, std::slice::from_ref(&attempt), tries).await {
            tracing::error!(
                delivery.id = %attempt.picked.delivery.id, error = %error,
                "delivery.record: recording an outcome failed, retrying later"
            );
            refused.push(attempt);
        }
    }
    refused
}

async fn write_all(
    engine: &Engine,
    attempts: &[CompletedAttempt],
    tries: usize,
) -> Result<(), DatabaseError> {
    let fence = fence(engine, attempts);
    let accepted: Vec<_> = attempts.iter().filter_map(accepted_row).collect();
    if !accepted.is_empty() {
        let write = || engine.store.record_accepted(&fence, &accepted);
        write_with_retry(engine, tries, write).await?;
    }
    let failed: Vec<_> = attempts.iter().filter_map(failed_row).collect();
    if !failed.is_empty() {
        let write = || engine.store.record_failed(&fence, &failed);
        write_with_retry(engine, tries, write).await?;
    }
    let has_ended = |attempt: &CompletedAttempt| {
        !matches!(attempt.outcome, AttemptOutcome::Failed { next: Ok(_), .. })
    };
    engine.on_recorded(attempts, has_ended);
    Ok(())
}

/// Write until it succeeds, is refused permanently, or has timed out this many times.
async fn write_with_retry<T, F>(
    engine: &Engine,
    tries: usize,
    mut write: impl FnMut() -> F,
) -> Result<T, DatabaseError>
where
    F: Future<Output = Result<T, DatabaseError>>,
{
    let mut wait = Duration::from_millis(50);
    let mut late = 0;
    loop {
        let written = write().await;
        late += usize::from(written.as_ref().is_err_and(DatabaseError::is_timeout));
        match written {
            Err(error) if late >= tries => return Err(error),
            Err(error) if error.is_transient() && !engine.is_closed() => {
                tracing::warn!(error = %error, "delivery.record: failed, retrying");
                engine.reset_lanes();
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(Duration::from_secs(2));
            }
            written => return written,
        }
    }
}

fn fence(engine: &Engine, attempts: &[CompletedAttempt]) -> Fence {
    let epochs: BTreeMap<Shard, i64> = attempts
        .iter()
        .map(|attempt| (attempt.picked.delivery.shard, attempt.picked.epoch))
        .collect();
    Fence {
        node: engine.shards.node,
        epochs: epochs.into_iter().collect(),
    }
}

fn accepted_row(attempt: &CompletedAttempt) -> Option<AcceptedRow> {
    match &attempt.outcome {
        AttemptOutcome::Accepted(record) => Some(AcceptedRow {
            id: attempt.picked.delivery.id,
            record: record.clone(),
        }),
        _ => None,
    }
}

fn failed_row(attempt: &CompletedAttempt) -> Option<FailedRow> {
    match &attempt.outcome {
        AttemptOutcome::Failed {
            record,
            error,
            failure,
            next,
            ..
        } => Some(FailedRow {
            id: attempt.picked.delivery.id,
            attempts_before: attempt.picked.delivery.attempts,
            record: record.clone(),
            error: error.clone(),
            group: FailureGroupKey {
                id: failure.group,
                cause: failure.cause.as_str(),
                signature: failure.signature.clone(),
                sample: failure.sample.clone(),
            },
            next: *next,
        }),
        _ => None,
    }
}

fn transition(attempt: &CompletedAttempt) -> Option<EndpointTransition> {
    let delivery = &attempt.picked.delivery;
    let gone = matches!(attempt.outcome, AttemptOutcome::Failed { gone: true, .. });
    let update = attempt.update;
    let circuit_change = update.map_or(CircuitTransition::None, |update| update.transition);
    (gone || update.is_some()).then(|| EndpointTransition {
        endpoint: delivery.endpoint,
        shard_epoch: (delivery.shard, attempt.picked.epoch),
        circuit: update
            .map_or(CircuitState::Closed, |update| update.circuit)
            .as_str(),
        failing_since: update.and_then(|update| update.failing_since),
        disable_reason: match circuit_change {
            _ if gone => Some("gone"),
            CircuitTransition::DisableFailing => Some("failing"),
            _ => None,
        },
        recovered: circuit_change == CircuitTransition::Recovered,
        version: attempt.picked.endpoint.version,
    })
}
