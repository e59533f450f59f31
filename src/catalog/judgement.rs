//! From figures to a judgement: what a run has come to, and what is said of it. Pure.

use std::collections::BTreeMap;

use buywire_schemas::catalog::issue::{Code, Issue};
use buywire_schemas::catalog::report::{Counts, Status};

use super::gate::{self, Facts, Verdict};
use super::known::Known;
use super::reading::Notes;
use super::run::About;
use crate::store::catalog::{Doubt, Duplicates, LockedFeed, Weights};

/// What a run has come to, before it is told.
pub(super) struct Judged {
    pub status: Status,
    pub reason: Option<Code>,
    pub items: Counts,
    pub base_version: Option<i64>,
}

pub(super) fn judge(
    about: &About,
    feed: LockedFeed,
    weights: Weights,
    items: Counts,
    duplicates: &Duplicates,
    notes: &mut Notes,
) -> Judged {
    let facts = Facts {
        is_full: about.is_full,
        live: feed.live,
        lost: weights.lost,
        read: items.read,
        invalid: items.invalid,
        duplicates: duplicates.total,
        compared: items.updated + items.unchanged,
        repriced: weights.repriced,
    };
    let verdict = gate::judge(&facts, &about.limits);
    let (Verdict::Hold(code) | Verdict::Refuse(code)) = verdict else {
        let status = if about.dry_run {
            Status::DryRun
        } else {
            Status::Applied
        };
        return Judged {
            status,
            reason: None,
            items,
            base_version: None,
        };
    };
    notes.add(Issue {
        value: Some(grounds(code, &facts)),
        ..Issue::new(code)
    });
    match verdict {
        _ if about.dry_run => Judged {
            status: Status::DryRun,
            reason: Some(code),
            items,
            base_version: None,
        },
        Verdict::Hold(_) => Judged {
            status: Status::Held,
            reason: Some(code),
            items,
            base_version: Some(feed.version),
        },
        _ => refused(code, items),
    }
}

pub(super) fn refused(code: Code, items: Counts) -> Judged {
    Judged {
        status: Status::Failed,
        reason: Some(code),
        items,
        base_version: None,
    }
}

/// The figures behind a verdict.
fn grounds(code: Code, facts: &Facts) -> String {
    let (part, whole) = match code {
        Code::TooManyErrorsHeld => (facts.invalid, facts.read),
        Code::PriceChangeHeld => (facts.repriced, facts.compared),
        Code::DuplicateIdsExcess => (facts.duplicates, facts.read),
        _ => (facts.lost, facts.live),
    };
    format!("{part} of {whole}")
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
