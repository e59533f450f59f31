//! The store: all SQL statements, one file each under `sql/`.
//!
//! One folder per room that uses it, here and in `sql/`. Must not make decisions; those belong to the rooms.

pub(crate) mod audit;
pub(crate) mod callbacks;
pub(crate) mod catalog;
pub(crate) mod checkouts;
pub(crate) mod delivery;
pub(crate) mod events;
pub(crate) mod idempotency;
pub(crate) mod images;
pub(crate) mod invoices;
pub(crate) mod operations;
pub(crate) mod orders;
pub(crate) mod partners;
pub(crate) mod payments;
pub(crate) mod posts;
pub(crate) mod retention;
pub(crate) mod search;
pub(crate) mod sessions;
pub(crate) mod stock;
pub(crate) mod switches;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::db::health::Health;
use crate::db::pools::Pools;
use crate::db::{Conn, DatabaseError, DatabaseTarget, Listener, migrate, retry_with_backoff};

/// Concurrent searches.
const SEARCHES_MAX: usize = 2;
/// How long a caller waits for a search permit: as long as for a connection.
const SEARCH_WAIT: Duration = Duration::from_secs(5);

/// A migrated database, ready for use. Clones share its pools.
#[derive(Clone, Debug)]
pub struct Store {
    /// For listeners, whose connections are outside the pools.
    target: DatabaseTarget,
    pools: Arc<Pools>,
    health: Arc<Health>,
    /// Whether [`Self::general`] serves this process's own work rather than requests.
    is_worker: bool,
    /// Limits concurrent searches.
    search_permits: Arc<Semaphore>,
    /// Statements sent, including `BEGIN` and `COMMIT` but not preparing and session set-up.
    statements: Arc<AtomicU64>,
}

impl Store {
    /// Waits for the database, migrates it and opens the pools. Fails at once if waiting cannot help: a wrong
    /// password, a rejected certificate, a newer schema.
    pub async fn open(target: &DatabaseTarget) -> Result<Self, DatabaseError> {
        retry_with_backoff("open the database", DatabaseError::is_transient, || {
            migrate(target)
        })
        .await?;
        Self::open_migrated(target)
    }

    /// Opens the pools of a database known to be migrated.
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

    /// Returns the same store for background work. Its [`Self::general`] connections are separate from those of
    /// requests, so that reads cannot delay a feed, a callback, a replay or a cancellation.
    #[must_use]
    pub fn for_workers(&self) -> Self {
        Self {
            is_worker: true,
            ..self.clone()
        }
    }

    /// Takes a connection for accepting orders.
    pub async fn intake(&self) -> Result<Conn, DatabaseError> {
        self.pools.intake.acquire(&self.statements).await
    }

    /// Takes a connection for reading and recording deliveries.
    pub async fn record(&self) -> Result<Conn, DatabaseError> {
        self.pools.record.acquire(&self.statements).await
    }

    /// Takes a connection for this node's lease and its shards.
    async fn lease(&self) -> Result<Conn, DatabaseError> {
        self.pools.lease.acquire(&self.statements).await
    }

    /// Takes a connection for key lookups and readiness.
    async fn access(&self) -> Result<Conn, DatabaseError> {
        self.pools.access.acquire(&self.statements).await
    }

    /// Takes a connection for everything else.
    pub async fn general(&self) -> Result<Conn, DatabaseError> {
        let pool = match self.is_worker {
            true => &self.pools.work,
            false => &self.pools.general,
        };
        pool.acquire(&self.statements).await
    }

    /// Waits for a search permit. A search reads a whole catalog, and more at a time would take CPU time of the
    /// database from orders.
    async fn search_permit(&self) -> Result<SemaphorePermit<'_>, DatabaseError> {
        let permit = tokio::time::timeout(SEARCH_WAIT, self.search_permits.acquire()).await;
        let permit = permit.map_err(|_| DatabaseError::Unreachable {
            reason: "too many searches are running".to_owned(),
        })?;
        permit.map_err(|closed| DatabaseError::Misuse(closed.to_string()))
    }

    /// Takes a connection for a feed's run.
    pub(crate) async fn feeds(&self) -> Result<Conn, DatabaseError> {
        self.pools.feeds.acquire(&self.statements).await
    }

    /// Listens to a NOTIFY channel on a separate connection.
    #[must_use]
    pub fn listen(&self, channel: &'static str) -> Listener {
        Listener::start(self.target.clone(), channel)
    }

    /// Whether this node's work reaches the database.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Counts the statements sent.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }
}
