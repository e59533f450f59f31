//! Executes one run, from its document to its end.
//!
//! A dry run takes the same path: its plan is applied and rolled back, so that it reports exactly what a real run
//! would do.

use buywire_schemas::catalog::issue::Code;
use buywire_schemas::catalog::report::{self, Finding, Findings, ItemCounts, RunStatus};
use buywire_schemas::event::EventType;
use buywire_schemas::ids::{PartnerId, RunId};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::catalog::images::add_image_findings;
use crate::catalog::ingest::dedup::live_hashes::LiveHashes;
use crate::catalog::ingest::{self, ItemLookup, ReadInput, ReadResult, SupplementLookup};
use crate::catalog::runs::decision::{
    RunDecision, add_conflict_findings, add_duplicate_findings, decide, failed, item_counts,
};
use crate::catalog::runs::job::{RunCompletion, RunContext, RunJob, SupplementMode, event_data};
use crate::catalog::runs::plan_summary::summarize_plan;
use crate::catalog::runs::unchanged;
use crate::db::DatabaseError;
use crate::store::Store;
use crate::store::audit::Actor;
use crate::store::catalog::{
    ConflictScope, Duplicates, LiveCatalog, Mode, PlanCounts, ReadSummary, Run, RunOutcome,
    SpillWriter, Staging,
};

/// Batches that the reader may be ahead of the database.
const BATCHES_AHEAD: usize = 4;

/// Executes a run that has started. `version` is the catalog version at its start.
pub(crate) async fn perform(
    store: &Store,
    job: RunJob,
    version: i64,
) -> Result<RunCompletion, DatabaseError> {
    if let Some(done) = unchanged::end_if_unchanged(store, &job).await? {
        return Ok(Some(done));
    }
    let mut staging = store.staging(job.partner).await?;
    let item_lookup = make_item_lookup(store.clone(), job.partner);
    let (mut context, mut document) = job.split(item_lookup);
    if store.has_supplements(staging.partner()).await? {
        document.supplement_lookup = Some(make_supplement_lookup(store.clone(), staging.partner()));
    }
    let read = read_and_stage(&mut staging, document).await?;
    context.is_full = read.is_full;
    if read.is_truncated && context.supplement == SupplementMode::Complete {
        context.supplement = SupplementMode::Truncated;
    }
    context.previous_findings = store
        .previous_findings(staging.partner(), context.id)
        .await?;
    let done = finish(&mut staging, &context, read, version).await?;
    // Clean up in the background; the next run on this session would do it too.
    tokio::spawn(staging.end());
    Ok(done)
}

/// Applies a held run exactly as it was reported.
pub(crate) async fn approve(
    store: &Store,
    id: RunId,
    partner: PartnerId,
    slug: &str,
    base_version: i64,
    held: &Run,
    actor: &Actor,
) -> Result<RunCompletion, DatabaseError> {
    let mut staging = store.staging(partner).await?;
    let (live, feed) = staging.live().await?;
    let mut outcome = RunOutcome {
        status: RunStatus::Superseded,
        reason: Some("catalog_changed".to_owned()),
        read_summary: None,
        base_version: None,
    };
    let mut event = None;
    if feed.version == base_version {
        live.restore(id).await?;
        let plan_counts = live.count_plan().await?;
        apply(&live, id, plan_counts, SupplementMode::of_held_run(held)).await?;
        live.audit(actor, "feed.approve", id).await?;
        outcome.status = RunStatus::Applied;
        outcome.reason = Some("approved".to_owned());
        event = Some(event_data(
            slug,
            id,
            RunStatus::Applied,
            Some("approved"),
            &held.report.items,
        ));
    } else {
        live.drop_held_run(id).await?;
    }
    let event = event.as_ref().map(|data| (EventType::FeedApplied, data));
    let done = live.end(id, &outcome, &[], event).await?;
    staging.end().await?;
    Ok(done)
}

