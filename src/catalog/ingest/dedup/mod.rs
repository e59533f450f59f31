//! What one pass over a feed remembers of its items, to notice what was there before: ids, GTINs, variants, raw records.

pub(crate) mod conflicts;
pub(crate) mod ids;
pub(crate) mod live_hashes;
