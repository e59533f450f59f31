//! Feeds that are pulled: who may say from where, and who pulls when.
//!
//! ```text
//!   due ──► claimed ──► fetched ──► a run as any other ──► settled: when it is due again
//! ```
//!
//! Promises: one node pulls a source at a time, and a dead node's pull is done by another; every pull is on record as
//! a run; nothing but a whole document reaches the catalog; a change of a source and its audit commit together.

pub(crate) mod fetch;
mod pull;
pub(crate) mod source;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use buywire_schemas::text::Slug;
use serde_json::json;
use tokio::sync::Notify;
use uuid::Uuid;

use super::service::{Catalog, CatalogError};
use crate::catalog::sources::fetch::Fetcher;
use crate::catalog::sources::source::{SourceDocument, SourceDraft};
use crate::db::DatabaseError;
use crate::egress::SavedBy;
use crate::jobs::Job;
use crate::secrets::master_key::MasterKeys;
use crate::store::audit::{self, Actor, NewAuditEntry};
use crate::store::catalog::sources::{self};
use crate::store::partners::{self};

mod schedule;

/// Pulls at once on a node: each may hold a document of its own on the disk.
const CONCURRENT_PULLS_MAX: usize = 4;
/// How often what other nodes saved is looked for, and what is due by its time.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// How long a pull outlives the last sign of its process.
const LEASE_SECONDS: f64 = 30.0;
/// How often a pull gives a sign, and hears that it is not wanted any more.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(5);
/// Where too many runs wait, a pull waits too.
const BUSY_RETRY_SECONDS: f64 = 60.0;
/// Who brings what is pulled.
const ACTOR: &str = "source";

/// The front for sources. Clones share it.
#[derive(Clone)]
pub struct Sources {
    catalog: Catalog,
    master: Arc<MasterKeys>,
    fetcher: Fetcher,
    /// Something is due: nobody need wait for the next look.
    due: Arc<Notify>,
    /// What this process is pulling.
    claims: Arc<Mutex<BTreeSet<Uuid>>>,
}

impl Sources {
    /// Open it.
    #[must_use]
    pub fn open(catalog: Catalog, master: Arc<MasterKeys>, fetcher: Fetcher) -> Self {
        Self {
            catalog,
            master,
            fetcher,
            due: Arc::default(),
            claims: Arc::default(),
        }
    }

    /// Says where a partner's feed is; what was said before is forgotten. The first pull is due at once.
    ///
    /// # Errors
    /// The body breaks the contract, or there is no such partner.
    pub async fn save(
        &self,
        slug: &Slug,
        body: &[u8],
        actor: &Actor,
        saved_by: SavedBy,
    ) -> Result<SourceDocument, CatalogError> {
        let draft = SourceDraft::parse(body, saved_by, self.fetcher.policy())?;
        let details = draft.audit_details();
        let mut conn = self.store().general().await?;
        let tx = conn.begin().await?;
        let partner = partners::lock(&tx, slug.as_str()).await?;
        let partner = partner.ok_or(CatalogError::NotFound)?;
        sources::save(&tx, partner.id, &draft.seal(&self.master, partner.id)?).await?;
        let (action, subject) = ("feed_source.save", slug.as_str());
        let change = NewAuditEntry {
            actor,
            action,
            subject,
            details,
        };
        audit::record(&tx, change).await?;
        tx.commit().await?;
        self.due.notify_waiters();
        self.source(slug).await
    }

    /// Where a partner's feed is pulled from.
    ///
    /// # Errors
    /// There is no such partner, or its feed is not pulled.
    pub async fn source(&self, slug: &Slug) -> Result<SourceDocument, CatalogError> {
        let source = self.store().source(slug.as_str()).await?;
        Ok(source.ok_or(CatalogError::NotFound)?.into())
    }

    /// Pulls a partner's feed no more.
    ///
    /// # Errors
    /// As [`Sources::source`].
    pub async fn delete(&self, slug: &Slug, actor: &Actor) -> Result<(), CatalogError> {
        let mut conn = self.store().general().await?;
        let tx = conn.begin().await?;
        let partner = partners::lock(&tx, slug.as_str()).await?;
        let partner = partner.ok_or(CatalogError::NotFound)?;
        let url = sources::delete(&tx, partner.id).await?;
        let url = url.ok_or(CatalogError::NotFound)?;
        let details = json!({"host": crate::store::partners::endpoints::host(&url)});
        let (action, subject) = ("feed_source.delete", slug.as_str());
        let change = NewAuditEntry {
            actor,
            action,
            subject,
            details,
        };
        audit::record(&tx, change).await?;
        Ok(tx.commit().await?)
    }

    /// Makes a pull due now. One that is under way is the one that is asked for.
    ///
    /// # Errors
    /// As [`Sources::source`].
    pub async fn pull_now(&self, slug: &Slug) -> Result<SourceDocument, CatalogError> {
        if !self.store().make_source_due(slug.as_str()).await? {
            return Err(CatalogError::NotFound);
        }
        self.due.notify_waiters();
        self.source(slug).await
    }

    /// Pull what is due, one source each.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = Job> {
        (0..CONCURRENT_PULLS_MAX).map(|_| {
            let sources = self.clone();
            let pull = move || {
                let sources = sources.clone();
                async move { sources.pull_one().await }
            };
            Job::new("catalog.pull", POLL_INTERVAL, pull).woken_by(Arc::clone(&self.due))
        })
    }

    /// Pulls one source, if one is due. A pull that could not be recorded is due again when its lease is over.
    async fn pull_one(&self) -> Result<bool, DatabaseError> {
        let claim = Uuid::now_v7();
        let Some(source) = self.store().claim_source(claim, LEASE_SECONDS).await? else {
            return Ok(false);
        };
        self.claims().insert(claim);
        let pulled = tokio::select! {
            settled = self.pull(&source) => match settled {
                Ok(settled) => self.store().finish_pull(claim, &settled).await,
                Err(error) => Err(error),
            },
            () = self.claim_lost(claim) => {
                tracing::info!(partner = %source.slug, "catalog: a pull is not wanted any more");
                Ok(())
            }
        };
        self.claims().remove(&claim);
        pulled.map(|()| true)
    }

    /// Before this process ends, and after [`Self::jobs`] have: what it was pulling is due at once, for any node. Where the
    /// database does not take it, the pulls are due when their lease is over.
    pub async fn release_claims(&self) -> Result<(), DatabaseError> {
        let claims: Vec<_> = self.claims().iter().copied().collect();
        match claims.is_empty() {
            true => Ok(()),
            false => self.store().release_sources(&claims).await,
        }
    }

    fn claims(&self) -> MutexGuard<'_, BTreeSet<Uuid>> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when the claim is somebody else's, or its source was changed or deleted.
    async fn claim_lost(&self, claim: Uuid) {
        loop {
            tokio::time::sleep(HEARTBEAT_INTERVAL).await;
            if let Ok(false) = self.store().renew_source_claim(claim, LEASE_SECONDS).await {
                return;
            }
        }
    }
}