/// Creates the item lookup of the reading thread, which may block.
fn make_item_lookup(store: Store, partner: PartnerId) -> ItemLookup {
    let runtime = tokio::runtime::Handle::current();
    Box::new(move |ids| {
        let found = runtime.block_on(store.live_items(partner, ids));
        let found = found
            .inspect_err(|error| tracing::warn!(error = %error, "catalog.run: item lookup failed"));
        let read = |(id, text): (String, String)| Some((id, serde_json::from_str(&text).ok()?));
        Some(found.ok()?.into_iter().filter_map(read).collect())
    })
}

/// Like [`make_item_lookup`], for supplements.
fn make_supplement_lookup(store: Store, partner: PartnerId) -> SupplementLookup {
    let runtime = tokio::runtime::Handle::current();
    Box::new(move |ids| {
        let found = runtime.block_on(store.supplements(partner, ids));
        let found = found.inspect_err(
            |error| tracing::warn!(error = %error, "catalog.run: supplement lookup failed"),
        );
        let read = |(id, text): (String, String)| Some((id, serde_json::from_str(&text).ok()?));
        Some(found.ok()?.into_iter().filter_map(read).collect())
    })
}

/// Reads on a blocking thread and stages here, at the same time.
async fn read_and_stage(
    staging: &mut Staging,
    document: ReadInput,
) -> Result<ReadResult, DatabaseError> {
    let live_hashes = match document.mode {
        Mode::Full => LiveHashes::new(staging.live_hashes().await?),
        Mode::Upsert | Mode::Inventory | Mode::Supplemental => LiveHashes::default(),
    };
    let (send, mut receive) = mpsc::channel(BATCHES_AHEAD);
    let spill_writer = SpillWriter::new()?;
    let reading = tokio::task::spawn_blocking(move || {
        ingest::read(document, live_hashes, spill_writer, &send)
    });
    let copied = staging.copy(&mut receive).await;
    // The reader stops at its next batch.
    drop(receive);
    let (read, spill_file) = reading
        .await
        .map_err(|_| DatabaseError::Misuse("the reading thread panicked".into()))?;
    copied?;
    if read.lookup_failed {
        let reason = "items could not be looked up".to_owned();
        return Err(DatabaseError::Unreachable { reason });
    }
    staging.set_spill(spill_file?);
    Ok(read)
}

/// Finds what only shows across records: duplicate ids, groups in two currencies, GTINs of several items. The database
/// skips what the indexes rule out.
async fn check_across_items(
    staging: &mut Staging,
    read: &mut ReadResult,
) -> Result<Duplicates, DatabaseError> {
    let may_repeat = read.id_hashes.may_repeat();
    let ReadResult {
        findings,
        live_hashes,
        ..
    } = read;
    staging.add_absent_hashes(live_hashes.absent()).await?;
    let recognised = live_hashes.recognised_products() > 0;
    let duplicates = staging
        .find_duplicates(live_hashes.repeats(), recognised, may_repeat)
        .await?;
    add_duplicate_findings(&duplicates, live_hashes, findings);
    let groups = read.currencies.len() > 1
        || read.conflict_index.variants_may_conflict()
        || staging.has_products().await?;
    let duplicate_gtins = read.conflict_index.duplicate_gtins();
    let scope = ConflictScope {
        is_full: read.is_full,
        items_complete: read.items_complete,
        recognised,
        groups,
        cases: read.id_hashes.may_differ_in_case(),
        duplicate_gtins: &duplicate_gtins,
    };
    add_conflict_findings(staging.find_conflicts(scope).await?, &mut read.findings);
    Ok(duplicates)
}

fn superseded(items: ItemCounts) -> RunDecision {
    RunDecision {
        status: RunStatus::Superseded,
        reason: None,
        items,
        base_version: None,
    }
}

