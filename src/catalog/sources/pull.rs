//! One pull of a due source: fetches the feed and submits it, or records why not.

use std::sync::Arc;
use std::time::Duration;

use buywire_schemas::catalog::issue::Issue;
use buywire_schemas::catalog::report::{ItemCounts, RunStatus};
use buywire_schemas::ids::RunId;

use crate::ambient;
use crate::catalog::ingest::settings;
use crate::catalog::runs::job::{FeedSubmission, event_data};
use crate::catalog::runs::unchanged;
use crate::catalog::service::CatalogError;
use crate::catalog::sources::fetch::{FetchError, FetchRequest, Fetched, FetchedDocument};
use crate::db::DatabaseError;
use crate::egress::{FileProtocol, SavedBy, TargetUrl};
use crate::secrets::master_key::SealError;
use crate::secrets::sealed_url;
use crate::store::Store;
use crate::store::catalog::sources::{ClaimedSource, PullOutcome, Validators};
use crate::store::catalog::{EndedRun, Pull};
use crate::store::partners::Partner;

use super::{ACTOR, BUSY_RETRY_SECONDS, Sources, schedule, source};

impl Sources {
    pub(super) async fn pull(&self, source: &ClaimedSource) -> Result<PullOutcome, DatabaseError> {
        let pull = Pull {
            run: RunId::generate(),
            partner: source.partner,
            started_at: ambient::now(),
            actor: ACTOR,
        };
        let Some(partner) = self.store().partner(&source.slug).await? else {
            return Ok(schedule::retry_in(source, BUSY_RETRY_SECONDS));
        };
        if let Err(name) = settings::parse(&partner.settings) {
            tracing::info!(partner = %source.slug, setting = name, "catalog.pull: failed, a partner setting is invalid");
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
        let fetched = self
            .fetch(source, cached.map(|(_, validators)| validators))
            .await;
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
                tracing::info!(partner = %source.slug, error = %error, "catalog.pull: fetch failed");
                let (reason, issue) = (error.code.as_str(), Some(error.issue()));
                self.record_failure(source, &pull, reason, issue, error.retry_after)
                    .await
            }
        }
    }

    async fn fetch(
        &self,
        source: &ClaimedSource,
        validators: Option<&Validators>,
    ) -> Result<Fetched, FetchError> {
        if FileProtocol::of(&source.url).is_some() {
            let request = self.file_request(source, validators)?;
            return self.files.fetch(&request).await;
        }
        let request = self.request(source, validators)?;
        self.fetcher.fetch(&request).await
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
        // Check the URL again below: the opened ranges may have shrunk since the source was saved.
        let unopened = |error: SealError| {
            tracing::error!(partner = %source.slug, error = %error, "catalog.pull: the source's secrets cannot be unsealed");
            FetchError::new(
                &host,
                FetchFailed,
                "the source's secrets cannot be unsealed: save the source again",
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
        slot: crate::catalog::service::RunSlot,
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
            next_s: schedule::next_s(source.every_minutes, failures, None, ambient::random()),
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
            // Another feed was applied meanwhile: the cached document is not the live catalog.
            return Ok(schedule::retry_in(source, 0.0));
        };
        self.notify_due(&ended_run);
        Ok(PullOutcome {
            run: Some(pull.run),
            validators: Some(validators.clone()),
            failures: 0,
            next_s: schedule::next_s(source.every_minutes, 0, None, ambient::random()),
        })
    }

    /// Records a failed pull.
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
            next_s: schedule::next_s(
                source.every_minutes,
                failures,
                retry_after,
                ambient::random(),
            ),
        })
    }

    pub(super) fn notify_due(&self, ended_run: &EndedRun) {
        self.catalog.0.notifier.notify_due(&ended_run.1);
    }

    pub(super) fn store(&self) -> &Store {
        &self.catalog.0.store
    }
}
