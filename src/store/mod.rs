//! The store: the only room that speaks SQL.
//!
//! Promises: every connection commits durably whatever the database's defaults; every statement
//! is prepared and counted; a database that goes away and comes back costs errors while it is
//! away, not a restart. Errors say whether trying again can help and never quote a row.
//!
//! - [`embedded`]: the private PostgreSQL, for when nobody gave us a database.
//! - [`Target`]: addresses, TLS, pools. [`Conn`] and [`Tx`]: what statements run on.
//! - [`Listener`]: wake-up calls between nodes.
//! - [`migrate`]: the schema. `patience`: waiting for a database that is not there yet.

pub mod acknowledgements;
pub mod audit;
pub mod bench;
pub mod callbacks;
pub mod catalog;
pub mod changes;
pub mod clock;
mod connect;
mod db;
pub mod deliveries;
pub mod embedded;
pub mod endpoint_keys;
mod endpoint_status;
pub mod endpoints;
mod error;
pub mod events;
pub mod health;
pub mod images;
pub mod keys;
mod listen;
pub mod locked_order;
mod migrate;
pub mod nodes;
pub mod notifier;
pub mod operations;
pub mod order_history;
pub mod order_list;
pub mod orders;
pub mod partners;
mod pools;
pub mod posts;
pub mod queue;
pub mod redactions;
pub mod replays;
pub mod reports;
pub mod retention;
mod retry;
pub mod shops;
pub mod signing_keys;
mod tls;
pub mod unverified_callbacks;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use self::health::Health;
use self::pools::Pools;

pub(crate) use self::retry::retry_with_backoff;
pub use self::{
    connect::DatabaseTarget,
    db::{Conn, Db, Params, Tx},
    error::StoreError,
    listen::{ListenEvent, Listener},
    migrate::{Inspection, inspect, migrate},
};

/// A log filter that leaves PostgreSQL's notices out: that a table was not there to be dropped is nobody's news.
pub const NOTICE_FILTER: &str = "tokio_postgres::connection=warn";

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
    pub async fn open(target: &DatabaseTarget) -> Result<Self, StoreError> {
        retry::retry_with_backoff("open the database", StoreError::is_transient, || {
            migrate(target)
        })
        .await?;
        Self::open_migrated(target)
    }

    /// The pools alone: for a database that was found to be migrated.
    pub fn open_migrated(target: &DatabaseTarget) -> Result<Self, StoreError> {
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
    pub async fn intake(&self) -> Result<Conn, StoreError> {
        self.pools.intake.acquire(&self.statements).await
    }

    /// A connection for reading and recording deliveries.
    pub async fn record(&self) -> Result<Conn, StoreError> {
        self.pools.record.acquire(&self.statements).await
    }

    /// A connection for this node's lease and its shards.
    async fn lease(&self) -> Result<Conn, StoreError> {
        self.pools.lease.acquire(&self.statements).await
    }

    /// A connection for looking up keys, and for readiness.
    async fn access(&self) -> Result<Conn, StoreError> {
        self.pools.access.acquire(&self.statements).await
    }

    /// A connection for everything else.
    pub async fn general(&self) -> Result<Conn, StoreError> {
        let pool = match self.is_worker {
            true => &self.pools.work,
            false => &self.pools.general,
        };
        pool.acquire(&self.statements).await
    }

    /// A turn to search: a search looks at all of a catalog, and more at one time would take the database's processors from
    /// orders.
    async fn search_permit(&self) -> Result<SemaphorePermit<'_>, StoreError> {
        let permit = tokio::time::timeout(SEARCH_WAIT, self.search_permits.acquire()).await;
        let permit = permit.map_err(|_| StoreError::Unreachable {
            reason: "all turns to search are taken".to_owned(),
        })?;
        permit.map_err(|closed| StoreError::Misuse(closed.to_string()))
    }

    /// A connection for a feed's run.
    async fn feeds(&self) -> Result<Conn, StoreError> {
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
