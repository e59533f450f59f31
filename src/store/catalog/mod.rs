//! Catalogs in the database: feed runs, what they have read, and the products they made.
//!
//! Promises: a partner's live catalog changes in one transaction per run, under the lock of its row in `feeds`. A
//! unique index allows one running run per feed on all nodes. A run whose node is gone ends and has changed nothing.
//! What a run reads is in temporary tables of its session, so that a killed process leaves nothing behind; the
//! contents of items are in an unnamed file.

mod conflicts;
mod copy;
mod identity;
mod leases;
mod live;
pub(in crate::store) mod products;
mod runs;
pub mod sources;
mod spill;
mod staging;
mod supplements;
mod unread_runs;

pub use self::conflicts::{ConflictScope, ItemConflict};
pub use self::copy::{EncodedRows, ItemContent, StagedKind, StagedRecord};
pub use self::identity::RenamedItems;
pub use self::live::{LiveCatalog, LockedFeed};
pub use self::products::{Product, ProductFilter};
pub use self::runs::{Mode, NewRun, ReadSummary, Run, RunOutcome, StoredIssue};
pub use self::spill::{SpillFile, SpillWriter};
pub use self::staging::{Duplicate, Duplicates, PlanCounts, Staging};
pub use self::unread_runs::{EndedRun, Pull};
