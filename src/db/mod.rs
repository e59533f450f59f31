//! Access to the database: addresses, TLS, pools, connections, migrations, LISTEN.
//!
//! Promises: every connection commits durably whatever the database's defaults; every statement is prepared, counted
//! and has a deadline; an outage of the database causes errors while it lasts and needs no restart. Errors say
//! whether a retry can help and never quote a row. Must not know a table.

pub(crate) mod clock;
mod connect;
mod connection;
mod error;
pub(crate) mod health;
mod listen;
mod migrate;
pub(crate) mod pools;
mod retry;
mod tls;

pub use self::connect::DatabaseTarget;
pub use self::connection::Conn;
pub(crate) use self::connection::{Db, Params, Tx};
pub use self::error::DatabaseError;
pub use self::listen::ListenEvent;
pub(crate) use self::listen::Listener;
#[cfg(test)]
pub(crate) use self::migrate::MIGRATIONS;
pub(crate) use self::migrate::OLDEST_MAJOR;
pub use self::migrate::migrate;
pub(crate) use self::migrate::{Inspection, inspect};
pub(crate) use self::retry::retry_with_backoff;

/// A log filter that hides PostgreSQL notices, such as that a table to drop does not exist.
pub(crate) const NOTICE_FILTER: &str = "tokio_postgres::connection=warn";
