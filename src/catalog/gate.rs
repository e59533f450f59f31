//! The gate: whether a run may change the live catalog by itself. Pure.
//!
//! A broken export looks like a merchant who has stopped selling. So a run that would remove many products, has
//! many errors or changes many prices by much waits until somebody says that it is meant; a run without items
//! changes nothing at all. The numbers are those that the large catalogs use.

use buywire_schemas::catalog::issue::Code;

/// Up to so many products may go whatever their share: a small shop changes its range by hand.
const REMOVED_MIN: u64 = 10;
/// Beyond this share of the catalog it is not a change of range.
const DROP_PERCENT: u64 = 99;
/// So many records with an id of another are an accident.
const DUPLICATES_MIN: u64 = 10;
/// Beyond this share, the ids themselves are wrong.
const DUPLICATES_PERCENT: u64 = 10;

/// What is judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether what the feed does not have is missing.
    pub is_full: bool,
    /// Live products before.
    pub live: u64,
    /// Of these, would no longer be live.
    pub lost: u64,
    /// Records in the feed.
    pub read: u64,
    /// Of these, with an error.
    pub invalid: u64,
    /// Of these, because of their ids.
    pub duplicates: u64,
    /// Records of products that are live.
    pub compared: u64,
    /// Of these, with a price that differs by more than half.
    pub repriced: u64,
}

/// From which share on a run is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of the live products.
    pub removed_percent: u64,
    /// Of the records.
    pub invalid_percent: u64,
    /// Of the products that are in both.
    pub repriced_percent: u64,
}

/// What becomes of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may be applied.
    Pass,
    /// It waits for somebody's word.
    Hold(Code),
    /// It ends here.
    Refuse(Code),
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            removed_percent: 20,
            invalid_percent: 10,
            repriced_percent: 30,
        }
    }
}

/// Judges a run.
#[must_use]
pub fn judge(facts: &Facts, limits: &Limits) -> Verdict {
    let is_empty = facts.read == 0;
    if is_empty && !(facts.is_full && facts.live > 0) {
        return Verdict::Refuse(Code::EmptyFeed);
    }
    if facts.duplicates > DUPLICATES_MIN
        && exceeds(facts.duplicates, DUPLICATES_PERCENT, facts.read)
    {
        return Verdict::Refuse(Code::DuplicateIdsExcess);
    }
    if is_empty || exceeds(facts.lost, DROP_PERCENT, facts.live) {
        return Verdict::Hold(Code::TooFewItems);
    }
    if facts.lost > REMOVED_MIN && exceeds(facts.lost, limits.removed_percent, facts.live) {
        return Verdict::Hold(Code::LargeDropHeld);
    }
    if exceeds(facts.invalid, limits.invalid_percent, facts.read) {
        return Verdict::Hold(Code::TooManyErrorsHeld);
    }
    if exceeds(facts.repriced, limits.repriced_percent, facts.compared) {
        return Verdict::Hold(Code::PriceChangeHeld);
    }
    Verdict::Pass
}

/// Whether a part is more than so many percent of a whole.
fn exceeds(part: u64, percent: u64, whole: u64) -> bool {
    u128::from(part) * 100 > u128::from(percent) * u128::from(whole)
}

#[cfg(test)]
#[path = "gate/tests.rs"]
mod tests;
