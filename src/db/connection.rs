//! A connection or transaction whose statements are counted, prepared once and limited in time.
//!
//! Every statement of the gateway goes through here, so that statements can be counted and each is planned once per
//! connection. The text of a statement is constant; values are parameters. After a failed statement, the transaction
//! cannot be committed: PostgreSQL would answer COMMIT with a silent rollback, and the caller would believe its work
//! was saved.
//!
//! Every statement also has a deadline on this side, because a server that hangs or a proxy that drops packets does
//! not enforce `statement_timeout`. A connection that still owes an answer, because the deadline passed or the caller
//! stopped waiting, is closed and never reused. Statements are not cancelled: a cancel request to the same server
//! could hang as well.

use std::pin::Pin;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};
use std::time::Duration;

use bytes::Bytes;
use deadpool_postgres::{Client, GenericClient, Object};
use futures_util::SinkExt;
use tokio_postgres::{
    CopyInSink, CopyOutStream, Row,
    error::{DbError, Severity},
    types::ToSql,
};

use crate::db::error::{DatabaseError, TxPhase};

/// How much longer than the server's own limit to wait for a statement: a working server has reported the
/// cancellation by then.
pub(crate) const DEADLINE_GRACE: Duration = Duration::from_secs(2);

/// Time limit for one step of a COPY; the whole COPY may take longer.
const COPY_STEP_TIMEOUT: Duration = Duration::from_secs(60);

/// A pooled connection. Each statement commits itself.
pub type Conn = Db<Client>;
/// An open transaction, rolled back unless `commit` is called.
pub(crate) type Tx<'a> = Db<deadpool_postgres::Transaction<'a>>;
/// The parameters of a statement.
pub(crate) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection or a transaction. Statements that work on both take `&Db<impl GenericClient>`.
pub struct Db<C> {
    /// `None` only while this is dropped or committed.
    client: Option<C>,
    /// Closes a client that may not be used again.
    close: fn(C, &InFlight),
    in_flight: Arc<InFlight>,
    /// Time limit of a statement, in milliseconds.
    deadline_ms: AtomicU64,
    /// What the failure of a statement leaves behind.
    phase: TxPhase,
    /// The store's statement counter.
    statements: Arc<AtomicU64>,
    /// Set by the first failed statement.
    failed: AtomicBool,
}

/// Unanswered statements of a connection, shared with its transaction.
#[derive(Default)]
struct InFlight {
    /// Statements sent and not answered yet.
    unanswered: AtomicUsize,
    /// A deadline has passed: the other connections of the pool may hang for the same reason.
    timed_out: AtomicBool,
}

impl<C> Drop for Db<C> {
    fn drop(&mut self) {
        if self.in_flight.unanswered.load(Ordering::Relaxed) > 0
            && let Some(client) = self.client.take()
        {
            (self.close)(client, &self.in_flight);
        }
    }
}

