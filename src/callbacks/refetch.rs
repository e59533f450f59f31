//! An unsigned hint: the partner's own record is asked, and believed instead.
//!
//! Promises: nothing of a hint is believed but which record to ask for; a hint waits sealed, because it names the
//! buyer, and goes when it is answered or after a day. Must not tell a log what a hint or a record says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use buywire_adapters::callback::{Callback, CallbackRequest};
use buywire_schemas::ids::PartnerId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::{Duration, OffsetDateTime};
use url::Url;

use super::records::NoRecord;
use super::{CallbackError, Callbacks};
use crate::signing::seal::{MasterKeys, Place, SealError};
use crate::store::hints::Hint;

/// How long an answer is sought.
const ASKED_FOR: Duration = Duration::days(1);
/// At least this often meanwhile.
const WAIT_S_MAX: f64 = 3_600.0;
/// A record may be a moment behind its own hint; what is not there after so many questions is not there.
const UNKNOWN_MAX: i32 = 4;

/// A request as it waits.
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
        master.seal(place(&partner.to_string()), plain.as_bytes())
    }

    fn open(master: &MasterKeys, hint: &Hint) -> Result<(Self, Vec<u8>), SealError> {
        let plain = master.open(place(&hint.partner.to_string()), &hint.request)?;
        let stored: Self = serde_json::from_slice(&plain).map_err(|_| SealError::NotSealed)?;
        let body = BASE64.decode(&stored.body);
        Ok((stored, body.map_err(|_| SealError::NotSealed)?))
    }
}

/// Why a hint was not confirmed.
#[derive(Debug, thiserror::Error)]
enum Unconfirmed {
    #[error(transparent)]
    NoRecord(#[from] NoRecord),
    #[error(transparent)]
    Callback(#[from] CallbackError),
}

impl Callbacks {
    /// Ask about a hint, and keep the answer.
    pub(super) async fn ask(&self, hint: Hint) {
        let done = match self.confirmed(&hint).await {
            Ok(callback) => match self.keep(hint.partner, callback).await {
                Ok(_) => self.store.hint_answered(&hint).await,
                Err(error) => Err(error),
            },
            Err(error) => self.unconfirmed(&hint, &error).await,
        };
        if let Err(error) = done {
            tracing::warn!(error = %error, callback.id = %hint.id, "callbacks.refetch: not done, trying again");
        }
    }

    async fn confirmed(&self, hint: &Hint) -> Result<Callback, Unconfirmed> {
        let door = self.door_of(&hint.slug).await?;
        let door = door.ok_or(NoRecord::Unaskable("the partner takes no callbacks"))?;
        let token = door.callback.access_token();
        let token = token.ok_or(NoRecord::Unaskable("access_token is missing"))?;
        let (stored, body) =
            StoredRequest::open(&self.master, hint).map_err(CallbackError::from)?;
        let request = CallbackRequest {
            method: &stored.method,
            url: &stored.url,
            headers: &stored.headers,
            body: &body,
        };
        let unreadable = |_| NoRecord::Unknown;
        let question = door.adapter.refetch(&request, &door.settings);
        let question = question.map_err(unreadable)?;
        let record = self.records.ask(&question, token).await?;
        let read = door.adapter.refetched(&request, &record, &door.settings);
        Ok(read.map_err(unreadable)?)
    }

    async fn unconfirmed(
        &self,
        hint: &Hint,
        error: &Unconfirmed,
    ) -> Result<(), crate::store::StoreError> {
        let unknown = matches!(error, Unconfirmed::NoRecord(NoRecord::Unknown));
        let too_old = OffsetDateTime::now_utc() - hint.created_at > ASKED_FOR;
        let gives_up = too_old || (unknown && hint.tries >= UNKNOWN_MAX);
        tracing::info!(
            callback.id = %hint.id, partner = %hint.slug, error = %error, tries = hint.tries, gives_up,
            "callbacks.refetch: not confirmed"
        );
        if gives_up {
            return self.store.drop_hint(hint.id).await;
        }
        let after_s = 2.0_f64.powi(hint.tries.clamp(0, 12)).min(WAIT_S_MAX);
        self.store.ask_again(hint.id, after_s).await
    }
}

fn place(partner: &str) -> Place<'_> {
    Place {
        table: "callback_hints",
        row: partner,
        column: "request",
    }
}
