//! Catalogs in the database: feed runs, what they have read, and the products they made.
//!
//! Promises: a partner's live catalog changes in one transaction per run, under the lock of its row in `feeds`. A
//! unique index allows one running run per feed on all nodes. A run whose node is gone ends and has changed nothing.
//! What a run reads is in temporary tables of its session, so that a killed process leaves nothing behind; the
//! contents of items are in an unnamed file.

mod conflicts;
mod copy;
pub(in crate::store) mod history;
mod identity;
mod leases;
mod live;
mod overview;
pub(in crate::store) mod products;
mod runs;
pub(crate) mod sources;
mod spill;
mod staging;
mod supplements;
mod unread_runs;

pub(crate) use self::conflicts::{ConflictScope, ItemConflict};
pub(crate) use self::copy::{EncodedRows, ItemContent, StagedKind, StagedRecord};
pub(crate) use self::history::{ProductChange, SalePrice};
pub(crate) use self::identity::RenamedItems;
pub(crate) use self::live::{LiveCatalog, LockedFeed};
pub(crate) use self::overview::{HeldChange, HeldChangeKind, RunFilter, RunOrigin, RunSummary};
pub(crate) use self::products::{Product, ProductFilter};
pub(crate) use self::runs::{Mode, NewRun, ReadSummary, Run, RunOutcome, StoredIssue};
pub(crate) use self::spill::{SpillFile, SpillWriter};
pub(crate) use self::staging::{Duplicates, PlanCounts, Staging};
pub(crate) use self::unread_runs::{EndedRun, Pull};
