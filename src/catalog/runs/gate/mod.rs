//! The gate: decides whether a run may change the live catalog without approval. Pure.
//!
//! A broken export looks like a merchant who has stopped selling, and another shop's feed looks like a merchant who
//! sells other things. A run is therefore held until an operator approves it if it would remove many products or take
//! them off sale, has many errors, changes many prices by a large factor, many titles beyond recognition, or the
//! hosts of many links. A run without items changes nothing. The default limits follow those of the large catalogs.

use buywire_feeds::validate::{DUPLICATE_IDS_PERCENT_MAX, has_excess_duplicates};
use buywire_schemas::catalog::issue::Code;

/// Up to this number, products may be removed, sell out or change whatever their share: a small shop does that by hand.
const MIN: u64 = 10;
/// Removing more than this share of the catalog is not a change of range.
const DROP_PERCENT: u64 = 99;
/// Beyond this share, changed titles or links are unusual even below [`MIN`], if they are more than [`FEW`].
const MOST_PERCENT: u64 = 50;
/// Up to this number, all items may get new titles or links.
const FEW: u64 = 2;
/// Beyond this share, or [`MIN`] of them, prices more than five times as high or low are a slip of the decimal point.
const JUMPED_PERCENT: u64 = 10;

/// The counts that the gate evaluates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct GateInput {
    /// Whether the feed is complete, so that products that it lacks are absent.
    pub is_full: bool,
    /// Live products before the run.
    pub live: u64,
    /// Live products that would be removed.
    pub lost: u64,
    /// Live products that can be bought; only counted when [`Self::needs_buyable_count`].
    pub buyable: u64,
    /// Live products that can be bought now and could not after the run.
    pub stopped: u64,
    /// Records in the feed.
    pub read: u64,
    /// Records with an error.
    pub invalid: u64,
    /// Records that share an id with another.
    pub duplicates: u64,
    /// Records of live products.
    pub compared: u64,
    /// Compared records with a price that differs by more than half.
    pub repriced: u64,
    /// Compared records with a price that is more than five times as high or low.
    pub jumped: u64,
    /// Compared records with a link to another host.
    pub moved: u64,
    /// Compared records with a title changed beyond recognition.
    pub renamed: u64,
}

/// The shares beyond which a run is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GateLimits {
    /// Of the live products.
    pub removed_percent: u64,
    /// Of the live products that can be bought.
    pub stopped_percent: u64,
    /// Of the records.
    pub invalid_percent: u64,
    /// Of the live products, or of the compared records if these are more.
    pub repriced_percent: u64,
    /// Of the same total as `repriced_percent`.
    pub renamed_percent: u64,
    /// Of the same total as `repriced_percent`.
    pub moved_percent: u64,
}

/// The gate's decision on a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The run may be applied.
    Pass,
    /// The run waits for approval. Has every reason, the most important first.
    Hold(Vec<Reason>),
    /// The run fails.
    Refuse(Reason),
}

/// Why a run is held or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    pub code: Code,
    /// The counts and the limit, as text for people.
    pub figures: String,
}

impl Default for GateLimits {
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

impl GateInput {
    /// Whether so many products would stop being buyable that [`Self::buyable`] must be counted.
    #[must_use]
    pub(crate) const fn needs_buyable_count(&self) -> bool {
        self.stopped > MIN
    }

