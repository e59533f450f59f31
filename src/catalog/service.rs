//! The catalog's service: submits feeds; reads, approves and discards runs.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use buywire_schemas::ids::{PartnerId, RunId};
use buywire_schemas::problem::BodyError;
use tokio::sync::{Notify, Semaphore, oneshot};
use tracing::Instrument;
use uuid::Uuid;

use super::spool::{Spool, SpoolDisk, SpoolError};
use crate::ambient;
use crate::catalog::ingest;
use crate::catalog::runs;
use crate::catalog::runs::job::FeedSubmission;
use crate::db::DatabaseError;
use crate::egress::EgressPolicy;
use crate::notifier::Notifier;
use crate::secrets::master_key::SealError;
use crate::store::Store;
use crate::store::audit::Actor;
use crate::store::catalog::{NewRun, Run};
use crate::store::partners::Partner;

/// Runs that a node executes at once: each keeps a core and a connection busy.
pub(super) const CONCURRENT_RUNS_MAX: usize = 2;
/// Runs that wait on a node, each with its document on disk.
pub(super) const RUN_SLOTS_MAX: usize = 256;
/// The share of one partner, whose runs execute one after another anyway: others get a slot whatever it sends.
pub(super) const PARTNER_RUN_SLOTS_MAX: usize = 8;

/// The catalog's entry point. Clones share their state.
#[derive(Clone)]
pub(crate) struct Catalog(pub(super) Arc<CatalogInner>);

pub(super) struct CatalogInner {
    pub(super) store: Store,
    pub(super) notifier: Notifier,
    /// Identifies this process in the runs whose documents it holds.
    pub(super) node: Uuid,
    /// A feed's images may lie in the address ranges that the operator has opened.
    pub(super) policy: EgressPolicy,
    pub(super) run_permits: Semaphore,
    pub(super) used_slots: Arc<Mutex<HashMap<PartnerId, usize>>>,
    pub(super) disk: Arc<SpoolDisk>,
    /// Notified when a run ends: the next run of its feed may begin.
    pub(super) run_ended: Notify,
    /// Set when this process is about to end: no further run begins.
    pub(super) closing: AtomicBool,
}

/// A run slot: the right to spool one document and queue its run.
pub(crate) struct RunSlot {
    partner: PartnerId,
    used_slots: Arc<Mutex<HashMap<PartnerId, usize>>>,
    disk: Arc<SpoolDisk>,
}

impl RunSlot {
    /// Opens an empty spool for this slot's document.
    ///
    /// # Errors
    /// When no temporary file can be created.
    pub(crate) fn spool(&self) -> Result<Spool, SpoolError> {
        self.disk.spool(self.partner)
    }
}

impl Drop for RunSlot {
    fn drop(&mut self) {
        let mut used_slots = self
            .used_slots
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = used_slots.get_mut(&self.partner) {
            *count -= 1;
            if *count == 0 {
                used_slots.remove(&self.partner);
            }
        }
    }
}

/// A run that is recorded and queued.
pub(crate) struct SubmittedRun {
    pub id: RunId,
    /// Receives the finished run; closed when this process could not finish it.
    pub completion: oneshot::Receiver<Run>,
}

