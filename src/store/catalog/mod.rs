//! Catalogs in the tables: runs of feeds, what they have read, and the products that they made.
//!
//! Promises: the live catalog of a partner changes in one transaction a run, under the lock of its row in
//! `feeds`; of one feed one run is running, on whatever node (a unique index); a run whose node is gone ends,
//! and nothing of it was live. What a run reads lies in temporary tables of its session, so that a killed
//! process leaves nothing behind; what its items say lies in a file without a name.

mod contents;
mod copy;
mod doubts;
mod leases;
mod live;
mod products;
mod runs;
mod shortcut;
pub mod sources;
mod staging;
mod supplements;
mod weighing;

pub use self::contents::{Aside, Contents};
pub use self::copy::{Content, Kind, Rows, Staged};
pub use self::doubts::{Compared, Doubt};
pub use self::live::{Live, LockedFeed};
pub use self::products::{Product, Wanted};
pub(in crate::store) use self::products::{product, standing};
pub use self::runs::{Ended, Ending, Mode, NewRun, Run, StoredIssue};
pub use self::shortcut::{Pull, Told};
pub use self::staging::{Duplicate, Duplicates, Staging, Weights};
pub use self::weighing::Renamed;