    /// The total for the shares of changes: a partial feed is compared with the whole catalog.
    fn change_base(&self) -> u64 {
        self.compared.max(self.live)
    }
}

/// Evaluates a run.
#[must_use]
pub(crate) fn evaluate(input: &GateInput, limits: &GateLimits) -> Verdict {
    let is_empty = input.read == 0;
    if is_empty && !(input.is_full && input.live > 0) {
        return Verdict::Refuse(Reason {
            code: Code::EmptyFeed,
            figures: "0 items were read".to_owned(),
        });
    }
    if has_excess_duplicates(input.duplicates, input.read) {
        let what = "records share an id with another";
        let (part, total) = (input.duplicates, input.read);
        let limit = count_or_percent_limit(DUPLICATE_IDS_PERCENT_MAX);
        let code = Code::DuplicateIdsExcess;
        return Verdict::Refuse(Reason::of(code, part, total, what, &limit));
    }
    let reasons = removal_reasons(input, limits, is_empty).into_iter();
    let reasons = reasons.chain(change_reasons(input, limits));
    let holds: Vec<_> = reasons.flatten().collect();
    match holds.is_empty() {
        true => Verdict::Pass,
        false => Verdict::Hold(holds),
    }
}

/// Reasons to hold: products removed or taken off sale, and records with errors.
fn removal_reasons(input: &GateInput, limits: &GateLimits, is_empty: bool) -> [Option<Reason>; 4] {
    let (lost, live) = (input.lost, input.live);
    let is_drop = is_empty || exceeds(lost, DROP_PERCENT, live);
    let removed = limits.removed_percent;
    let stopped = limits.stopped_percent;
    let invalid = limits.invalid_percent;
    [
        is_drop.then(|| {
            let what = "live items would be removed";
            Reason::of(
                Code::TooFewItems,
                lost,
                live,
                what,
                &percent_limit(DROP_PERCENT),
            )
        }),
        (!is_drop && lost > MIN && exceeds(lost, removed, live)).then(|| {
            let what = "live items would be removed";
            Reason::of(
                Code::LargeDropHeld,
                lost,
                live,
                what,
                &count_or_percent_limit(removed),
            )
        }),
        exceeds(input.invalid, invalid, input.read).then(|| {
            let (part, total, limit) = (input.invalid, input.read, percent_limit(invalid));
            Reason::of(
                Code::TooManyErrorsHeld,
                part,
                total,
                "records have errors",
                &limit,
            )
        }),
        (input.needs_buyable_count() && exceeds(input.stopped, stopped, input.buyable)).then(
            || {
                let (part, total, limit) = (
                    input.stopped,
                    input.buyable,
                    count_or_percent_limit(stopped),
                );
                let what = "items that can be bought could not be any more";
                Reason::of(Code::StockDropHeld, part, total, what, &limit)
            },
        ),
    ]
}

/// Reasons to hold: changed titles, links and prices.
fn change_reasons(input: &GateInput, limits: &GateLimits) -> [Option<Reason>; 4] {
    let base = input.change_base();
    let (renamed, moved) = (limits.renamed_percent, limits.moved_percent);
    let repriced = limits.repriced_percent;
    // The number counts too: in a large catalog, one percent of the prices can be a large sum.
    let jumps = input.jumped > MIN || exceeds(input.jumped, JUMPED_PERCENT, base);
    [
        is_unusual(input.renamed, renamed, base).then(|| {
            let (what, limit) = (
                "titles change beyond recognition",
                count_or_percent_limit(renamed),
            );
            Reason::of(Code::TitlesChangedHeld, input.renamed, base, what, &limit)
        }),
        is_unusual(input.moved, moved, base).then(|| {
            let (what, limit) = (
                "links lead to another host than before",
                count_or_percent_limit(moved),
            );
            Reason::of(Code::LinksMovedHeld, input.moved, base, what, &limit)
        }),
        jumps.then(|| {
            let what = "prices change to more than five times or less than a fifth";
            let limit = format!("up to {MIN} that are up to {JUMPED_PERCENT} % pass unasked");
            Reason::of(Code::PriceChangeHeld, input.jumped, base, what, &limit)
        }),
        (!jumps && exceeds(input.repriced, repriced, base)).then(|| {
            let (what, limit) = ("prices change by more than half", percent_limit(repriced));
            Reason::of(Code::PriceChangeHeld, input.repriced, base, what, &limit)
        }),
    ]
}

/// Whether more items change their titles or links than in a merchant's daily work.
fn is_unusual(part: u64, percent: u64, base: u64) -> bool {
    part > MIN && exceeds(part, percent, base) || part > FEW && exceeds(part, MOST_PERCENT, base)
}

impl Reason {
    fn of(code: Code, part: u64, total: u64, what: &str, limit: &str) -> Self {
        let figures = format!("{part} of {total} {what}; {limit}");
        Self { code, figures }
    }
}

fn percent_limit(percent: u64) -> String {
    format!("up to {percent} % pass unasked")
}

fn count_or_percent_limit(percent: u64) -> String {
    format!("up to {MIN}, or {percent} %, pass unasked")
}

/// Whether `part` is more than `percent` of `total`.
fn exceeds(part: u64, percent: u64, total: u64) -> bool {
    u128::from(part) * 100 > u128::from(percent) * u128::from(total)
}

#[cfg(test)]
mod tests;
