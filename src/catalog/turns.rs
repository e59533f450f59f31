//! Turns: which run works when, and what becomes of runs whose process is gone.
//!
//! A run's document lies on its node, so a run dies with it. Its lease says so to the others: renewed while the
//! process lives, and when it is over the run is failed by whoever notices.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use buywire_schemas::catalog::report::{Counts, Status};
use buywire_schemas::event::EventType;
use buywire_schemas::ids::{PartnerId, RunId};

use super::run::{self, Done, Task, event};
use super::{AT_ONCE, Catalog, CatalogError, Room};
use crate::store::StoreError;
use crate::store::audit::Author;
use crate::store::catalog::Run;
use crate::store::events::Emitted;

/// How long a run outlives the last sign of its process.
pub(super) const LEASE_SECONDS: f64 = 30.0;
/// How often processes give a sign and look for those that do not.
const KEEP_EVERY: Duration = Duration::from_secs(5);
/// How often a waiting run looks whether its turn has come, when no run here has ended.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How often a run that could not be ended is tried to be ended.
const END_EVERY: Duration = Duration::from_secs(1);
/// How long a stop lets runs work: most take a moment.
const STOP_WAITS: Duration = Duration::from_secs(5);

/// Keeps this process's runs, and ends those of others who are gone, for as long as the gateway runs.
pub async fn keep(catalog: Catalog) {
    let room = catalog.0;
    loop {
        if let Err(error) = keep_once(&room).await {
            tracing::warn!(error = %error, "catalog: runs could not be kept, trying again");
        }
        tokio::time::sleep(KEEP_EVERY).await;
    }
}

async fn keep_once(room: &Room) -> Result<(), StoreError> {
    room.store.keep_runs(room.node, LEASE_SECONDS).await?;
    for (slug, lost) in room.store.lose_runs().await? {
        tracing::warn!(run = %lost.report.id, "catalog: a run has lost its node");
        tell(room, &slug, &lost).await?;
    }
    Ok(())
}

/// Gives up this process's runs, which end with it: at once, so that their partners need not wait for the lease to
/// push again. What works gets a moment to come to its own end, and nothing begins.
pub(super) async fn hand_back(room: &Room) -> Result<(), StoreError> {
    room.closing.store(true, Ordering::Relaxed);
    let all = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
    let _ended = tokio::time::timeout(STOP_WAITS, room.working.acquire_many(all)).await;
    for (slug, stopped) in room.store.stop_runs(room.node).await? {
        tracing::warn!(run = %stopped.report.id, "catalog: a run was ended because its node stops");
        tell(room, &slug, &stopped).await?;
    }
    Ok(())
}

/// Tells of a run that has ended with its node.
async fn tell(room: &Room, slug: &str, lost: &Run) -> Result<(), StoreError> {
    let report = &lost.report;
    if report.status == Status::Failed && !lost.dry_run {
        let data = event(
            slug,
            report.id,
            report.status,
            report.reason.as_deref(),
            &report.items,
        );
        let kind = EventType::FeedFailed;
        ring(
            room,
            &room.store.tell_of_run(lost.partner, kind, &data).await?,
        );
    }
    Ok(())
}

/// Waits for a run's turn and does it; how it ended, if it did here.
pub(super) async fn take(room: Arc<Room>, task: Task) -> Option<Run> {
    let (id, partner, slug) = (task.id, task.partner, task.slug.clone());
    let working = Arc::clone(&room);
    let done = tokio::spawn(async move { wait_and_perform(&working, task).await }).await;
    room.ended.notify_waiters();
    match done {
        Ok(Ok(Some((run, emitted)))) => {
            ring(&room, &emitted);
            Some(run)
        }
        Ok(Ok(None)) => room.store.run(id, partner).await.ok().flatten(),
        Ok(Err(error)) => {
            tracing::error!(run = %id, error = %error, "catalog: a run has failed inside");
            fail(&room, id, partner, &slug).await
        }
        Err(_) => fail(&room, id, partner, &slug).await,
    }
}

async fn wait_and_perform(room: &Room, task: Task) -> Result<Done, StoreError> {
    loop {
        let ended = room.ended.notified();
        {
            let _working = room.working.acquire().await;
            if room.closing.load(Ordering::Relaxed) {
                return Ok(None);
            }
            if let Some(version) = room.store.start_run(task.id).await? {
                return run::perform(&room.store, task, version).await;
            }
        }
        let stands = room.store.run(task.id, task.partner).await?;
        if stands.is_none_or(|run| run.report.status != Status::Queued) {
            return Ok(None);
        }
        let _ = tokio::time::timeout(LOOK_EVERY, ended).await;
    }
}

/// Ends a run that could not be done (or holds it again), however long the database is away: its lease is renewed meanwhile.
pub(super) async fn fail(room: &Room, id: RunId, partner: PartnerId, slug: &str) -> Option<Run> {
    let run = loop {
        match room.store.fail_run(id, "internal").await {
            Ok(run) => break run?,
            Err(_) => tokio::time::sleep(END_EVERY).await,
        }
    };
    room.ended.notify_waiters();
    if run.report.status != Status::Failed {
        return Some(run);
    }
    let data = event(
        slug,
        id,
        Status::Failed,
        Some("internal"),
        &Counts::default(),
    );
    match room
        .store
        .tell_of_run(partner, EventType::FeedFailed, &data)
        .await
    {
        Ok(emitted) => ring(room, &emitted),
        Err(error) => tracing::warn!(error = %error, "catalog: a failed run could not be told of"),
    }
    Some(run)
}

/// As [`Catalog::approve`].
pub(super) async fn approve(
    room: Arc<Room>,
    partner: PartnerId,
    slug: String,
    id: RunId,
    who: Author,
) -> Result<Run, CatalogError> {
    let held = room
        .store
        .run(id, partner)
        .await?
        .ok_or(CatalogError::NotFound)?;
    if held.report.status != Status::Held {
        return Err(CatalogError::State("Only a held run can be approved."));
    }
    let Some(base) = room
        .store
        .start_approval(id, room.node, LEASE_SECONDS)
        .await?
    else {
        return Err(CatalogError::State(
            "Another run of this feed is at work: approve when it has ended.",
        ));
    };
    let done = run::approve(&room.store, id, partner, &slug, base, &held, &who).await;
    room.ended.notify_waiters();
    match done {
        Ok(Some((run, emitted))) => {
            ring(&room, &emitted);
            Ok(run)
        }
        Ok(None) => Err(CatalogError::State(
            "The run was ended by others: see the run.",
        )),
        Err(error) => {
            fail(&room, id, partner, &slug).await;
            Err(error.into())
        }
    }
}

pub(super) fn ring(room: &Room, emitted: &[Emitted]) {
    room.bell.ring_due(emitted);
}
