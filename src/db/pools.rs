//! The pools: which connections belong to whom.
//!
//! Promises: whatever callers ask for, and however slow it is, orders are accepted, keys are looked up, leases are
//! kept and deliveries are read and recorded, each on connections that nothing else uses.

use crate::db::connect::{DatabaseTarget, PoolRole, SessionPool};
use crate::db::error::DatabaseError;

/// Intake: one transaction commits while the next one fills; two more cover a slow one. An intake
/// transaction is cut at 5 s, because its callers wait.
const INTAKE: PoolRole = PoolRole {
    connections: 4,
    statement_timeout_ms: 5_000,
};
/// The queue: recorder, picker and refresh. A session that hangs is given up well within a lease.
const RECORD: PoolRole = PoolRole {
    connections: 4,
    statement_timeout_ms: 6_000,
};
/// Beats and changes of hands: a slow record must not cost this node its lease.
const LEASE: PoolRole = PoolRole {
    connections: 2,
    statement_timeout_ms: 5_000,
};
/// Whose key that is, and whether the database answers: one row by its key.
const ACCESS: PoolRole = PoolRole {
    connections: 2,
    statement_timeout_ms: 5_000,
};
/// What goes on beside requests, and what partners send back: feeds, replays, callbacks, posts, images, retention.
const WORK: PoolRole = PoolRole {
    connections: 6,
    statement_timeout_ms: 15_000,
};
/// What callers ask for. Work that rightly takes longer says so in its transaction
/// (`Tx::allow`).
const GENERAL: PoolRole = PoolRole {
    connections: 8,
    statement_timeout_ms: 15_000,
};
/// Feeds: one connection a run, held for as long as it takes, because what is read lies in temporary tables. A
/// statement may work on millions of rows.
const FEEDS: PoolRole = PoolRole {
    connections: 2,
    statement_timeout_ms: 900_000,
};

/// All of them. They connect when they are first used.
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
