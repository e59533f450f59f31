//! The connection pools and what each is for.
//!
//! Promises: however many callers there are and however slow their requests, orders are accepted, keys are looked up,
//! leases are renewed, and deliveries are read and recorded, each on connections reserved for it.

use crate::db::connect::{DatabaseTarget, PoolRole, SessionPool};
use crate::db::error::DatabaseError;

/// Intake: one transaction commits while the next one fills; two more cover a slow one. Statements end after 5 s,
/// because callers wait.
const INTAKE: PoolRole = PoolRole {
    connections: 4,
    statement_timeout_ms: 5_000,
};
/// The queue: recorder, picker and refresh. A hung session is abandoned well within a lease.
const RECORD: PoolRole = PoolRole {
    connections: 4,
    statement_timeout_ms: 6_000,
};
/// Heartbeats and changes of owner: a slow record must not cost this node its lease.
const LEASE: PoolRole = PoolRole {
    connections: 2,
    statement_timeout_ms: 5_000,
};
/// API key lookups and readiness checks: one row by its key.
const ACCESS: PoolRole = PoolRole {
    connections: 2,
    statement_timeout_ms: 5_000,
};
/// Background work and callbacks: feeds, replays, posts, images, retention.
const WORK: PoolRole = PoolRole {
    connections: 6,
    statement_timeout_ms: 15_000,
};
/// Requests. Work that legitimately takes longer raises the limit of its transaction (`Tx::extend_timeout`).
const GENERAL: PoolRole = PoolRole {
    connections: 8,
    statement_timeout_ms: 15_000,
};
/// Feeds: one connection per run, held until it ends, because it reads into temporary tables. A statement may process
/// millions of rows.
const FEEDS: PoolRole = PoolRole {
    connections: 2,
    statement_timeout_ms: 900_000,
};

/// All pools. They connect on first use.
#[derive(Debug)]
pub(crate) struct Pools {
    pub(crate) intake: SessionPool,
    pub(crate) record: SessionPool,
    pub(crate) lease: SessionPool,
    pub(crate) access: SessionPool,
    pub(crate) work: SessionPool,
    pub(crate) general: SessionPool,
    pub(crate) feeds: SessionPool,
}

impl Pools {
    pub(crate) fn of(target: &DatabaseTarget) -> Result<Self, DatabaseError> {
        Ok(Self {
            intake: target.pool(INTAKE)?,
            record: target.pool(RECORD)?,
            lease: target.pool(LEASE)?,
            access: target.pool(ACCESS)?,
            work: target.pool(WORK)?,
            general: target.pool(GENERAL)?,
            feeds: target.pool(FEEDS)?,
        })
    }
}
