//! Turns: which run works when, and what becomes of runs whose process is gone.
//!
//! A run's document lies on its node, so a run dies with it. Its lease says so to the others: renewed while the
//! process lives, and when it is over the run is failed by whoever notices.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use buywire_schemas::catalog::report::{ItemCounts, RunStatus};
use buywire_schemas::event::EventType;
use buywire_schemas::ids::{PartnerId, RunId};

use crate::catalog::runs::execute;
use crate::catalog::runs::job::{RunCompletion, RunJob, event_data};
use crate::catalog::service::{CONCURRENT_RUNS_MAX, Catalog, CatalogError, CatalogInner};
use crate::db::DatabaseError;
use crate::jobs::Job;
use crate::store::audit::Actor;
use crate::store::catalog::Run;
use crate::store::events::EmittedDelivery;

/// How long a run outlives the last sign of its process.
pub(crate) const LEASE_SECONDS: f64 = 30.0;
/// How often processes give a sign and look for those that do not.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(5);
/// How often a waiting run looks whether its turn has come, when no run here has ended.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// How often a run that could not be ended is tried to be ended.
const END_RETRY_DELAY: Duration = Duration::from_secs(1);
/// How long a stop lets runs work: most take a moment.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Renews the leases of this process's runs, and ends runs whose lease has expired.
pub(crate) fn lease_job(catalog: &Catalog) -> Job {
    let inner = Arc::clone(&catalog.0);
    Job::new("catalog.leases", HEARTBEAT_INTERVAL, move || {
        let inner = Arc::clone(&inner);
        async move { maintain_leases(&inner).await }
    })
}

async fn maintain_leases(inner: &CatalogInner) -> Result<(), DatabaseError> {
    inner.store.renew_runs(inner.node, LEASE_SECONDS).await?;
    for (slug, lost) in inner.store.end_lost_runs().await? {
        tracing::warn!(run = %lost.report.id, "catalog: a run has lost its node");
        emit_run_failed(inner, &slug, &lost).await?;
    }
    Ok(())
}

/// Gives up this process's runs, which end with it: at once, so that their partners need not wait for the lease to
/// push again. What works gets a moment to come to its own end, and nothing begins.
pub(crate) async fn stop_runs(inner: &CatalogInner) -> Result<(), DatabaseError> {
    inner.closing.store(true, Ordering::Relaxed);
    let all = u32::try_from(CONCURRENT_RUNS_MAX).unwrap_or(u32::MAX);
    let _ended = tokio::time::timeout(STOP_TIMEOUT, inner.run_permits.acquire_many(all)).await;
    for (slug, stopped) in inner.store.stop_runs(inner.node).await? {
        tracing::warn!(run = %stopped.report.id, "catalog: a run was ended because its node stops");
        emit_run_failed(inner, &slug, &stopped).await?;
    }
    Ok(())
}

/// Tells of a run that has ended with its node.
async fn emit_run_failed(
    inner: &CatalogInner,
    slug: &str,
    lost: &Run,
) -> Result<(), DatabaseError> {
    let report = &lost.report;
    if report.status == RunStatus::Failed && !lost.dry_run {
        let data = event_data(
            slug,
            report.id,
            report.status,
            report.reason.as_deref(),
            &report.items,
        );
        let kind = EventType::FeedFailed;
        notify_due(
            inner,
            &inner
                .store
                .emit_run_event(lost.partner, kind, &data)
                .await?,
        );
    }
    Ok(())
}

/// Waits for a run's turn and does it; how it ended, if it did here.
pub(crate) async fn run_job(inner: Arc<CatalogInner>, job: RunJob) -> Option<Run> {
    let (id, partner, slug) = (job.id, job.partner, job.slug.clone());
    let job_inner = Arc::clone(&inner);
    let done = tokio::spawn(async move { wait_and_perform(&job_inner, job).await }).await;
    inner.run_ended.notify_waiters();
    match done {
        Ok(Ok(Some((run, emitted)))) => {
            notify_due(&inner, &emitted);
            Some(run)
        }
        Ok(Ok(None)) => inner.store.run(id, partner).await.ok().flatten(),
        Ok(Err(error)) => {
            tracing::error!(run = %id, error = %error, "catalog: a run has failed inside");
            fail(&inner, id, partner, &slug).await
        }
        Err(_) => fail(&inner, id, partner, &slug).await,
    }
}

async fn wait_and_perform(
    inner: &CatalogInner,
    job: RunJob,
) -> Result<RunCompletion, DatabaseError> {
    loop {
        let notified = inner.run_ended.notified();
        {
            let _permit = inner.run_permits.acquire().await;
            if inner.closing.load(Ordering::Relaxed) {
                return Ok(None);
            }
            if let Some(version) = inner.store.start_run(job.id).await? {
                return execute::perform(&inner.store, job, version).await;
            }
        }
        let current = inner.store.run(job.id, job.partner).await?;
        if current.is_none_or(|run| run.report.status != RunStatus::Queued) {
            return Ok(None);
        }
        let _ = tokio::time::timeout(POLL_INTERVAL, notified).await;
    }
}

/// Ends a run that could not be done (or holds it again), however long the database is away: its lease is renewed meanwhile.
pub(crate) async fn fail(
    inner: &CatalogInner,
    id: RunId,
    partner: PartnerId,
    slug: &str,
) -> Option<Run> {
    let run = loop {
        match inner.store.fail_run(id, "internal").await {
            Ok(run) => break run?,
            Err(_) => tokio::time::sleep(END_RETRY_DELAY).await,
        }
    };
    inner.run_ended.notify_waiters();
    if run.report.status != RunStatus::Failed {
        return Some(run);
    }
    let data = event_data(
        slug,
        id,
        RunStatus::Failed,
        Some("internal"),
        &ItemCounts::default(),
    );
    match inner
        .store
        .emit_run_event(partner, EventType::FeedFailed, &data)
        .await
    {
        Ok(emitted) => notify_due(inner, &emitted),
        Err(error) => tracing::warn!(error = %error, "catalog: a failed run could not be told of"),
    }
    Some(run)
}

/// As [`Catalog::approve`].
pub(crate) async fn approve(
    inner: Arc<CatalogInner>,
    partner: PartnerId,
    slug: String,
    id: RunId,
    actor: Actor,
) -> Result<Run, CatalogError> {
    let held = inner
        .store
        .run(id, partner)
        .await?
        .ok_or(CatalogError::NotFound)?;
    if held.report.status != RunStatus::Held {
        return Err(CatalogError::InvalidState(
            "Only a held run can be approved.",
        ));
    }
    let Some(base) = inner
        .store
        .start_approval(id, inner.node, LEASE_SECONDS)
        .await?
    else {
        return Err(CatalogError::InvalidState(
            "Another run of this feed is at work: approve when it has ended.",
        ));
    };
    let done = execute::approve(&inner.store, id, partner, &slug, base, &held, &actor).await;
    inner.run_ended.notify_waiters();
    match done {
        Ok(Some((run, emitted))) => {
            notify_due(&inner, &emitted);
            Ok(run)
        }
        Ok(None) => Err(CatalogError::InvalidState(
            "The run was ended by others: see the run.",
        )),
        Err(error) => {
            fail(&inner, id, partner, &slug).await;
            Err(error.into())
        }
    }
}

pub(crate) fn notify_due(inner: &CatalogInner, emitted: &[EmittedDelivery]) {
    inner.notifier.notify_due(emitted);
}
