//! The catalog room: a feed in, a live catalog out, and a report of what was done.
//!
//! ```text
//!   spool ──► queued ──► read ──► compare ──► gate ──► applied | held | failed | dry_run
//! ```
//!
//! Promises: a run is on record before its caller is answered; runs of one feed never interleave, whatever
//! node they are on; the live catalog changes in one transaction or not at all, and loses many products only
//! when somebody has approved it. Must not know HTTP or SQL.

mod fetch;
mod gate;
mod ids;
pub mod images;
mod judgement;
mod known;
mod marks;
mod reading;
mod run;
mod same;
mod settings;
mod source;
mod sources;
mod spool;
mod turns;
mod weighing;

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use buywire_adapters::read::Hints;
use buywire_schemas::ids::{PartnerId, RunId};
use buywire_schemas::problem::Refused;
use time::OffsetDateTime;
use tokio::sync::{Notify, Semaphore, oneshot};
use uuid::Uuid;

pub use self::fetch::{Fetcher, Patience};
pub use self::gate::{Facts, Limits, Verdict, judge};
pub use self::source::SourceDocument;
pub use self::sources::Sources;
use self::spool::Disk;
pub use self::spool::{SPOOL_BYTES_MAX, Spool, SpoolError, Spooled};
pub use self::turns::keep;
use crate::egress::EgressPolicy;
use crate::signing::seal::SealError;
use crate::store::audit::Author;
use crate::store::bell::Bell;
use crate::store::catalog::{Mode, NewRun, Run};
use crate::store::partners::Partner;
use crate::store::{Store, StoreError};

/// Runs that work at once on a node: each keeps a core and a connection busy.
const AT_ONCE: usize = 2;
/// Runs that wait on a node, each with its document on the disk.
const WAITING_MAX: usize = 256;
/// Those of one partner, whose runs work one after the other anyway: others find a place whatever it sends.
const WAITING_OF_PARTNER_MAX: usize = 8;

/// The front of the room.
#[derive(Clone)]
pub struct Catalog(Arc<Room>);

struct Room {
    store: Store,
    bell: Bell,
    /// Names this process to the runs whose documents it holds.
    node: Uuid,
    /// Images of feeds may lie where the operator has opened a range.
    policy: EgressPolicy,
    working: Semaphore,
    waiting: Arc<Mutex<HashMap<PartnerId, usize>>>,
    disk: Arc<Disk>,
    /// Rung when a run ends: the next one of its feed may begin.
    ended: Notify,
    /// This process is about to end: no run begins any more.
    closing: AtomicBool,
}

/// A document that was brought.
pub struct Brought {
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
    pub who: String,
}

/// A place for one run: its document may be taken.
pub struct Place {
    partner: PartnerId,
    waiting: Arc<Mutex<HashMap<PartnerId, usize>>>,
    disk: Arc<Disk>,
}

impl Place {
    /// An empty document in this place.
    ///
    /// # Errors
    /// When there is no room for temporary files.
    pub fn spool(&self) -> Result<Spool, SpoolError> {
        self.disk.spool(self.partner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = waiting.get_mut(&self.partner) {
            *count -= 1;
            if *count == 0 {
                waiting.remove(&self.partner);
            }
        }
    }
}

/// A run that is on record.
pub struct Submitted {
    /// Which.
    pub id: RunId,
    /// How it ended; closed when this process could not bring it to an end.
    pub ended: oneshot::Receiver<Run>,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// There is no such thing, or it is somebody else's.
    #[error("no such thing")]
    NotFound,
    /// Not in this state.
    #[error("{0}")]
    State(&'static str),
    /// The partner's settings cannot be used.
    #[error("the setting `{0}` cannot be used")]
    Settings(&'static str),
    /// A body breaks the contract.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A secret cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Too many runs wait here.
    #[error("too many runs wait")]
    Busy,
    /// Too many of this partner.
    #[error("too many runs of the partner wait")]
    Crowded,
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Catalog {
    /// Open the room.
    #[must_use]
    pub fn open(store: Store, bell: Bell, node: Uuid, policy: EgressPolicy) -> Self {
        Self(Arc::new(Room {
            store,
            bell,
            node,
            policy,
            working: Semaphore::new(AT_ONCE),
            waiting: Arc::default(),
            disk: Arc::default(),
            ended: Notify::new(),
            closing: AtomicBool::new(false),
        }))
    }

    /// Before this process ends: its runs are given up, so that nobody waits for them.
    ///
    /// # Errors
    /// The database; then their lease ends them.
    pub async fn stop(&self) -> Result<(), StoreError> {
        turns::hand_back(&self.0).await
    }

    /// Keeps a place for a run of a partner, before its document fills the disk.
    ///
    /// # Errors
    /// Too many wait here, or too many of that partner.
    pub fn reserve(&self, partner: PartnerId) -> Result<Place, CatalogError> {
        let mut waiting = self
            .0
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if waiting.values().sum::<usize>() >= WAITING_MAX {
            return Err(CatalogError::Busy);
        }
        let its = waiting.entry(partner).or_default();
        if *its >= WAITING_OF_PARTNER_MAX {
            return Err(CatalogError::Crowded);
        }
        *its += 1;
        drop(waiting);
        Ok(Place {
            partner,
            waiting: Arc::clone(&self.0.waiting),
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
        brought: Brought,
        place: Place,
    ) -> Result<Submitted, CatalogError> {
        let mut settings = settings::parse(&partner.settings).map_err(CatalogError::Settings)?;
        settings.feed.rules.private = self.0.policy.ranges().to_vec();
        let new = NewRun {
            id: RunId::generate(),
            partner: partner.id,
            mode: brought.mode,
            dry_run: brought.dry_run,
            bytes: brought.spooled.bytes,
            sha256: brought.spooled.sha256,
            who: brought.who.clone(),
            reading: same::reading_of(&partner.settings, brought.format.as_deref(), &brought.hints),
        };
        self.0
            .store
            .add_run(&new, self.0.node, turns::LEASE_SECONDS)
            .await?;
        let task = run::Task {
            id: new.id,
            partner: partner.id,
            slug: partner.slug.to_string(),
            settings,
            brought,
            now: OffsetDateTime::now_utc(),
        };
        let (tell, ended) = oneshot::channel();
        let room = Arc::clone(&self.0);
        tokio::spawn(async move {
            let run = turns::take(room, task).await;
            drop(place);
            // Nobody may be waiting.
            run.map(|run| tell.send(run).ok());
        });
        Ok(Submitted { id: new.id, ended })
    }

    /// Applies a held run, if the catalog is still the one that it was compared with.
    ///
    /// # Errors
    /// It is not held, or its feed is busy.
    pub async fn approve(
        &self,
        partner: &Partner,
        id: RunId,
        who: &Author,
    ) -> Result<Run, CatalogError> {
        let room = Arc::clone(&self.0);
        let (owner, slug, who) = (partner.id, partner.slug.to_string(), who.clone());
        // In a task of its own: a caller who goes away does not leave it half done.
        let done = tokio::spawn(async move { turns::approve(room, owner, slug, id, who).await });
        let Ok(done) = done.await else {
            // It must not stand there as running: nobody else would get a turn.
            turns::fail(&self.0, id, partner.id, partner.slug.as_str()).await;
            return Err(CatalogError::State(
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
        who: &Author,
    ) -> Result<Run, CatalogError> {
        self.run(partner, id).await?;
        if !self.0.store.discard_run(id, who).await? {
            return Err(CatalogError::State("Only a held run can be discarded."));
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
