//! The catalog room: turns feeds into a live catalog and reports what each run did.
//!
//! ```text
//!   spool ──► queued ──► read ──► compare ──► gate ──► applied | held | failed | dry_run
//! ```
//!
//! Promises: a run is recorded before its caller is answered; runs of one feed never interleave, whichever
//! nodes they are on; the live catalog changes in one transaction or not at all, and loses many products only
//! after an operator has approved it. Must not know HTTP or SQL.

pub(crate) mod images;
mod ingest;
mod runs;
mod service;
mod sources;
mod spool;

pub(crate) use self::runs::job::FeedSubmission;
pub(crate) use self::runs::scheduler::lease_job;
pub(crate) use self::service::{Catalog, CatalogError};
pub(crate) use self::sources::Sources;
pub(crate) use self::sources::fetch::{FetchLimits, Fetcher};
pub(crate) use self::sources::files::FileFetcher;
pub(crate) use self::spool::{Spool, SpoolError, Spooled};
