//! Turns a run's counts into its status, reason and findings. Pure.

use std::collections::BTreeMap;

use buywire_schemas::catalog::issue::{Code, EXCERPT_CHARS_MAX, Issue};
use buywire_schemas::catalog::report::{ItemCounts, RunStatus};

use crate::catalog::ingest::RunFindings;
use crate::catalog::ingest::dedup::live_hashes::LiveHashes;
use crate::catalog::runs::gate::{self, GateInput, Verdict};
use crate::catalog::runs::job::RunContext;
use crate::store::catalog::{Duplicates, ItemConflict, LockedFeed, PlanCounts, RenamedItems};

/// The decision on a run, before it is recorded.
pub(crate) struct RunDecision {
    pub status: RunStatus,
    pub reason: Option<Code>,
    pub items: ItemCounts,
    pub base_version: Option<i64>,
}

/// What the gate needs besides the feed's own counts.
pub(crate) struct PlanSummary {
    pub counts: PlanCounts,
    /// Live products that can be bought; 0 when the gate does not need the number.
    pub buyable: u64,
}

pub(crate) fn decide(
    context: &RunContext,
    feed: LockedFeed,
    plan: &PlanSummary,
    items: ItemCounts,
    duplicates: &Duplicates,
    findings: &mut RunFindings,
) -> RunDecision {
    let input = gate_input(context, feed, plan, items, duplicates);
    let verdict = gate::evaluate(&input, &context.limits);
    let decision = |status, reason| RunDecision {
        status,
        reason,
        items,
        base_version: (status == RunStatus::Held).then_some(feed.version),
    };
    let (reasons, is_hold) = match verdict {
        Verdict::Pass if context.dry_run => return decision(RunStatus::DryRun, None),
        Verdict::Pass => return decision(RunStatus::Applied, None),
        Verdict::Hold(reasons) => (reasons, true),
        Verdict::Refuse(reason) => (vec![reason], false),
    };
    let first = reasons.first().map(|reason| reason.code);
    for reason in reasons {
        findings.add(Issue {
            value: Some(reason.figures),
            ..Issue::new(reason.code)
        });
    }
    match is_hold {
        _ if context.dry_run => decision(RunStatus::DryRun, first),
        true => decision(RunStatus::Held, first),
        false => decision(RunStatus::Failed, first),
    }
}

fn gate_input(
    context: &RunContext,
    feed: LockedFeed,
    plan: &PlanSummary,
    items: ItemCounts,
    duplicates: &Duplicates,
) -> GateInput {
    let counts = plan.counts;
    GateInput {
        is_full: context.is_full,
        live: feed.live,
        lost: counts.lost,
        buyable: plan.buyable,
        stopped: counts.stopped,
        read: items.read,
        invalid: items.invalid,
        duplicates: duplicates.total,
        compared: items.updated + items.unchanged,
        repriced: counts.repriced,
        jumped: counts.jumped,
        moved: counts.moved,
        renamed: counts.renamed,
    }
}

/// Whether the gate needs the number of live products that can be bought.
pub(crate) fn needs_buyable_count(counts: PlanCounts) -> bool {
    let input = GateInput {
        stopped: counts.stopped,
        ..GateInput::default()
    };
    input.needs_buyable_count()
}

pub(crate) fn failed(code: Code, items: ItemCounts) -> RunDecision {
    RunDecision {
        status: RunStatus::Failed,
        reason: Some(code),
        items,
        base_version: None,
    }
}

/// Adds findings for reassigned item ids: the first with their rows, the others as a number.
pub(crate) fn add_identity_findings(renamed: RenamedItems, findings: &mut RunFindings) {
    let more = renamed
        .reassigned
        .saturating_sub(renamed.listed.len() as u64);
    for changed in renamed.listed {
        let value = format!("{} → {}", changed.before, changed.now);
        findings.add(Issue {
            attribute: Some("title".to_owned()),
            row: Some(changed.line),
            item_id: Some(changed.item_id),
            value: Some(value.chars().take(EXCERPT_CHARS_MAX).collect()),
            ..Issue::new(Code::ItemChangedIdentity)
        });
    }
    findings.add_more(Code::ItemChangedIdentity, "title", more);
}

/// Counts items. A recognised record counts as read, and as unchanged unless another record has its id.
pub(crate) fn item_counts(
    plan_counts: PlanCounts,
    live_hashes: &LiveHashes,
    duplicates: &Duplicates,
) -> ItemCounts {
    let recognised = live_hashes.recognised_products();
    let read = plan_counts.read + recognised;
    ItemCounts {
        read,
        valid: read.saturating_sub(plan_counts.invalid),
        invalid: plan_counts.invalid,
        inserted: plan_counts.inserted,
        updated: plan_counts.updated,
        unchanged: plan_counts.unchanged + recognised.saturating_sub(duplicates.recognised),
        removed: plan_counts.removed,
    }
}

/// Adds findings for conflicts: the first of each code with their rows, the others as a number.
pub(crate) fn add_conflict_findings(conflicts: Vec<ItemConflict>, findings: &mut RunFindings) {
    let mut counts_by_code: BTreeMap<Code, (u64, u64)> = BTreeMap::new();
    for conflict in conflicts {
        let of_kind = counts_by_code.entry(conflict.code).or_default();
        *of_kind = (of_kind.0 + 1, conflict.total);
        findings.add(Issue {
            attribute: Some(conflict_attribute(conflict.code).to_owned()),
            row: Some(conflict.line),
            item_id: Some(conflict.item_id),
            value: Some(conflict.value),
            ..Issue::new(conflict.code)
        });
    }
    for (code, (listed, total)) in counts_by_code {
        findings.add_more(code, conflict_attribute(code), total.saturating_sub(listed));
    }
}

/// The attribute, named as the feed checks name it.
const fn conflict_attribute(code: Code) -> &'static str {
    match code {
        Code::GroupCurrencyConflict => "price",
        Code::LinkSharedByVariants => "url",
        Code::GtinDuplicateAcrossItems => "gtin",
        Code::IdCaseConflict => "id",
        _ => "group",
    }
}

pub(crate) fn add_duplicate_findings(
    duplicates: &Duplicates,
    live_hashes: &LiveHashes,
    findings: &mut RunFindings,
) {
    for one in &duplicates.first {
        let recognised = one
            .raw_hash
            .filter(|_| one.line == 0)
            .and_then(|hash| live_hashes.first_line(hash));
        findings.add(Issue {
            attribute: Some("id".to_owned()),
            row: recognised.or(Some(one.line)),
            item_id: Some(one.item_id.clone()),
            value: Some(one.item_id.clone()),
            ..Issue::new(Code::IdDuplicate)
        });
    }
    let listed = duplicates.first.len() as u64;
    findings.add_more(
        Code::IdDuplicate,
        "id",
        duplicates.total.saturating_sub(listed),
    );
}