/// Compares the staged rows with the live catalog, decides, and carries the decision out.
async fn finish(
    staging: &mut Staging,
    context: &RunContext,
    mut read: ReadResult,
    version: i64,
) -> Result<RunCompletion, DatabaseError> {
    let duplicates = match read.fault {
        None => check_across_items(staging, &mut read).await?,
        Some(_) => Duplicates::default(),
    };
    let ReadResult {
        format,
        mut findings,
        live_hashes,
        fault,
        ..
    } = read;
    let (mut live, feed) = staging.live().await?;
    match fault {
        None if context.supplement != SupplementMode::None => live.compare_supplement().await?,
        None => {
            live.compare(context.is_full).await?;
            add_image_findings(&live, context.is_full, &mut findings).await?;
        }
        Some(_) => {}
    }
    let plan = summarize_plan(&live, &mut findings).await?;
    let plan_counts = plan.counts;
    let mut items = item_counts(plan_counts, &live_hashes, &duplicates);
    if fault.is_some() {
        // Nothing was compared.
        items.unchanged = 0;
    }
    let decision = match fault {
        Some(code) => failed(code, items),
        None if feed.version != version => superseded(items),
        None => decide(context, feed, &plan, items, &duplicates, &mut findings),
    };
    let outcome = run_outcome(
        &decision,
        format,
        findings.summary,
        &context.previous_findings,
    );
    let run_event = event(context, &decision);
    let event = run_event.as_ref().map(|(kind, data)| (*kind, data));
    match decision.status {
        RunStatus::Applied => apply(&live, context.id, plan_counts, context.supplement).await?,
        RunStatus::Held => {
            let is_supplement = context.supplement != SupplementMode::None;
            live.hold(context.id, is_supplement).await?;
        }
        RunStatus::DryRun if decision.reason.is_none() => {
            apply(&live, context.id, plan_counts, context.supplement).await?;
            live.rollback().await?;
            let (live, _) = staging.live().await?;
            return live
                .end(context.id, &outcome, &findings.issues, event)
                .await;
        }
        _ => {}
    }
    live.end(context.id, &outcome, &findings.issues, event)
        .await
}

/// Applies the plan, and stores the supplements of a supplemental feed.
async fn apply(
    live: &LiveCatalog<'_>,
    id: RunId,
    plan_counts: PlanCounts,
    supplement: SupplementMode,
) -> Result<(), DatabaseError> {
    live.apply(id, plan_counts).await?;
    match supplement {
        SupplementMode::Complete => live.store_supplement(true).await,
        SupplementMode::Truncated => live.store_supplement(false).await,
        SupplementMode::None => Ok(()),
    }
}

fn run_outcome(
    decision: &RunDecision,
    format: Option<String>,
    findings: Findings,
    previous_findings: &[Finding],
) -> RunOutcome {
    let findings = findings.into_list();
    // A failed run may not have read everything, so it cannot show what was fixed.
    let changes = match decision.status {
        RunStatus::Failed => Vec::new(),
        _ => report::diff_findings(previous_findings, &findings),
    };
    RunOutcome {
        status: decision.status,
        reason: decision.reason.map(|code| code.as_str().to_owned()),
        read_summary: Some(ReadSummary {
            format,
            items: decision.items,
            findings,
            changes,
        }),
        base_version: decision.base_version,
    }
}

fn event(context: &RunContext, decision: &RunDecision) -> Option<(EventType, Value)> {
    let kind = event_type(decision.status).filter(|_| !context.dry_run)?;
    let reason = decision.reason.map(Code::as_str);
    Some((
        kind,
        event_data(
            &context.slug,
            context.id,
            decision.status,
            reason,
            &decision.items,
        ),
    ))
}

/// The event to emit for this status.
fn event_type(status: RunStatus) -> Option<EventType> {
    match status {
        RunStatus::Applied => Some(EventType::FeedApplied),
        RunStatus::Held => Some(EventType::FeedHeld),
        RunStatus::Failed => Some(EventType::FeedFailed),
        _ => None,
    }
}
