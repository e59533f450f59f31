//! Tracks whether this node's work reaches the database, for heartbeats and readiness.
//!
//! Promises: work that makes no progress is reported within its limit, whatever other work succeeds. Times are this
//! process's monotonic clock, because the database's clock can go back.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::db::error::DatabaseError;

/// What a node does with its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkKind {
    /// Accepting orders.
    Intake,
    /// Reading what is due.
    Pick,
    /// Recording attempts.
    Record,
}

/// After this time without an order, a write check counts for orders as well.
const QUIET_PERIOD: Duration = Duration::from_secs(10);

const ALL_WORK: [WorkKind; 3] = [WorkKind::Intake, WorkKind::Pick, WorkKind::Record];

/// Since when each kind of work has been failing, and when this node last wrote.
#[derive(Debug, Default)]
pub struct Health {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    trying_since: [Option<Instant>; ALL_WORK.len()],
    intake_tried_at: Option<Instant>,
    wrote_at: Option<Instant>,
}

impl Health {
    /// Runs the work and records its result.
    pub(crate) async fn track<T>(
        &self,
        work: WorkKind,
        future: impl Future<Output = Result<T, DatabaseError>>,
    ) -> Result<T, DatabaseError> {
        self.began(work, Instant::now());
        let result = future.await;
        self.ended(work, &result, Instant::now());
        result
    }

    /// Records the start of work, which counts as failing from now until [`Self::ended`] reports an answer.
    pub fn began(&self, work: WorkKind, now: Instant) {
        let mut state = self.state();
        if work == WorkKind::Intake {
            state.intake_tried_at = Some(now);
        }
        if let Some(since) = state.trying_since.get_mut(work as usize) {
            since.get_or_insert(now);
        }
    }

    /// Records the end of work. A permanent error is an answer too.
    pub fn ended<T>(&self, work: WorkKind, result: &Result<T, DatabaseError>, now: Instant) {
        let is_answered = match result {
            Ok(_) => true,
            Err(error) => !error.is_transient() && !error.outcome_unknown(),
        };
        let mut state = self.state();
        if is_answered && let Some(since) = state.trying_since.get_mut(work as usize) {
            *since = None;
        }
        if result.is_ok() && work != WorkKind::Pick {
            state.wrote_at = Some(now);
        }
    }

    /// Records a commit of this node.
    pub(crate) fn record_write(&self, now: Instant) {
        self.state().wrote_at = Some(now);
    }

    /// Records a write check, which commits as orders do. If no order came for a while, it shows that orders can be
    /// accepted again.
    pub fn record_check(&self, now: Instant) {
        let mut state = self.state();
        state.wrote_at = Some(now);
        let is_quiet = |at: Instant| now.saturating_duration_since(at) > QUIET_PERIOD;
        if state.intake_tried_at.is_none_or(is_quiet)
            && let Some(since) = state.trying_since.get_mut(WorkKind::Intake as usize)
        {
            *since = None;
        }
    }

    /// The time since this node's last write.
    pub fn since_last_write(&self, now: Instant) -> Option<Duration> {
        let wrote_at = self.state().wrote_at;
        wrote_at.map(|at| now.saturating_duration_since(at))
    }

    /// The kinds of work that have been failing for longer than `limit`.
    pub fn failing(&self, limit: Duration, now: Instant) -> Vec<WorkKind> {
        let state = self.state();
        let fails = |since: &Option<Instant>| {
            since.is_some_and(|since| now.saturating_duration_since(since) > limit)
        };
        ALL_WORK
            .into_iter()
            .zip(&state.trying_since)
            .filter(|(_, since)| fails(since))
            .map(|(work, _)| work)
            .collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::error::TxPhase;

    const LIMIT: Duration = Duration::from_secs(10);

    #[test]
    fn work_fails_from_its_first_try_until_the_database_answers() {
        let health = Health::default();
        let begun = Instant::now();
        let silent = || Err::<(), _>(DatabaseError::timeout(TxPhase::Committing, LIMIT));
        health.began(WorkKind::Record, begun);
        health.ended(WorkKind::Record, &silent(), begun + LIMIT);
        health.began(WorkKind::Record, begun + LIMIT);
        assert_eq!(health.failing(LIMIT, begun + LIMIT), []);
        let later = begun + LIMIT + Duration::from_secs(1);
        assert_eq!(health.failing(LIMIT, later), [WorkKind::Record]);
        assert_eq!(health.since_last_write(later), None);

        health.ended(WorkKind::Record, &Ok(()), later);
        assert_eq!(health.failing(LIMIT, later + LIMIT * 2), []);
        assert_eq!(health.since_last_write(later + LIMIT), Some(LIMIT));
    }

    #[test]
    fn a_refusal_is_an_answer_and_no_write() {
        let health = Health::default();
        let begun = Instant::now();
        health.began(WorkKind::Intake, begun);
        health.ended(
            WorkKind::Intake,
            &Err::<(), _>(DatabaseError::Misuse("".into())),
            begun,
        );
        assert_eq!(health.failing(LIMIT, begun + LIMIT * 2), []);
        assert_eq!(health.since_last_write(begun), None);
    }

    #[test]
    fn a_check_speaks_for_orders_only_while_none_come() {
        let health = Health::default();
        let begun = Instant::now();
        let silent = Err::<(), _>(DatabaseError::timeout(TxPhase::Committing, LIMIT));
        health.began(WorkKind::Intake, begun);
        health.ended(WorkKind::Intake, &silent, begun);
        let later = begun + LIMIT + Duration::from_secs(1);
        health.record_check(begun + LIMIT);
        assert_eq!(health.failing(LIMIT, later), [WorkKind::Intake]);
        health.record_check(later);
        assert_eq!(health.failing(LIMIT, later), []);
    }

    #[test]
    fn reading_is_no_write() {
        let health = Health::default();
        health.ended(WorkKind::Pick, &Ok(()), Instant::now());
        assert_eq!(health.since_last_write(Instant::now()), None);
    }
}
