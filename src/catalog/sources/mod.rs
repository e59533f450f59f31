//! Feeds that are pulled: who may say from where, and who pulls when.
//!
//! ```text
//!   due ──► claimed ──► fetched ──► a run as any other ──► settled: when it is due again
//! ```
//!
//! Promises: one node pulls a source at a time, and a dead node's pull is done by another; every pull is on record as
//! a run; nothing but a whole document reaches the catalog; a change of a source and its audit commit together.

pub(crate) mod fetch;
pub(crate) mod source;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use buywire_schemas::catalog::issue::Issue;
use buywire_schemas::catalog::report::{ItemCounts, RunStatus};
use buywire_schemas::ids::RunId;
use buywire_schemas::text::Slug;
use serde_json::json;
use time::OffsetDateTime;
use tokio::sync::Notify;
use uuid::Uuid;

use super::{Catalog, CatalogError, FeedSubmission};
use crate::catalog::ingest::settings;
use crate::catalog::runs::execute::event_data;
use crate::catalog::runs::scheduler;
use crate::catalog::runs::unchanged;
use crate::catalog::sources::fetch::{FetchError, FetchRequest, Fetched, FetchedDocument, Fetcher};
use crate::catalog::sources::source::{SourceDocument, SourceDraft};
use crate::db::DatabaseError;
use crate::egress::{SavedBy, TargetUrl};
use crate::jobs::Job;
use crate::secrets::master_key::{MasterKeys, SealError};
use crate::secrets::sealed_url;
use crate::store::Store;
use crate::store::audit::{self, Actor, NewAuditEntry};
use crate::store::catalog::sources::{self, ClaimedSource, PullOutcome, Validators};
use crate::store::catalog::{EndedRun, Pull};
use crate::store::partners::{self, Partner};

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

    async fn pull(&self, source: &ClaimedSource) -> Result<PullOutcome, DatabaseError> {
        let pull = Pull {
            run: RunId::generate(),
            partner: source.partner,
            started_at: OffsetDateTime::now_utc(),
            actor: ACTOR,
        };
        let Some(partner) = self.store().partner(&source.slug).await? else {
            return Ok(schedule::retry_in(source, BUSY_RETRY_SECONDS));
        };
        if let Err(name) = settings::parse(&partner.settings) {
            tracing::info!(partner = %source.slug, setting = name, "catalog: a feed cannot be pulled");
            return self
                .record_failure(source, &pull, "settings_invalid", None, None)
                .await;
        }
        let Ok(slot) = self.catalog.reserve(source.partner) else {
            return Ok(schedule::retry_in(source, BUSY_RETRY_SECONDS));
        };
        let digest = unchanged::settings_digest(&partner.settings, source.format.as_deref());
        let cached = source.cached.as_ref();
        let cached = cached.filter(|(_, validators)| validators.reading_digest == digest);
        let fetched = match self.request(source, cached.map(|(_, validators)| validators)) {
            Ok(request) => self.fetcher.fetch(&request).await,
            Err(error) => Err(error),
        };
        match (fetched, cached) {
            (Ok(Fetched::Document(document)), _) => {
                let validators = Validators {
                    etag: document.etag.clone(),
                    last_modified: document.last_modified.clone(),
                    reading_digest: digest.to_vec(),
                };
                self.submit(source, &pull, &partner, *document, slot, validators)
                    .await
            }
            (Ok(Fetched::NotModified), Some((read, validators))) => {
                self.not_modified(source, &pull, *read, validators).await
            }
            (Ok(Fetched::NotModified), None) => Ok(schedule::retry_in(source, 0.0)),
            (Err(error), _) => {
                tracing::info!(partner = %source.slug, error = %error, "catalog: a feed could not be fetched");
                let (reason, issue) = (error.code.as_str(), Some(error.issue()));
                self.record_failure(source, &pull, reason, issue, error.retry_after)
                    .await
            }
        }
    }

    fn request(
        &self,
        source: &ClaimedSource,
        validators: Option<&Validators>,
    ) -> Result<FetchRequest, FetchError> {
        use buywire_schemas::catalog::issue::Code::FetchFailed;
        let host = crate::store::partners::endpoints::host(&source.url).unwrap_or_default();
        let saved_by = match source.url_saved_by.as_str() {
            "operator" => SavedBy::Operator,
            _ => SavedBy::Partner,
        };
        // The ranges may have become narrower since it was saved.
        let unopened = |error: SealError| {
            tracing::error!(partner = %source.slug, error = %error, "catalog: a source's secrets cannot be opened");
            FetchError::new(
                &host,
                FetchFailed,
                "its secrets cannot be opened here: save the source again",
            )
        };
        let (partner, sealed) = (source.partner.to_string(), source.sealed_url.as_deref());
        let url = sealed_url::open(&self.master, "feed_sources", &partner, &source.url, sealed);
        let url = TargetUrl::parse(&url.map_err(unopened)?, saved_by, self.fetcher.policy())
            .map_err(|refusal| FetchError::new(&host, FetchFailed, refusal.to_string()))?;
        let headers = source::open_headers(&self.master, source.partner, source.headers.as_deref());
        let headers = headers.map_err(unopened)?;
        Ok(FetchRequest {
            url,
            saved_by,
            headers,
            etag: validators.and_then(|validators| validators.etag.clone()),
            last_modified: validators.and_then(|validators| validators.last_modified.clone()),
            disk: Arc::clone(&self.catalog.0.disk),
            partner: source.partner,
        })
    }

    async fn submit(
        &self,
        source: &ClaimedSource,
        pull: &Pull,
        partner: &Partner,
        document: FetchedDocument,
        slot: super::RunSlot,
        validators: Validators,
    ) -> Result<PullOutcome, DatabaseError> {
        let submission = FeedSubmission {
            spooled: document.spooled,
            hints: document.hints,
            format: source.format.clone(),
            mode: source.mode,
            dry_run: false,
            actor: ACTOR.to_owned(),
        };
        let submitted = match self.catalog.submit(partner, submission, slot).await {
            Ok(submitted) => submitted,
            Err(CatalogError::Store(error)) => return Err(error),
            Err(_) => {
                return self
                    .record_failure(source, pull, "internal", None, None)
                    .await;
            }
        };
        let run = match submitted.completion.await {
            Ok(run) => Some(run),
            Err(_) => self.store().run(submitted.id, source.partner).await?,
        };
        let status = run.map(|run| run.report.status);
        let failures = match status {
            None | Some(RunStatus::Failed) => source.failures.saturating_add(1),
            Some(_) => 0,
        };
        Ok(PullOutcome {
            run: Some(submitted.id),
            validators: Some(validators),
            failures,
            next_s: schedule::next_s(source.every_minutes, failures, None, rand::random()),
        })
    }

    async fn not_modified(
        &self,
        source: &ClaimedSource,
        pull: &Pull,
        last_run: RunId,
        validators: &Validators,
    ) -> Result<PullOutcome, DatabaseError> {
        let data = |items: &ItemCounts| {
            let reason = Some("not_modified");
            event_data(&source.slug, pull.run, RunStatus::Applied, reason, items)
        };
        let Some(ended_run) = self
            .store()
            .add_unmodified_run(pull, last_run, data)
            .await?
        else {
            // Another feed was applied in the meantime: what is known is not what is live.
            return Ok(schedule::retry_in(source, 0.0));
        };
        self.notify_due(&ended_run);
        Ok(PullOutcome {
            run: Some(pull.run),
            validators: Some(validators.clone()),
            failures: 0,
            next_s: schedule::next_s(source.every_minutes, 0, None, rand::random()),
        })
    }

    /// A pull that came to nothing.
    async fn record_failure(
        &self,
        source: &ClaimedSource,
        pull: &Pull,
        reason: &str,
        issue: Option<Issue>,
        retry_after: Option<Duration>,
    ) -> Result<PullOutcome, DatabaseError> {
        let data = event_data(
            &source.slug,
            pull.run,
            RunStatus::Failed,
            Some(reason),
            &ItemCounts::default(),
        );
        let store = self.store();
        let ended_run = store
            .add_failed_run(pull, source.mode, reason, issue, &data)
            .await?;
        self.notify_due(&ended_run);
        let failures = source.failures.saturating_add(1);
        Ok(PullOutcome {
            run: Some(pull.run),
            validators: None,
            failures,
            next_s: schedule::next_s(source.every_minutes, failures, retry_after, rand::random()),
        })
    }

    fn notify_due(&self, ended_run: &EndedRun) {
        scheduler::notify_due(&self.catalog.0, &ended_run.1);
    }

    fn store(&self) -> &Store {
        &self.catalog.0.store
    }
}