impl<C: GenericClient> Db<C> {
    /// Returns all rows of a statement.
    pub async fn query(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>, DatabaseError> {
        let client = self.client()?;
        self.track(async {
            client
                .query(&client.prepare_cached(sql).await?, params)
                .await
        })
        .await
    }

    /// Returns the only row of a statement. No row or several are an error.
    pub async fn query_one(&self, sql: &str, params: Params<'_>) -> Result<Row, DatabaseError> {
        let client = self.client()?;
        self.track(async {
            let prepared = client.prepare_cached(sql).await?;
            client.query_one(&prepared, params).await
        })
        .await
    }

    /// Returns the only row of a statement, if there is one.
    pub async fn query_opt(
        &self,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Option<Row>, DatabaseError> {
        let client = self.client()?;
        self.track(async {
            let prepared = client.prepare_cached(sql).await?;
            client.query_opt(&prepared, params).await
        })
        .await
    }

    /// Executes a statement and returns the number of affected rows.
    pub async fn execute(&self, sql: &str, params: Params<'_>) -> Result<u64, DatabaseError> {
        let client = self.client()?;
        self.track(async {
            let prepared = client.prepare_cached(sql).await?;
            client.execute(&prepared, params).await
        })
        .await
    }

    /// Executes statements without parameters, unprepared, for what cannot be prepared.
    pub async fn batch_execute(&self, sql: &str) -> Result<(), DatabaseError> {
        self.track(self.client()?.batch_execute(sql)).await
    }

    /// Sets the time limit of later statements, overriding that of the role.
    pub fn set_deadline(&self, deadline: Duration) {
        let ms = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
        self.deadline_ms.store(ms, Ordering::Relaxed);
    }

    fn client(&self) -> Result<&C, DatabaseError> {
        self.client.as_ref().ok_or_else(closed)
    }

    /// Counts one statement and remembers its failure.
    async fn track<T>(
        &self,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, DatabaseError> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let answer = self.within_deadline(self.phase, work).await;
        let error = match answer {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(error)) => error,
            Err(timeout) => return Err(timeout),
        };
        self.failed.store(true, Ordering::Relaxed);
        if ends_session(&error) {
            // The server closes the connection right after this error. Ping until the driver has seen it, or the pool
            // would reuse the connection.
            let ping = self.client()?.batch_execute("");
            self.within_deadline(self.phase, ping).await?.ok();
        }
        Err(DatabaseError::from_postgres(self.phase, &error))
    }

    async fn within_deadline<T>(
        &self,
        phase: TxPhase,
        work: impl Future<Output = T>,
    ) -> Result<T, DatabaseError> {
        let deadline = Duration::from_millis(self.deadline_ms.load(Ordering::Relaxed));
        let answer = self.in_flight.within_deadline(phase, deadline, work).await;
        self.failed.fetch_or(answer.is_err(), Ordering::Relaxed);
        answer
    }
}

impl InFlight {
    /// Waits for the answer within the deadline. If it does not come, or the caller stops waiting, it stays
    /// unanswered.
    async fn within_deadline<T>(
        &self,
        phase: TxPhase,
        deadline: Duration,
        work: impl Future<Output = T>,
    ) -> Result<T, DatabaseError> {
        self.unanswered.fetch_add(1, Ordering::Relaxed);
        let answer = tokio::time::timeout(deadline, work).await;
        let Ok(answer) = answer else {
            self.timed_out.store(true, Ordering::Relaxed);
            return Err(DatabaseError::timeout(phase, deadline));
        };
        self.unanswered.fetch_sub(1, Ordering::Relaxed);
        Ok(answer)
    }
}

/// Cannot happen: only dropping or committing takes the client.
fn closed() -> DatabaseError {
    DatabaseError::Misuse("the connection is closed".into())
}

/// Closes the connection at once. If it hung, also closes the idle ones in its pool, because they probably hang as
/// well and each would cost a deadline.
fn close(client: Client, in_flight: &InFlight) {
    let pool = Object::pool(&client);
    drop(Object::take(client));
    if let Some(pool) = pool.filter(|_| in_flight.timed_out.load(Ordering::Relaxed)) {
        pool.retain(|_, _| false);
    }
}

fn ends_session(error: &tokio_postgres::Error) -> bool {
    let severity = error.as_db_error().and_then(DbError::parsed_severity);
    matches!(severity, Some(Severity::Fatal | Severity::Panic))
}

impl Conn {
    pub(crate) fn new(client: Client, deadline: Duration, statements: Arc<AtomicU64>) -> Self {
        let conn = Self {
            client: Some(client),
            close,
            in_flight: Arc::default(),
            deadline_ms: AtomicU64::default(),
            phase: TxPhase::Committing,
            statements,
            failed: AtomicBool::new(false),
        };
        conn.set_deadline(deadline);
        conn
    }

