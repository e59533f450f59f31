//! A connection or a transaction, with every statement counted and prepared once.
//!
//! Every statement of the product goes through here, so that the number of statements is known
//! and each is planned once per connection. Text of a statement is constant; values are
//! parameters. After a statement has failed, its transaction cannot be committed: PostgreSQL
//! would answer COMMIT with a silent rollback, and a caller would believe its work was kept.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use deadpool_postgres::{Client, GenericClient};
use tokio_postgres::{
    CopyInSink, CopyOutStream, Row, Statement,
    error::{DbError, Severity},
    types::ToSql,
};

use super::error::{Stage, StoreError};

/// A pooled connection: each statement commits itself.
pub type Conn = Db<Client>;
/// An open transaction: rolled back unless `commit` is called.
pub type Tx<'a> = Db<deadpool_postgres::Transaction<'a>>;
/// The parameters of a statement.
pub type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// See the module. Statements that work on both take `&Db<impl GenericClient>`.
pub struct Db<C> {
    client: C,
    /// What a failure of a statement would leave behind.
    stage: Stage,
    /// The store's counter.
    statements: Arc<AtomicU64>,
    /// Set by the first failure.
    failed: AtomicBool,
}

impl<C: GenericClient> Db<C> {
    /// All rows of a statement.
    pub async fn query(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>, StoreError> {
        self.watch(async { self.client.query(&self.prepared(sql).await?, params).await })
            .await
    }

    /// The only row of a statement; none or several are an error.
    pub async fn query_one(&self, sql: &str, params: Params<'_>) -> Result<Row, StoreError> {
        self.watch(async {
            self.client
                .query_one(&self.prepared(sql).await?, params)
                .await
        })
        .await
    }

    /// The only row of a statement, if there is one.
    pub async fn query_opt(
        &self,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Option<Row>, StoreError> {
        self.watch(async {
            self.client
                .query_opt(&self.prepared(sql).await?, params)
                .await
        })
        .await
    }

    /// Executes a statement; the number of rows that it touched.
    pub async fn execute(&self, sql: &str, params: Params<'_>) -> Result<u64, StoreError> {
        self.watch(async {
            self.client
                .execute(&self.prepared(sql).await?, params)
                .await
        })
        .await
    }

    /// Executes statements without parameters, unprepared: for what cannot be prepared.
    pub async fn batch_execute(&self, sql: &str) -> Result<(), StoreError> {
        self.watch(self.client.batch_execute(sql)).await
    }

    async fn prepared(&self, sql: &str) -> Result<Statement, tokio_postgres::Error> {
        self.client.prepare_cached(sql).await
    }

    /// Counts one statement and keeps its failure in mind.
    async fn watch<T>(
        &self,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, StoreError> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let error = match work.await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        self.failed.store(true, Ordering::Relaxed);
        if ends_session(&error) {
            // The server closes the line right after these words. Wait until the driver has seen
            // it, by asking once more, or the pool would lend this connection again.
            self.client.batch_execute("").await.ok();
        }
        Err(StoreError::at(self.stage, &error))
    }
}

fn ends_session(error: &tokio_postgres::Error) -> bool {
    let severity = error.as_db_error().and_then(DbError::parsed_severity);
    matches!(severity, Some(Severity::Fatal | Severity::Panic))
}

impl Conn {
    pub(super) fn new(client: Client, statements: Arc<AtomicU64>) -> Self {
        Self {
            client,
            stage: Stage::Committing,
            statements,
            failed: AtomicBool::new(false),
        }
    }

    /// Begins a transaction.
    pub async fn begin(&mut self) -> Result<Tx<'_>, StoreError> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let begun = self.client.transaction().await;
        Ok(Db {
            client: begun.map_err(|error| StoreError::at(Stage::Uncommitted, &error))?,
            stage: Stage::Uncommitted,
            statements: Arc::clone(&self.statements),
            failed: AtomicBool::new(false),
        })
    }
}

impl Tx<'_> {
    /// Commits; when this succeeds, the work is on disk.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        if self.failed.load(Ordering::Relaxed) {
            self.client
                .rollback()
                .await
                .map_err(|error| StoreError::at(Stage::Uncommitted, &error))?;
            return Err(StoreError::Misuse(
                "commit after a statement had failed".into(),
            ));
        }
        self.client
            .commit()
            .await
            .map_err(|error| StoreError::at(Stage::Committing, &error))
    }

    /// Rolls back, and waits until that is done; dropping does it later.
    pub async fn rollback(self) -> Result<(), StoreError> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        self.client
            .rollback()
            .await
            .map_err(|error| StoreError::at(Stage::Uncommitted, &error))
    }

    /// Begins a `COPY … FROM STDIN`; rows are written into the sink.
    pub async fn copy_in(&self, sql: &str) -> Result<CopyInSink<bytes::Bytes>, StoreError> {
        self.watch(self.client.copy_in(sql)).await
    }

    /// Begins a `COPY … TO STDOUT`.
    pub async fn copy_out(&self, sql: &str) -> Result<CopyOutStream, StoreError> {
        self.watch(self.client.copy_out(sql)).await
    }
}
