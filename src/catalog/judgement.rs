//! From figures to a judgement: what a run has come to, and what is said of it. Pure.

use std::collections::BTreeMap;

use buywire_schemas::catalog::issue::{Code, EXCERPT_CHARS_MAX, Issue};
use buywire_schemas::catalog::report::{Counts, Status};

use super::gate::{self, Facts, Verdict};
use super::known::Known;
use super::reading::Notes;
use super::run::About;
use crate::store::catalog::{Doubt, Duplicates, LockedFeed, Renamed, Weights};

/// What a run has come to, before it is told.
pub(super) struct Judged {
    pub status: Status,
    pub reason: Option<Code>,
    pub items: Counts,
    pub base_version: Option<i64>,
}

/// What is weighed beside the feed's own figures.
pub(super) struct Weighed {
    pub weights: Weights,
    /// Live products that could be bought; 0 where nobody needs to know.
    pub buyable: u64,
}

pub(super) fn judge(
    about: &About,
    feed: LockedFeed,
    weighed: &Weighed,
    items: Counts,
    duplicates: &Duplicates,
    notes: &mut Notes,
) -> Judged {
    let facts = facts(about, feed, weighed, items, duplicates);
    let verdict = gate::judge(&facts, &about.limits);
    let judged = |status, reason| Judged {
        status,
        reason,
        items,
        base_version: (status == Status::Held).then_some(feed.version),
    };
    let (reasons, is_hold) = match verdict {
        Verdict::Pass if about.dry_run => return judged(Status::DryRun, None),
        Verdict::Pass => return judged(Status::Applied, None),
        Verdict::Hold(reasons) => (reasons, true),
        Verdict::Refuse(reason) => (vec![reason], false),
    };
    let first = reasons.first().map(|reason| reason.code);
    for reason in reasons {
        notes.add(Issue {
            value: Some(reason.figures),
            ..Issue::new(reason.code)
        });
    }
    match is_hold {
        _ if about.dry_run => judged(Status::DryRun, first),
        true => judged(Status::Held, first),
        false => judged(Status::Failed, first),
    }
}

fn facts(
    about: &About,
    feed: LockedFeed,
    weighed: &Weighed,
    items: Counts,
    duplicates: &Duplicates,
) -> Facts {
    let weights = weighed.weights;
    Facts {
        is_full: about.is_full,
        live: feed.live,
        lost: weights.lost,
        buyable: weighed.buyable,
        stopped: weights.stopped,
        read: items.read,
        invalid: items.invalid,
        duplicates: duplicates.total,
        compared: items.updated + items.unchanged,
        repriced: weights.repriced,
        jumped: weights.jumped,
        moved: weights.moved,
        renamed: weights.renamed,
    }
}

/// Whether the gate must know how much could be bought.
pub(super) fn asks_for_buyable(weights: Weights) -> bool {
    let facts = Facts {
        stopped: weights.stopped,
        ..Facts::default()
    };
    facts.asks_for_buyable()
}

pub(super) fn refused(code: Code, items: Counts) -> Judged {
    Judged {
        status: Status::Failed,
        reason: Some(code),
        items,
        base_version: None,
    }
}

/// Tells of ids that name another thing now: the first by their places, the others by their number.
pub(super) fn note_changed(renamed: Renamed, notes: &mut Notes) {
    let more = renamed.another.saturating_sub(renamed.listed.len() as u64);
    for changed in renamed.listed {
        let value = format!("{} → {}", changed.before, changed.now);
        notes.add(Issue {
            attribute: Some("title".to_owned()),
            row: Some(changed.line),
            item_id: Some(changed.item_id),
            value: Some(value.chars().take(EXCERPT_CHARS_MAX).collect()),
            ..Issue::new(Code::ItemChangedIdentity)
        });
    }
    notes.add_more(Code::ItemChangedIdentity, "title", more);
}

/// What was recognised by its bytes was read, and is unchanged unless somebody else has its id.
pub(super) fn counts(weights: Weights, known: &Known, duplicates: &Duplicates) -> Counts {
    let seen = known.products_seen();
    let read = weights.read + seen;
    Counts {
        read,
        valid: read.saturating_sub(weights.invalid),
        invalid: weights.invalid,
        inserted: weights.inserted,
        updated: weights.updated,
        unchanged: weights.unchanged + seen.saturating_sub(duplicates.recognised),
        removed: weights.removed,
    }
}

/// Tells of what was found across items: the first of each kind by their places, the others by their number.
pub(super) fn note_doubts(doubts: Vec<Doubt>, notes: &mut Notes) {
    let mut told: BTreeMap<Code, (u64, u64)> = BTreeMap::new();
    for doubt in doubts {
        let of_kind = told.entry(doubt.code).or_default();
        *of_kind = (of_kind.0 + 1, doubt.total);
        notes.add(Issue {
            attribute: Some(doubted(doubt.code).to_owned()),
            row: Some(doubt.line),
            item_id: Some(doubt.item_id),
            value: Some(doubt.value),
            ..Issue::new(doubt.code)
        });
    }
    for (code, (listed, total)) in told {
        notes.add_more(code, doubted(code), total.saturating_sub(listed));
    }
}

/// As a check of a file words it.
const fn doubted(code: Code) -> &'static str {
    match code {
        Code::GroupCurrencyConflict => "price",
        Code::LinkSharedByVariants => "url",
        Code::GtinDuplicateAcrossItems => "gtin",
        Code::IdCaseConflict => "id",
        _ => "group",
    }
}

pub(super) fn note_duplicates(duplicates: &Duplicates, known: &Known, notes: &mut Notes) {
    for one in &duplicates.first {
        let recognised = one
            .raw_hash
            .filter(|_| one.line == 0)
            .and_then(|hash| known.line(hash));
        notes.add(Issue {
            attribute: Some("id".to_owned()),
            row: recognised.or(Some(one.line)),
            item_id: Some(one.item_id.clone()),
            value: Some(one.item_id.clone()),
            ..Issue::new(Code::IdDuplicate)
        });
    }
    let listed = duplicates.first.len() as u64;
    notes.add_more(
        Code::IdDuplicate,
        "id",
        duplicates.total.saturating_sub(listed),
    );
}
