//! Feed sources: stores where partners' feeds are and pulls them on schedule.
//!
//! ```text
//!   due ──► claimed ──► fetched ──► a run like any other ──► settled: when it is due again
//! ```
//!
//! Promises: one node at a time pulls a source, and another node takes over a dead node's pull; every pull is recorded
//! as a run; only a complete document reaches the catalog; a change of a source and its audit entry commit together.

pub(crate) mod fetch;
pub(crate) mod files;
mod pull;
mod pull_file;
pub(crate) mod source;
mod source_url;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use buywire_schemas::text::Slug;
use serde_json::json;
use tokio::sync::Notify;
use uuid::Uuid;

use super::service::{Catalog, CatalogError};
use crate::ambient;
use crate::catalog::sources::fetch::Fetcher;
use crate::catalog::sources::files::FileFetcher;
use crate::catalog::sources::source::{SourceDocument, SourceDraft};
use crate::db::DatabaseError;
use crate::egress::SavedBy;
use crate::jobs::Job;
use crate::secrets::master_key::MasterKeys;
use crate::store::audit::{self, Actor, NewAuditEntry};
use crate::store::catalog::sources::{self};
use crate::store::partners::{self};

mod schedule;

/// Concurrent pulls on a node: each may spool a document.
const CONCURRENT_PULLS_MAX: usize = 4;
/// How often what other nodes saved is looked for, and what is due by its time.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// How long a pull outlives the last sign of its process.
const LEASE_SECONDS: f64 = 30.0;
/// How often a pull renews its claim, and notices that the claim is lost.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(5);
/// Delay before the next pull when the run queue is full.
const BUSY_RETRY_SECONDS: f64 = 60.0;
/// The actor of pulled runs.
const ACTOR: &str = "source";

/// The entry point for feed sources. Clones share their state.
#[derive(Clone)]
pub(crate) struct Sources {
    catalog: Catalog,
    master: Arc<MasterKeys>,
    fetcher: Fetcher,
    files: FileFetcher,
    /// Notified when a source becomes due, so that pullers need not wait for the next poll.
    due: Arc<Notify>,
    /// The claims of this process's pulls.
    claims: Arc<Mutex<BTreeSet<Uuid>>>,
}

impl Sources {
    #[must_use]
    pub(crate) fn open(
        catalog: Catalog,
        master: Arc<MasterKeys>,
        fetcher: Fetcher,
        files: FileFetcher,
    ) -> Self {
        Self {
            catalog,
            master,
            fetcher,
            files,
            due: Arc::default(),
            claims: Arc::default(),
        }
    }

    /// Saves a partner's source and replaces the previous one. The first pull is due at once.
    ///
    /// # Errors
    /// When the body violates the contract, or the partner does not exist.
    pub(crate) async fn save(
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

    /// Returns a partner's source.
    ///
    /// # Errors
    /// When the partner does not exist or has no source.
    pub(crate) async fn source(&self, slug: &Slug) -> Result<SourceDocument, CatalogError> {
        let source = self.store().source(slug.as_str()).await?;
        Ok(source.ok_or(CatalogError::NotFound)?.into())
    }

    /// Deletes a partner's source.
    ///
    /// # Errors
    /// The same as [`Sources::source`].
    pub(crate) async fn delete(&self, slug: &Slug, actor: &Actor) -> Result<(), CatalogError> {
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

    /// Makes a pull due now. A pull that is already running counts as the requested one.
    ///
    /// # Errors
    /// The same as [`Sources::source`].
    pub(crate) async fn pull_now(&self, slug: &Slug) -> Result<SourceDocument, CatalogError> {
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

    /// Pulls one source, if one is due. A pull that could not be recorded is due again when its lease expires.
    async fn pull_one(&self) -> Result<bool, DatabaseError> {
        let claim = ambient::new_uuid();
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
                tracing::info!(partner = %source.slug, "catalog.pull: claim lost, the pull was abandoned");
                Ok(())
            }
        };
        self.claims().remove(&claim);
        pulled.map(|()| true)
    }

    /// Releases this process's claims before it stops and after `jobs` have ended: the pulls are due at once, for
    /// any node.
    ///
    /// # Errors
    /// When the database fails; the pulls are then due when their lease expires.
    pub(crate) async fn release_claims(&self) -> Result<(), DatabaseError> {
        let claims: Vec<_> = self.claims().iter().copied().collect();
        match claims.is_empty() {
            true => Ok(()),
            false => self.store().release_sources(&claims).await,
        }
    }

    fn claims(&self) -> MutexGuard<'_, BTreeSet<Uuid>> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when another node has the claim, or the source was changed or deleted.
    async fn claim_lost(&self, claim: Uuid) {
        loop {
            tokio::time::sleep(HEARTBEAT_INTERVAL).await;
            if let Ok(false) = self.store().renew_source_claim(claim, LEASE_SECONDS).await {
                return;
            }
        }
    }
}
