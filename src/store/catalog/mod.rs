//! Catalogs in the tables: runs of feeds, what they have read, and the products that they made.
//!
//! Promises: the live catalog of a partner changes in one transaction a run, under the lock of its row in
//! `feeds`; of one feed one run is running, on whatever node (a unique index); a run whose node is gone ends,
//! and nothing of it was live. What a run reads lies in temporary tables of its session, so that a killed
//! process leaves nothing behind; what its items say lies in a file without a name.

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