/// Why the catalog rejected a request or could not carry it out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CatalogError {
    /// The partner, run or source does not exist or belongs to another partner.
    #[error("not found")]
    NotFound,
    /// The run's state does not allow it.
    #[error("{0}")]
    InvalidState(&'static str),
    /// A partner setting is invalid.
    #[error("the partner setting `{0}` is invalid")]
    Settings(&'static str),
    /// The body violates the contract.
    #[error(transparent)]
    Refused(#[from] BodyError),
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error("the run queue of this node is full ({RUN_SLOTS_MAX} runs)")]
    QueueFull,
    #[error("the partner's run queue is full ({PARTNER_RUN_SLOTS_MAX} runs)")]
    PartnerQueueFull,
    #[error(transparent)]
    Store(#[from] DatabaseError),
}

impl Catalog {
    #[must_use]
    pub(crate) fn open(store: Store, notifier: Notifier, node: Uuid, policy: EgressPolicy) -> Self {
        Self(Arc::new(CatalogInner {
            store,
            notifier,
            node,
            policy,
            run_permits: Semaphore::new(CONCURRENT_RUNS_MAX),
            used_slots: Arc::default(),
            disk: Arc::default(),
            run_ended: Notify::new(),
            closing: AtomicBool::new(false),
        }))
    }

    /// Ends this process's runs before it stops, so that nobody waits for them.
    ///
    /// # Errors
    /// When the database fails; the runs then end with their lease.
    pub(crate) async fn stop(&self) -> Result<(), DatabaseError> {
        runs::scheduler::stop_runs(&self.0).await
    }

    /// Reserves a run slot for a partner before its document takes disk space.
    ///
    /// # Errors
    /// When too many runs wait on this node, or too many of this partner.
    pub(crate) fn reserve(&self, partner: PartnerId) -> Result<RunSlot, CatalogError> {
        let mut used_slots = self
            .0
            .used_slots
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if used_slots.values().sum::<usize>() >= RUN_SLOTS_MAX {
            return Err(CatalogError::QueueFull);
        }
        let reserved = used_slots.entry(partner).or_default();
        if *reserved >= PARTNER_RUN_SLOTS_MAX {
            return Err(CatalogError::PartnerQueueFull);
        }
        *reserved += 1;
        drop(used_slots);
        Ok(RunSlot {
            partner,
            used_slots: Arc::clone(&self.0.used_slots),
            disk: Arc::clone(&self.0.disk),
        })
    }

    /// Records a run and queues it for execution.
    ///
    /// # Errors
    /// When a partner setting is invalid or the database fails.
    pub(crate) async fn submit(
        &self,
        partner: &Partner,
        submission: FeedSubmission,
        slot: RunSlot,
    ) -> Result<SubmittedRun, CatalogError> {
        let mut settings =
            ingest::settings::parse(&partner.settings).map_err(CatalogError::Settings)?;
        settings.feed.rules.private = self.0.policy.ranges().to_vec();
        let new = NewRun {
            id: RunId::generate(),
            partner: partner.id,
            mode: submission.mode,
            dry_run: submission.dry_run,
            bytes: submission.spooled.bytes,
            sha256: submission.spooled.sha256,
            actor: submission.actor.clone(),
            reading_digest: runs::unchanged::document_digest(
                &partner.settings,
                submission.format.as_deref(),
                &submission.hints,
            ),
        };
        self.0
            .store
            .add_run(&new, self.0.node, runs::scheduler::LEASE_SECONDS)
            .await?;
        let job = runs::job::RunJob {
            id: new.id,
            partner: partner.id,
            slug: partner.slug.to_string(),
            settings,
            submission,
            now: ambient::now(),
        };
        let (sender, completion) = oneshot::channel();
        let inner = Arc::clone(&self.0);
        let running = async move {
            let run = runs::scheduler::run_job(inner, job).await;
            drop(slot);
            // The receiver may be gone.
            run.map(|run| sender.send(run).ok());
        };
        tokio::spawn(running.in_current_span());
        Ok(SubmittedRun {
            id: new.id,
            completion,
        })
    }

    /// Applies a held run if the catalog has not changed since the run was compared with it.
    ///
    /// # Errors
    /// When the run is not held, or another run of its feed is active.
    pub(crate) async fn approve(
        &self,
        partner: &Partner,
        id: RunId,
        actor: &Actor,
    ) -> Result<Run, CatalogError> {
        let inner = Arc::clone(&self.0);
        let (owner, slug, actor) = (partner.id, partner.slug.to_string(), actor.clone());
        // In a separate task: a caller that disconnects does not leave the approval half done.
        let approving = runs::scheduler::approve(inner, owner, slug, id, actor);
        let Ok(done) = tokio::spawn(approving.in_current_span()).await else {
            // Do not leave it recorded as running: no other run of the feed could begin.
            runs::scheduler::fail(&self.0, id, partner.id, partner.slug.as_str()).await;
            return Err(CatalogError::InvalidState(
                "The approval failed: see the run.",
            ));
        };
        done
    }

    /// Discards a held run.
    ///
    /// # Errors
    /// When the run is not held.
    pub(crate) async fn discard(
        &self,
        partner: PartnerId,
        id: RunId,
        actor: &Actor,
    ) -> Result<Run, CatalogError> {
        self.run(partner, id).await?;
        if !self.0.store.discard_run(id, actor).await? {
            return Err(CatalogError::InvalidState(
                "Only a held run can be discarded.",
            ));
        }
        self.run(partner, id).await
    }

    /// Returns one run of a partner.
    ///
    /// # Errors
    /// When it does not exist or belongs to another partner.
    pub(crate) async fn run(&self, partner: PartnerId, id: RunId) -> Result<Run, CatalogError> {
        self.0
            .store
            .run(id, partner)
            .await?
            .ok_or(CatalogError::NotFound)
    }
}
