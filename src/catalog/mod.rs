//! The catalog room: a feed in, a live catalog out, and a report of what was done.
//!
//! ```text
//!   spool ──► queued ──► read ──► compare ──► gate ──► applied | held | failed | dry_run
//! ```
//!
//! Promises: a run is on record before its caller is answered; runs of one feed never interleave, whatever
//! node they are on; the live catalog changes in one transaction or not at all, and loses many products only
//! when somebody has approved it. Must not know HTTP or SQL.

pub mod images;
mod ingest;
mod runs;
mod sources;
mod spool;

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use buywire_feeds::read::Hints;
use buywire_schemas::ids::{PartnerId, RunId};
use buywire_schemas::problem::BodyError;
use time::OffsetDateTime;
use tokio::sync::{Notify, Semaphore, oneshot};
use uuid::Uuid;

pub(crate) use self::runs::scheduler::lease_job;
pub use self::sources::Sources;
pub use self::sources::source::SourceDocument;
use self::spool::SpoolDisk;
pub use self::spool::{SPOOL_BYTES_MAX, Spool, SpoolError, Spooled};
pub use crate::catalog::runs::gate::GateInput;
pub use crate::catalog::runs::gate::GateLimits;
pub use crate::catalog::runs::gate::Verdict;
pub use crate::catalog::runs::gate::evaluate;
pub use crate::catalog::sources::fetch::FetchLimits;
pub use crate::catalog::sources::fetch::Fetcher;
use crate::db::DatabaseError;
use crate::egress::EgressPolicy;
use crate::notifier::Notifier;
use crate::secrets::master_key::SealError;
use crate::store::Store;
use crate::store::audit::Actor;
use crate::store::catalog::{Mode, NewRun, Run};
use crate::store::partners::Partner;

/// Runs that work at once on a node: each keeps a core and a connection busy.
const CONCURRENT_RUNS_MAX: usize = 2;
/// Runs that wait on a node, each with its document on the disk.
const RUN_SLOTS_MAX: usize = 256;
/// Those of one partner, whose runs work one after the other anyway: others find a place whatever it sends.
const PARTNER_RUN_SLOTS_MAX: usize = 8;

/// The front of the room.
#[derive(Clone)]
pub struct Catalog(Arc<CatalogInner>);

struct CatalogInner {
    store: Store,
    notifier: Notifier,
    /// Names this process to the runs whose documents it holds.
    node: Uuid,
    /// Images of feeds may lie where the operator has opened a range.
    policy: EgressPolicy,
    run_permits: Semaphore,
    used_slots: Arc<Mutex<HashMap<PartnerId, usize>>>,
    disk: Arc<SpoolDisk>,
    /// Rung when a run ends: the next one of its feed may begin.
    run_ended: Notify,
    /// This process is about to end: no run begins any more.
    closing: AtomicBool,
}

/// A document that was brought.
pub struct FeedSubmission {
    /// Its bytes.
    pub spooled: Spooled,
    /// What the transport said of it.
    pub hints: Hints,
    /// A format's name; none: it is found out.
    pub format: Option<String>,
    /// What it speaks for.
    pub mode: Mode,
    /// Whether it only says what it would do.
    pub dry_run: bool,
    /// The label of the key that brought it.
    pub actor: String,
}

/// A place for one run: its document may be taken.
pub struct RunSlot {
    partner: PartnerId,
    used_slots: Arc<Mutex<HashMap<PartnerId, usize>>>,
    disk: Arc<SpoolDisk>,
}

impl RunSlot {
    /// An empty document in this place.
    ///
    /// # Errors
    /// When there is no room for temporary files.
    pub fn spool(&self) -> Result<Spool, SpoolError> {
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

/// A run that is on record.
pub struct SubmittedRun {
    /// Which.
    pub id: RunId,
    /// How it ended; closed when this process could not bring it to an end.
    pub completion: oneshot::Receiver<Run>,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// There is no such thing, or it is somebody else's.
    #[error("no such thing")]
    NotFound,
    /// Not in this state.
    #[error("{0}")]
    InvalidState(&'static str),
    /// The partner's settings cannot be used.
    #[error("the setting `{0}` cannot be used")]
    Settings(&'static str),
    /// A body breaks the contract.
    #[error(transparent)]
    Refused(#[from] BodyError),
    /// A secret cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Too many runs wait here.
    #[error("too many runs wait")]
    QueueFull,
    /// Too many of this partner.
    #[error("too many runs of the partner wait")]
    PartnerQueueFull,
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] DatabaseError),
}

impl Catalog {
    /// Open the room.
    #[must_use]
    pub fn open(store: Store, notifier: Notifier, node: Uuid, policy: EgressPolicy) -> Self {
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

    /// Before this process ends: its runs are given up, so that nobody waits for them.
    ///
    /// # Errors
    /// The database; then their lease ends them.
    pub async fn stop(&self) -> Result<(), DatabaseError> {
        runs::scheduler::stop_runs(&self.0).await
    }

    /// Keeps a place for a run of a partner, before its document fills the disk.
    ///
    /// # Errors
    /// Too many wait here, or too many of that partner.
    pub fn reserve(&self, partner: PartnerId) -> Result<RunSlot, CatalogError> {
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

    /// Puts a run on record and lets it work when its turn comes.
    ///
    /// # Errors
    /// The partner's settings, the database.
    pub async fn submit(
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
        let job = runs::execute::RunJob {
            id: new.id,
            partner: partner.id,
            slug: partner.slug.to_string(),
            settings,
            submission,
            now: OffsetDateTime::now_utc(),
        };
        let (sender, completion) = oneshot::channel();
        let inner = Arc::clone(&self.0);
        tokio::spawn(async move {
            let run = runs::scheduler::run_job(inner, job).await;
            drop(slot);
            // Nobody may be waiting.
            run.map(|run| sender.send(run).ok());
        });
        Ok(SubmittedRun {
            id: new.id,
            completion,
        })
    }

    /// Applies a held run, if the catalog is still the one that it was compared with.
    ///
    /// # Errors
    /// It is not held, or its feed is busy.
    pub async fn approve(
        &self,
        partner: &Partner,
        id: RunId,
        actor: &Actor,
    ) -> Result<Run, CatalogError> {
        let inner = Arc::clone(&self.0);
        let (owner, slug, actor) = (partner.id, partner.slug.to_string(), actor.clone());
        // In a task of its own: a caller who goes away does not leave it half done.
        let done =
            tokio::spawn(
                async move { runs::scheduler::approve(inner, owner, slug, id, actor).await },
            );
        let Ok(done) = done.await else {
            // It must not stand there as running: nobody else would get a turn.
            runs::scheduler::fail(&self.0, id, partner.id, partner.slug.as_str()).await;
            return Err(CatalogError::InvalidState(
                "It could not be approved: see the run.",
            ));
        };
        done
    }

    /// Throws a held run away.
    ///
    /// # Errors
    /// It is not held.
    pub async fn discard(
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

    /// One run.
    ///
    /// # Errors
    /// It is not there, or another partner's.
    pub async fn run(&self, partner: PartnerId, id: RunId) -> Result<Run, CatalogError> {
        self.0
            .store
            .run(id, partner)
            .await?
            .ok_or(CatalogError::NotFound)
    }
}
