//! Decides when each run executes, and ends the runs of processes that are gone.
//!
//! A run's document is on its node's disk, so the run is lost with the node. The process renews the run's lease; once
//! the lease has expired, any node marks the run as failed.

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

/// How long a run's lease lasts without renewal.
pub(crate) const LEASE_SECONDS: f64 = 30.0;
/// How often processes give a sign and look for those that do not.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(5);
/// How often a waiting run looks whether its turn has come, when no run here has ended.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// Delay before ending a run is retried.
const END_RETRY_DELAY: Duration = Duration::from_secs(1);
/// How long a stop waits for active runs: most end within a moment.
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
        tracing::warn!(run = %lost.report.id, "catalog.run: lease lost, the run was ended");
        emit_run_failed(inner, &slug, &lost).await?;
    }
    Ok(())
}

/// Ends this process's runs before it stops, so that partners can push again without waiting for the lease. Active
/// runs get a moment to finish; no run begins.
pub(crate) async fn stop_runs(inner: &CatalogInner) -> Result<(), DatabaseError> {
    inner.closing.store(true, Ordering::Relaxed);
    let all = u32::try_from(CONCURRENT_RUNS_MAX).unwrap_or(u32::MAX);
    let _ended = tokio::time::timeout(STOP_TIMEOUT, inner.run_permits.acquire_many(all)).await;
    for (slug, stopped) in inner.store.stop_runs(inner.node).await? {
        tracing::warn!(run = %stopped.report.id, "catalog.run: ended, this node is stopping");
        emit_run_failed(inner, &slug, &stopped).await?;
    }
    Ok(())
}

/// Emits `feed.failed` for a run that ended with its node.
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
        let emitted = inner
            .store
            .emit_run_event(lost.partner, kind, &data)
            .await?;
        inner.notifier.notify_due(&emitted);
    }
    Ok(())
}

/// Waits until a run may start and executes it. Returns the finished run, unless this process was stopped first.
pub(crate) async fn run_job(inner: Arc<CatalogInner>, job: RunJob) -> Option<Run> {
    let (id, partner, slug) = (job.id, job.partner, job.slug.clone());
    let job_inner = Arc::clone(&inner);
    let done = tokio::spawn(async move { wait_and_perform(&job_inner, job).await }).await;
    inner.run_ended.notify_waiters();
    match done {
        Ok(Ok(Some((run, emitted)))) => {
            inner.notifier.notify_due(&emitted);
            Some(run)
        }
        Ok(Ok(None)) => inner.store.run(id, partner).await.ok().flatten(),
        Ok(Err(error)) => {
            tracing::error!(run = %id, error = %error, "catalog.run: failed");
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

/// Marks a run as failed, or as held again if it was being approved. Retries for as long as the database is
/// unavailable; the lease is renewed meanwhile.
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
        Ok(emitted) => inner.notifier.notify_due(&emitted),
        Err(error) => {
            tracing::warn!(error = %error, "catalog.run: the event of a failed run was not emitted")
        }
    }
    Some(run)
}

/// Carries out [`Catalog::approve`].
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
            "Another run of this feed is active: approve this run when it has ended.",
        ));
    };
    let done = execute::approve(&inner.store, id, partner, &slug, base, &held, &actor).await;
    inner.run_ended.notify_waiters();
    match done {
        Ok(Some((run, emitted))) => {
            inner.notifier.notify_due(&emitted);
            Ok(run)
        }
        Ok(None) => Err(CatalogError::InvalidState(
            "Another node has ended the run: see the run.",
        )),
        Err(error) => {
            fail(&inner, id, partner, &slug).await;
            Err(error.into())
        }
    }
}
