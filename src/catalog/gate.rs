//! The gate: whether a run may change the live catalog by itself. Pure.
//!
//! A broken export looks like a merchant who has stopped selling, and another shop's feed like one who sells other
//! things. So a run that would remove many products or take them off sale, has many errors, changes many prices by
//! much, many titles beyond recognition or many links' hosts waits until somebody says that it is meant; a run
//! without items changes nothing at all. Shares are those that the large catalogs use.

use buywire_schemas::catalog::issue::Code;

/// Up to so many products may go, be sold out or change whatever their share: a small shop does that by hand.
const MIN: u64 = 10;
/// Beyond this share of the catalog it is not a change of range.
const DROP_PERCENT: u64 = 99;
/// Beyond this share of a catalog of more than [`FEW`], what products are changes whatever their number.
const MOST_PERCENT: u64 = 50;
/// So few items may all be given new titles or links.
const FEW: u64 = 2;
/// Beyond this share, the ids themselves are wrong.
const DUPLICATES_PERCENT: u64 = 10;
/// Beyond this share, or [`MIN`] of them, prices more than five times as high or low are a slip of the decimal point.
const JUMPED_PERCENT: u64 = 10;

/// What is judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether what the feed does not have is missing.
    pub is_full: bool,
    /// Live products before.
    pub live: u64,
    /// Of these, would no longer be live.
    pub lost: u64,
    /// Of these, could be bought; only counted when many would stop being that.
    pub buyable: u64,
    /// Of these, could not be bought any more.
    pub stopped: u64,
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
    /// Of these, with a price that is more than five times as high or low.
    pub jumped: u64,
    /// Of these, with a link to another host.
    pub moved: u64,
    /// Of these, with a title beyond recognition.
    pub renamed: u64,
}

/// From which share on a run is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of the live products.
    pub removed_percent: u64,
    /// Of those that could be bought.
    pub stopped_percent: u64,
    /// Of the records.
    pub invalid_percent: u64,
    /// Of the live products, or of those that are in both, if these are more.
    pub repriced_percent: u64,
    /// Of the same.
    pub renamed_percent: u64,
    /// Of the same.
    pub moved_percent: u64,
}

/// What becomes of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may be applied.
    Pass,
    /// It waits for somebody's word: every reason, the most telling first.
    Hold(Vec<Reason>),
    /// It ends here.
    Refuse(Reason),
}

/// Why, with the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// In one word.
    pub code: Code,
    /// In figures, for people.
    pub figures: String,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            removed_percent: 20,
            stopped_percent: 50,
            invalid_percent: 10,
            repriced_percent: 30,
            renamed_percent: 30,
            moved_percent: 20,
        }
    }
}

impl Facts {
    /// Whether so many would stop being buyable that it must be known of how many.
    #[must_use]
    pub const fn asks_for_buyable(&self) -> bool {
        self.stopped > MIN
    }

    /// What changes are a share of: a feed of a part of the catalog is weighed by the whole of it.
    fn all(&self) -> u64 {
        self.compared.max(self.live)
    }
}

/// Judges a run.
#[must_use]
pub fn judge(facts: &Facts, limits: &Limits) -> Verdict {
    let is_empty = facts.read == 0;
    if is_empty && !(facts.is_full && facts.live > 0) {
        return Verdict::Refuse(Reason {
            code: Code::EmptyFeed,
            figures: "0 items were read".to_owned(),
        });
    }
    if facts.duplicates > MIN && exceeds(facts.duplicates, DUPLICATES_PERCENT, facts.read) {
        let what = "records share an id with another";
        let (part, whole) = (facts.duplicates, facts.read);
        let limit = passes_or_min(DUPLICATES_PERCENT);
        let code = Code::DuplicateIdsExcess;
        return Verdict::Refuse(Reason::of(code, part, whole, what, &limit));
    }
    let weighed = leaving(facts, limits, is_empty).into_iter();
    let weighed = weighed.chain(changing(facts, limits));
    let holds: Vec<_> = weighed.flatten().collect();
    match holds.is_empty() {
        true => Verdict::Pass,
        false => Verdict::Hold(holds),
    }
}

