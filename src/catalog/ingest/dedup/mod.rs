//! Finds duplicates in one pass over a feed: ids, GTINs, variants and raw records.

pub(crate) mod conflicts;
pub(crate) mod ids;
pub(crate) mod live_hashes;
