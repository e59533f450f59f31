//! Confirmation: for an unverified callback the partner's own record is fetched, and believed instead.
//!
//! Promises: an unverified callback only decides which record is fetched; it waits sealed, because it names the
//! buyer, and is deleted when it is confirmed or after a day. Must not log what a callback or a record contains.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use buywire_adapters::contract::callback::{Callback, CallbackRequest};
use buywire_schemas::ids::PartnerId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::Duration;
use url::Url;

use super::record_client::RecordError;
use super::{CallbackError, Callbacks};
use crate::ambient;
use crate::secrets::master_key::{MasterKeys, SealContext, SealError};
use crate::store::callbacks::unverified::UnverifiedCallback;

/// How long a confirmation is tried.
const CONFIRM_DEADLINE: Duration = Duration::days(1);
/// The longest delay between two tries.
const RETRY_DELAY_S_MAX: f64 = 3_600.0;
/// A record may appear a moment after its callback. After this many attempts it is considered missing.
const NOT_FOUND_ATTEMPTS_MAX: i32 = 4;

/// The sealed content of an unverified callback.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredRequest {
    method: String,
    url: Url,
    headers: Vec<(String, String)>,
    body: String,
}

impl StoredRequest {
    pub(super) fn of(request: &CallbackRequest<'_>) -> Self {
        Self {
            method: request.method.to_owned(),
            url: request.url.clone(),
            headers: request.headers.to_vec(),
            body: BASE64.encode(request.body),
        }
    }

    pub(super) fn seal(
        &self,
        master: &MasterKeys,
        partner: PartnerId,
    ) -> Result<Vec<u8>, SealError> {
        let plain = json!(self).to_string();
        master.seal(seal_context(&partner.to_string()), plain.as_bytes())
    }

    fn open(
        master: &MasterKeys,
        unverified: &UnverifiedCallback,
    ) -> Result<(Self, Vec<u8>), SealError> {
        let plain = master.open(
            seal_context(&unverified.partner.to_string()),
            &unverified.request,
        )?;
        let stored: Self = serde_json::from_slice(&plain).map_err(|_| SealError::NotSealed)?;
        let body = BASE64.decode(&stored.body);
        Ok((stored, body.map_err(|_| SealError::NotSealed)?))
    }
}

/// Why a callback was not confirmed.
#[derive(Debug, thiserror::Error)]
enum ConfirmationError {
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Callback(#[from] CallbackError),
}

impl Callbacks {
    /// Fetch the record of an unverified callback and save what it confirms.
    pub(super) async fn confirm(&self, unverified: UnverifiedCallback) {
        let result = match self.fetch_confirmation(&unverified).await {
            Ok(callback) => match self.save(unverified.partner, callback).await {
                Ok(_) => self.store.complete_unverified(&unverified).await,
                Err(error) => Err(error),
            },
            Err(error) => self.retry_or_delete(&unverified, &error).await,
        };
        if let Err(error) = result {
            tracing::warn!(error = %error, callback.id = %unverified.id, "callbacks.confirm: failed, retrying");
        }
    }

    async fn fetch_confirmation(
        &self,
        unverified: &UnverifiedCallback,
    ) -> Result<Callback, ConfirmationError> {
        let endpoint = self.load_endpoint(&unverified.slug).await?;
        let endpoint = endpoint.ok_or(RecordError::Misconfigured(
            "the partner has no callback settings",
        ))?;
        let token = endpoint.callback_settings.access_token();
        let token = token.ok_or(RecordError::Misconfigured("access_token is missing"))?;
        let (stored, body) =
            StoredRequest::open(&self.master, unverified).map_err(CallbackError::from)?;
        let request = CallbackRequest {
            method: &stored.method,
            url: &stored.url,
            headers: &stored.headers,
            body: &body,
        };
        let unreadable = |_| RecordError::NotFound;
        let callbacks = endpoint.callbacks().map_err(unreadable)?;
        let record_request = callbacks.confirmation_request(&request, &endpoint.settings);
        let record_request = record_request.map_err(unreadable)?;
        let record = self.record_client.fetch(&record_request, token).await?;
        let read = callbacks.read_confirmation(&request, &record, &endpoint.settings);
        Ok(read.map_err(unreadable)?)
    }

    async fn retry_or_delete(
        &self,
        unverified: &UnverifiedCallback,
        error: &ConfirmationError,
    ) -> Result<(), crate::db::DatabaseError> {
        let not_found = matches!(error, ConfirmationError::Record(RecordError::NotFound));
        let too_old = ambient::now() - unverified.created_at > CONFIRM_DEADLINE;
        let gives_up = too_old || (not_found && unverified.attempts >= NOT_FOUND_ATTEMPTS_MAX);
        tracing::info!(
            callback.id = %unverified.id, partner = %unverified.slug, error = %error, tries = unverified.attempts, gives_up,
            "callbacks.confirm: not confirmed"
        );
        if gives_up {
            return self.store.delete_unverified(unverified.id).await;
        }
        let delay_s = 2.0_f64
            .powi(unverified.attempts.clamp(0, 12))
            .min(RETRY_DELAY_S_MAX);
        self.store.retry_unverified(unverified.id, delay_s).await
    }
}

fn seal_context(partner: &str) -> SealContext<'_> {
    SealContext {
        table: "unverified_callbacks",
        row: partner,
        column: "request",
    }
}
