//! A connection or a transaction, with every statement counted and prepared once.
//!
//! Every statement of the product goes through here, so that the number of statements is known
//! and each is planned once per connection. Text of a statement is constant; values are
//! parameters. After a statement has failed, its transaction cannot be committed: PostgreSQL
//! would answer COMMIT with a silent rollback, and a caller would believe its work was kept.
//!
//! Every statement also has a deadline on this side, because a server that hangs or a proxy that swallows does not
//! keep `statement_timeout`. A connection that owes an answer, because the deadline came first or because
//! nobody waits any more, is closed and never lent again. Nothing is cancelled: asking the same server to cancel
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

/// How much longer than the server's own limit a statement is waited for: by then the server has said that it
/// has cancelled it, if it is there at all.
pub(crate) const DEADLINE_GRACE: Duration = Duration::from_secs(2);

/// How long a step of a COPY may take: the whole of it may rightly take long.
const COPY_STEP_TIMEOUT: Duration = Duration::from_secs(60);

/// A pooled connection: each statement commits itself.
pub type Conn = Db<Client>;
/// An open transaction: rolled back unless `commit` is called.
pub type Tx<'a> = Db<deadpool_postgres::Transaction<'a>>;
/// The parameters of a statement.
pub type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// See the module. Statements that work on both take `&Db<impl GenericClient>`.
pub struct Db<C> {
    /// Gone only while this is dropped or committed.
    client: Option<C>,
    /// Ends a client that may not be used again.
    close: fn(C, &InFlight),
    in_flight: Arc<InFlight>,
    /// How long a statement may take, in milliseconds.
    deadline_ms: AtomicU64,
    /// What a failure of a statement would leave behind.
    phase: TxPhase,
    /// The store's counter.
    statements: Arc<AtomicU64>,
    /// Set by the first failure.
    failed: AtomicBool,
}

/// What a connection, with or without a transaction, owes.
#[derive(Default)]
struct InFlight {
    /// Statements that were sent and not answered.
    unanswered: AtomicUsize,
    /// A deadline has passed: whatever this connection went through may swallow others as well.
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
    /// All rows of a statement.
    pub async fn query(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>, DatabaseError> {
        let client = self.client()?;
        self.track(async {
            client
                .query(&client.prepare_cached(sql).await?, params)
                .await
        })
        .await
    }

    /// The only row of a statement; none or several are an error.
    pub async fn query_one(&self, sql: &str, params: Params<'_>) -> Result<Row, DatabaseError> {
        let client = self.client()?;
        self.track(async {
            let prepared = client.prepare_cached(sql).await?;
            client.query_one(&prepared, params).await
        })
        .await
    }

    /// The only row of a statement, if there is one.
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

    /// Executes a statement; the number of rows that it touched.
    pub async fn execute(&self, sql: &str, params: Params<'_>) -> Result<u64, DatabaseError> {
        let client = self.client()?;
        self.track(async {
            let prepared = client.prepare_cached(sql).await?;
            client.execute(&prepared, params).await
        })
        .await
    }

    /// Executes statements without parameters, unprepared: for what cannot be prepared.
    pub async fn batch_execute(&self, sql: &str) -> Result<(), DatabaseError> {
        self.track(self.client()?.batch_execute(sql)).await
    }

    /// From here on a statement may take so long, whatever the connection's role allows.
    pub fn set_deadline(&self, deadline: Duration) {
        let ms = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
        self.deadline_ms.store(ms, Ordering::Relaxed);
    }

    fn client(&self) -> Result<&C, DatabaseError> {
        self.client.as_ref().ok_or_else(closed)
    }

    /// Counts one statement and keeps its failure in mind.
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
            // The server closes the line right after these words. Wait until the driver has seen
            // it, by asking once more, or the pool would lend this connection again.
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
    /// What comes within the deadline. Whatever does not, or is not waited for, stays owed.
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

/// Never seen: a statement needs what only the end takes away.
fn closed() -> DatabaseError {
    DatabaseError::Misuse("the connection was given back".into())
}

/// Closes the connection at once, and those that lie idle beside it when it hangs: what hangs seldom hangs alone,
/// and each of them would cost a deadline.
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
            // The connection below closes itself.
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
    /// Commits; when this succeeds, the work is on disk.
    pub async fn commit(mut self) -> Result<(), DatabaseError> {
        if self.failed.load(Ordering::Relaxed) {
            self.rollback().await?;
            return Err(DatabaseError::Misuse(
                "commit after a statement had failed".into(),
            ));
        }
        self.statements.fetch_add(1, Ordering::Relaxed);
        let client = self.client.take().ok_or_else(closed)?;
        self.within_deadline(TxPhase::Committing, client.commit())
            .await?
            .map_err(|error| DatabaseError::from_postgres(TxPhase::Committing, &error))
    }

    /// Rolls back, and waits until that is done; dropping does it later.
    pub async fn rollback(mut self) -> Result<(), DatabaseError> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let client = self.client.take().ok_or_else(closed)?;
        self.within_deadline(TxPhase::Uncommitted, client.rollback())
            .await?
            .map_err(|error| DatabaseError::from_postgres(TxPhase::Uncommitted, &error))
    }

    /// For work that rightly takes longer: so long, until this transaction ends.
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

/// Rows on their way into a table, each step with its deadline. Without its end nothing of it stays.
pub struct CopyIn<'a> {
    in_flight: &'a InFlight,
    deadline: Duration,
    sink: Pin<Box<CopyInSink<Bytes>>>,
}

impl CopyIn<'_> {
    /// Sends rows; waits while the server is slower than we are.
    pub async fn send(&mut self, rows: Bytes) -> Result<(), DatabaseError> {
        let sent = self.sink.send(rows);
        let deadline = self.deadline.min(COPY_STEP_TIMEOUT);
        let sent = self
            .in_flight
            .within_deadline(TxPhase::Uncommitted, deadline, sent);
        Ok(sent.await??)
    }

    /// There are no more: how many there were.
    pub async fn finish(mut self) -> Result<u64, DatabaseError> {
        let ended = self.sink.as_mut().finish();
        let ended = self
            .in_flight
            .within_deadline(TxPhase::Uncommitted, self.deadline, ended);
        Ok(ended.await??)
    }
}
