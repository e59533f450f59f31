//! Product feeds, read into canonical items.
//!
//! ```text
//!   bytes ── read::open ──► Document ── next ──► Record ── Format ──► Draft ── check ──► Checked
//!            gzip, zip,      its kind,            raw       names       the feed's        an Item, or none,
//!            charset, kind   its header           bytes     to fields   own words         and Issues
//! ```
//!
//! Each step's output is the next step's only input, one item at a time, so
//! that memory stays flat whatever the feed's size. Pure: no clock (`now` is an
//! argument), no network, no database. A bad row costs only itself. A
//! damaged document is a [`read::Fault`] and says where.

#![allow(
    clippy::indexing_slicing,
    reason = "a wrong range is our own fault and must not read as an empty value: it ends the run as `internal`"
)]

pub mod draft;
pub mod formats;
mod outcome;
mod pipeline;
pub mod read;
pub mod validate;

pub use self::outcome::{RecordOutcome, is_record_error};
pub use self::pipeline::{
    FeedChecks, FeedReader, FeedStep, NewScratch, RawRecord, ReaderSettings, Scratch,
};
