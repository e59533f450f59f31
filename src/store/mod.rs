//! The store: every statement on our tables, one file each under `sql/`.
//!
//! One folder per room that uses it, here and in `sql/`. Must not decide anything that a room decides.

pub mod audit;
pub mod callbacks;
pub mod catalog;
pub mod delivery;
pub mod events;
pub mod images;
pub mod operations;
pub mod orders;
pub mod partners;
pub mod posts;
pub mod retention;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::db::health::Health;
use crate::db::pools::Pools;
use crate::db::{Conn, DatabaseError, DatabaseTarget, Listener, migrate, retry_with_backoff};

/// Searches at one time.
const SEARCHES_MAX: usize = 2;
/// As long as a connection is waited for.
const SEARCH_WAIT: Duration = Duration::from_secs(5);

/// A migrated database, ready for use. Clones share its pools.
#[derive(Clone, Debug)]
pub struct Store {
    /// For the listeners, whose connections live outside the pools.
    target: DatabaseTarget,
    pools: Arc<Pools>,
    health: Arc<Health>,
    /// Whether "everything else" is this process's own work, apart from what callers ask for.
    is_worker: bool,
    /// Turns to search.
    search_permits: Arc<Semaphore>,
    /// Statements that we sent, `BEGIN` and `COMMIT` included, preparing and session set-up not.
    statements: Arc<AtomicU64>,
}

impl Store {
    /// Waits until the database is there, migrates it and opens the pools. Fails at once where
    /// waiting cannot help: a wrong password, a refused certificate, a newer schema.
    pub async fn open(target: &DatabaseTarget) -> Result<Self, DatabaseError> {
        retry_with_backoff("open the database", DatabaseError::is_transient, || {
            migrate(target)
        })
        .await?;
        Self::open_migrated(target)
    }

    /// The pools alone: for a database that was found to be migrated.
    pub fn open_migrated(target: &DatabaseTarget) -> Result<Self, DatabaseError> {
        Ok(Self {
            target: target.clone(),
            pools: Arc::new(Pools::of(target)?),
            health: Arc::default(),
            is_worker: false,
            search_permits: Arc::new(Semaphore::new(SEARCHES_MAX)),
            statements: Arc::default(),
        })
    }

    /// The same store for what goes on beside callers' requests: its [`Self::general`] connections are apart from
    /// theirs, so that no number of reads can hold up a feed, a callback, a replay or a cancellation.
    #[must_use]
    pub fn for_workers(&self) -> Self {
        Self {
            is_worker: true,
            ..self.clone()
        }
    }

    /// A connection for accepting orders.
    pub async fn intake(&self) -> Result<Conn, DatabaseError> {
        self.pools.intake.acquire(&self.statements).await
    }

    /// A connection for reading and recording deliveries.
    pub async fn record(&self) -> Result<Conn, DatabaseError> {
        self.pools.record.acquire(&self.statements).await
    }

    /// A connection for this node's lease and its shards.
    async fn lease(&self) -> Result<Conn, DatabaseError> {
        self.pools.lease.acquire(&self.statements).await
    }

    /// A connection for looking up keys, and for readiness.
    async fn access(&self) -> Result<Conn, DatabaseError> {
        self.pools.access.acquire(&self.statements).await
    }

    /// A connection for everything else.
    pub async fn general(&self) -> Result<Conn, DatabaseError> {
        let pool = match self.is_worker {
            true => &self.pools.work,
            false => &self.pools.general,
        };
        pool.acquire(&self.statements).await
    }

    /// A turn to search: a search looks at all of a catalog, and more at one time would take the database's processors from
    /// orders.
    async fn search_permit(&self) -> Result<SemaphorePermit<'_>, DatabaseError> {
        let permit = tokio::time::timeout(SEARCH_WAIT, self.search_permits.acquire()).await;
        let permit = permit.map_err(|_| DatabaseError::Unreachable {
            reason: "all turns to search are taken".to_owned(),
        })?;
        permit.map_err(|closed| DatabaseError::Misuse(closed.to_string()))
    }

    /// A connection for a feed's run.
    pub(crate) async fn feeds(&self) -> Result<Conn, DatabaseError> {
        self.pools.feeds.acquire(&self.statements).await
    }

    /// Hears a NOTIFY channel, on a connection of its own.
    #[must_use]
    pub fn listen(&self, channel: &'static str) -> Listener {
        Listener::start(self.target.clone(), channel)
    }

    /// Whether this node's work gets through.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// How many statements were sent so far.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }
}
