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
pub mod bell;
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
pub mod endpoints;
mod error;
pub mod events;
pub mod follow_up;
pub mod health;
pub mod hints;
pub mod images;
pub mod keys;
mod listen;
mod migrate;
pub mod nodes;
pub mod operations;
pub mod order_list;
pub mod orders;
pub mod partners;
mod patience;
mod pools;
pub mod posts;
pub mod queue;
pub mod reading;
pub mod redactions;
pub mod replays;
pub mod reports;
pub mod retention;
pub mod shops;
pub mod signing_keys;
mod tls;
mod turns;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use self::health::Health;
use self::pools::Pools;

pub(crate) use self::patience::keep_trying;
pub use self::{
    connect::Target,
    db::{Conn, Db, Params, Tx},
    error::StoreError,
    listen::{Heard, Listener},
    migrate::{Inspection, inspect, migrate},
};

/// A log filter that leaves PostgreSQL's notices out: that a table was not there to be dropped is nobody's news.
pub const WITHOUT_NOTICES: &str = "tokio_postgres::connection=warn";

/// Searches at one time.
const SEARCHES_MAX: usize = 2;
/// As long as a connection is waited for.
const SEARCH_WAIT: Duration = Duration::from_secs(5);

/// A migrated database, ready for use. Clones share its pools.
#[derive(Clone, Debug)]
pub struct Store {
    /// For the listeners, whose connections live outside the pools.
    target: Target,
    pools: Arc<Pools>,
    health: Arc<Health>,
    /// Whether "everything else" is this process's own work, apart from what callers ask for.
    is_workers: bool,
    /// Turns to search.
    searching: Arc<Semaphore>,
    /// Statements that we sent, `BEGIN` and `COMMIT` included, preparing and session set-up not.
    statements: Arc<AtomicU64>,
}

impl Store {
    /// Waits until the database is there, migrates it and opens the pools. Fails at once where
    /// waiting cannot help: a wrong password, a refused certificate, a newer schema.
    pub async fn open(target: &Target) -> Result<Self, StoreError> {
        patience::keep_trying("open the database", StoreError::is_transient, || {
            migrate(target)
        })
        .await?;
        Self::of_migrated(target)
    }

    /// The pools alone: for a database that was found to be migrated.
    pub fn of_migrated(target: &Target) -> Result<Self, StoreError> {
        Ok(Self {
            target: target.clone(),
            pools: Arc::new(Pools::of(target)?),
            health: Arc::default(),
            is_workers: false,
            searching: Arc::new(Semaphore::new(SEARCHES_MAX)),
            statements: Arc::default(),
        })
    }

    /// The same store for what goes on beside callers' requests: its [`Self::general`] connections are apart from
    /// theirs, so that no number of reads can hold up a feed, a callback, a replay or a cancellation.
    #[must_use]
    pub fn for_workers(&self) -> Self {
        Self {
            is_workers: true,
            ..self.clone()
        }
    }

    /// A connection for accepting orders.
    pub async fn intake(&self) -> Result<Conn, StoreError> {
        self.pools.intake.lend(&self.statements).await
    }

    /// A connection for reading and recording deliveries.
    pub async fn record(&self) -> Result<Conn, StoreError> {
        self.pools.record.lend(&self.statements).await
    }

    /// A connection for this node's lease and its shards.
    async fn lease(&self) -> Result<Conn, StoreError> {
        self.pools.lease.lend(&self.statements).await
    }

    /// A connection for looking up keys, and for readiness.
    async fn access(&self) -> Result<Conn, StoreError> {
        self.pools.access.lend(&self.statements).await
    }

    /// A connection for everything else.
    pub async fn general(&self) -> Result<Conn, StoreError> {
        let pool = match self.is_workers {
            true => &self.pools.work,
            false => &self.pools.general,
        };
        pool.lend(&self.statements).await
    }

    /// A turn to search: a search looks at all of a catalog, and more at one time would take the database's processors from
    /// orders.
    async fn search_turn(&self) -> Result<SemaphorePermit<'_>, StoreError> {
        let turn = tokio::time::timeout(SEARCH_WAIT, self.searching.acquire()).await;
        let turn = turn.map_err(|_| StoreError::Unreachable {
            reason: "all turns to search are taken".to_owned(),
        })?;
        turn.map_err(|closed| StoreError::Misuse(closed.to_string()))
    }

    /// A connection for a feed's run.
    async fn feeds(&self) -> Result<Conn, StoreError> {
        self.pools.feeds.lend(&self.statements).await
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