    /// Begins a transaction.
    pub async fn begin(&mut self) -> Result<Tx<'_>, DatabaseError> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let deadline_ms = self.deadline_ms.load(Ordering::Relaxed);
        let client = self.client.as_mut().ok_or_else(closed)?;
        let begun = self.in_flight.within_deadline(
            TxPhase::Uncommitted,
            Duration::from_millis(deadline_ms),
            client.transaction(),
        );
        let begun = begun.await?;
        Ok(Db {
            client: Some(
                begun
                    .map_err(|error| DatabaseError::from_postgres(TxPhase::Uncommitted, &error))?,
            ),
            // Closing is up to the connection that the transaction borrows.
            close: |transaction, _| drop(transaction),
            in_flight: Arc::clone(&self.in_flight),
            deadline_ms: AtomicU64::new(deadline_ms),
            phase: TxPhase::Uncommitted,
            statements: Arc::clone(&self.statements),
            failed: AtomicBool::new(false),
        })
    }
}

impl Tx<'_> {
    /// Commits. On success, the work is on disk.
    pub async fn commit(mut self) -> Result<(), DatabaseError> {
        if self.failed.load(Ordering::Relaxed) {
            self.rollback().await?;
            return Err(DatabaseError::Misuse(
                "commit after a failed statement".into(),
            ));
        }
        self.statements.fetch_add(1, Ordering::Relaxed);
        let client = self.client.take().ok_or_else(closed)?;
        self.within_deadline(TxPhase::Committing, client.commit())
            .await?
            .map_err(|error| DatabaseError::from_postgres(TxPhase::Committing, &error))
    }

    /// Rolls back and waits for the answer. Dropping rolls back later.
    pub async fn rollback(mut self) -> Result<(), DatabaseError> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let client = self.client.take().ok_or_else(closed)?;
        self.within_deadline(TxPhase::Uncommitted, client.rollback())
            .await?
            .map_err(|error| DatabaseError::from_postgres(TxPhase::Uncommitted, &error))
    }

    /// Raises the time limit until this transaction ends, for work that legitimately takes longer.
    pub async fn extend_timeout(&self, limit: Duration) -> Result<(), DatabaseError> {
        let ms = limit.as_millis();
        self.batch_execute(&format!("SET LOCAL statement_timeout = {ms}"))
            .await?;
        self.set_deadline(limit + DEADLINE_GRACE);
        Ok(())
    }

    /// Begins a `COPY … FROM STDIN`.
    pub async fn copy_in(&self, sql: &str) -> Result<CopyIn<'_>, DatabaseError> {
        let sink = self.track(self.client()?.copy_in(sql)).await?;
        Ok(CopyIn {
            in_flight: &self.in_flight,
            deadline: Duration::from_millis(self.deadline_ms.load(Ordering::Relaxed)),
            sink: Box::pin(sink),
        })
    }

    /// Begins a `COPY … TO STDOUT`.
    pub async fn copy_out(&self, sql: &str) -> Result<CopyOutStream, DatabaseError> {
        self.track(self.client()?.copy_out(sql)).await
    }
}

/// A COPY in progress, each step with a deadline. Nothing is kept unless it is finished.
pub struct CopyIn<'a> {
    in_flight: &'a InFlight,
    deadline: Duration,
    sink: Pin<Box<CopyInSink<Bytes>>>,
}

impl CopyIn<'_> {
    /// Sends rows, waiting while the server is slower.
    pub async fn send(&mut self, rows: Bytes) -> Result<(), DatabaseError> {
        let sent = self.sink.send(rows);
        let deadline = self.deadline.min(COPY_STEP_TIMEOUT);
        let sent = self
            .in_flight
            .within_deadline(TxPhase::Uncommitted, deadline, sent);
        Ok(sent.await??)
    }

    /// Ends the COPY and returns the number of rows.
    pub async fn finish(mut self) -> Result<u64, DatabaseError> {
        let ended = self.sink.as_mut().finish();
        let ended = self
            .in_flight
            .within_deadline(TxPhase::Uncommitted, self.deadline, ended);
        Ok(ended.await??)
    }
}