/// What would leave the shelf, or cannot be read.
fn leaving(facts: &Facts, limits: &Limits, is_empty: bool) -> [Option<Reason>; 4] {
    let (lost, live) = (facts.lost, facts.live);
    let is_drop = is_empty || exceeds(lost, DROP_PERCENT, live);
    let removed = limits.removed_percent;
    let stopped = limits.stopped_percent;
    let invalid = limits.invalid_percent;
    [
        is_drop.then(|| {
            let what = "live items would be removed";
            Reason::of(Code::TooFewItems, lost, live, what, &passes(DROP_PERCENT))
        }),
        (!is_drop && lost > MIN && exceeds(lost, removed, live)).then(|| {
            let what = "live items would be removed";
            Reason::of(
                Code::LargeDropHeld,
                lost,
                live,
                what,
                &passes_or_min(removed),
            )
        }),
        exceeds(facts.invalid, invalid, facts.read).then(|| {
            let (part, whole, limit) = (facts.invalid, facts.read, passes(invalid));
            Reason::of(
                Code::TooManyErrorsHeld,
                part,
                whole,
                "records have errors",
                &limit,
            )
        }),
        (facts.asks_for_buyable() && exceeds(facts.stopped, stopped, facts.buyable)).then(|| {
            let (part, whole, limit) = (facts.stopped, facts.buyable, passes_or_min(stopped));
            let what = "items that can be bought could not be any more";
            Reason::of(Code::StockDropHeld, part, whole, what, &limit)
        }),
    ]
}

/// What would be another thing, or for another price.
fn changing(facts: &Facts, limits: &Limits) -> [Option<Reason>; 4] {
    let all = facts.all();
    let (renamed, moved) = (limits.renamed_percent, limits.moved_percent);
    let repriced = limits.repriced_percent;
    // Also by their number: in a large catalog a hundredth of the prices can be much money.
    let jumps = facts.jumped > MIN || exceeds(facts.jumped, JUMPED_PERCENT, all);
    [
        is_unusual(facts.renamed, renamed, all).then(|| {
            let (what, limit) = ("titles change beyond recognition", passes_or_min(renamed));
            Reason::of(Code::TitlesChangedHeld, facts.renamed, all, what, &limit)
        }),
        is_unusual(facts.moved, moved, all).then(|| {
            let (what, limit) = (
                "links lead to another host than before",
                passes_or_min(moved),
            );
            Reason::of(Code::LinksMovedHeld, facts.moved, all, what, &limit)
        }),
        jumps.then(|| {
            let what = "prices change to more than five times or less than a fifth";
            let limit = format!("up to {MIN} that are up to {JUMPED_PERCENT} % pass unasked");
            Reason::of(Code::PriceChangeHeld, facts.jumped, all, what, &limit)
        }),
        (!jumps && exceeds(facts.repriced, repriced, all)).then(|| {
            let (what, limit) = ("prices change by more than half", passes(repriced));
            Reason::of(Code::PriceChangeHeld, facts.repriced, all, what, &limit)
        }),
    ]
}

/// Whether so many items change what they are that it is not the merchant's daily work.
fn is_unusual(part: u64, percent: u64, all: u64) -> bool {
    part > MIN && exceeds(part, percent, all) || part > FEW && exceeds(part, MOST_PERCENT, all)
}

impl Reason {
    fn of(code: Code, part: u64, whole: u64, what: &str, limit: &str) -> Self {
        let figures = format!("{part} of {whole} {what}; {limit}");
        Self { code, figures }
    }
}

fn passes(percent: u64) -> String {
    format!("up to {percent} % pass unasked")
}

fn passes_or_min(percent: u64) -> String {
    format!("up to {MIN}, or {percent} %, pass unasked")
}

/// Whether a part is more than so many percent of a whole.
fn exceeds(part: u64, percent: u64, whole: u64) -> bool {
    u128::from(part) * 100 > u128::from(percent) * u128::from(whole)
}

#[cfg(test)]
#[path = "gate/tests.rs"]
mod tests;
