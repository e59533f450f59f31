//! Receive: verifies a callback, reads it, and saves it before it is answered.
//!
//! Promises: nothing is read before its signature is verified, and nothing is answered before it is on disk. Must not
//! apply a callback: the order may be locked, and a partner that waits too long sends again.

use buywire_adapters::contract::Adapter;
use buywire_adapters::contract::callback::{
    Callback, CallbackReadError, CallbackRequest, Callbacks as AdapterCallbacks, OrderRef,
};
use buywire_adapters::dialects;
use buywire_adapters::signing::inbound::{CallbackVerifier, SignatureError, VerifiedCallback};
use buywire_adapters::toolkit::decode::without_bom;
use buywire_schemas::ids::{CallbackId, PartnerId};
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;

use super::confirmation::StoredRequest;
use super::{CallbackError, Callbacks, sanitize};
use crate::db::DatabaseError;
use crate::partners::CallbackSettings;
use crate::secrets::master_key::SealError;
use crate::store::callbacks::unverified::RecordRef;
use crate::store::callbacks::{NewCallback, SavedCallback};

/// Unverified callbacks of one partner that may wait for unknown orders: far more than gather while its records are
/// unavailable. Callbacks for acknowledged orders do not count.
const UNVERIFIED_MAX: i64 = 1_000;
/// An unverified callback names a record. Real ones are far shorter.
const UNVERIFIED_BYTES_MAX: usize = 64 * 1024;

/// The URL that receives one partner's callbacks, with its settings.
pub(crate) struct CallbackEndpoint {
    pub(super) partner: PartnerId,
    pub(super) adapter: &'static dyn Adapter,
    pub(super) settings: Value,
    pub(super) callback_settings: CallbackSettings,
    verifier: CallbackVerifier,
}

impl CallbackEndpoint {
    /// How the partner's dialect reads callbacks.
    pub(super) fn callbacks(&self) -> Result<&dyn AdapterCallbacks, CallbackReadError> {
        self.adapter
            .callbacks()
            .ok_or(CallbackReadError::Unsupported)
    }
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct CallbackReceipt {
    pub id: CallbackId,
    /// `received`, `duplicate`, or `unconfirmed` when it came unsigned.
    pub status: &'static str,
}

impl Callbacks {
    /// The callback endpoint of a partner. `None` if there is no such partner, if it has no callback settings, or if the
    /// URL lacks the token that replaces a signature.
    ///
    /// # Errors
    /// Its settings cannot be opened, or the database is away.
    pub(crate) async fn endpoint(
        &self,
        slug: &Slug,
        token: Option<&str>,
    ) -> Result<Option<CallbackEndpoint>, CallbackError> {
        let endpoint = self.load_endpoint(slug).await?;
        Ok(endpoint.filter(|endpoint| {
            endpoint
                .callback_settings
                .matches_address(endpoint.partner, token)
        }))
    }

    /// As [`Self::endpoint`], without the URL's token.
    pub(super) async fn load_endpoint(
        &self,
        slug: &Slug,
    ) -> Result<Option<CallbackEndpoint>, CallbackError> {
        let partner = self.store.partner(slug.as_str()).await?;
        let Some((partner, sealed)) =
            partner.and_then(|mut partner| partner.callback.take().map(|sealed| (partner, sealed)))
        else {
            return Ok(None);
        };
        let callback_settings = CallbackSettings::open(&self.master, partner.id, &sealed)?;
        let verifier = callback_settings
            .verifier()
            .map_err(|_| SealError::NotSealed)?;
        let adapter = dialects::by_name(&partner.adapter);
        Ok(Some(CallbackEndpoint {
            partner: partner.id,
            adapter: adapter.unwrap_or(&buywire_adapters::dialects::standard::Standard),
            settings: partner.settings,
            callback_settings,
            verifier,
        }))
    }

    /// Receive a request that arrived at `now`. When this succeeds, it is on disk. `plain` is its decompressed body.
    ///
    /// A signature may cover the bytes as sent, or the decompressed ones, because the sender may sign before it
    /// compresses. Both prove the sender: no one else can sign either.
    ///
    /// # Errors
    /// It is not from the partner, cannot be read, or cannot be saved.
    pub(crate) async fn receive(
        &self,
        endpoint: &CallbackEndpoint,
        request: &CallbackRequest<'_>,
        plain: &[u8],
        now: OffsetDateTime,
    ) -> Result<CallbackReceipt, CallbackError> {
        let unpacked = CallbackRequest {
            body: plain,
            ..*request
        };
        let outcome = match endpoint.verifier.verify(request, now) {
            Err(SignatureError::Signature) if plain != request.body => {
                endpoint.verifier.verify(&unpacked, now)
            }
            other => other,
        };
        let read = &CallbackRequest {
            body: without_bom(plain),
            ..*request
        };
        if let VerifiedCallback::NeedsConfirmation = outcome? {
            return self.save_unverified(endpoint, read).await;
        }
        let callback = endpoint.callbacks()?.read(read, &endpoint.settings)?;
        let saved = self.save(endpoint.partner, callback).await?;
        Ok(match saved {
            SavedCallback::New(id) => CallbackReceipt {
                id,
                status: "received",
            },
            SavedCallback::Duplicate(id) => CallbackReceipt {
                id,
                status: "duplicate",
            },
        })
    }

    /// Save a verified callback.
    pub(super) async fn save(
        &self,
        partner: PartnerId,
        callback: Callback,
    ) -> Result<SavedCallback, DatabaseError> {
        let callback = sanitize::sanitize_callback(callback);
        let content = to_json(&callback)?;
        let partner_order_id = match &callback.order {
            Some(OrderRef::Partner(id)) => Some(id.as_str()),
            _ => None,
        };
        let new = NewCallback {
            partner,
            key: &callback.key,
            content: &content,
            partner_order_id,
        };
        let saved = self.store.save_callback(&new).await?;
        self.callback_saved.notify_one();
        Ok(saved)
    }

    async fn save_unverified(
        &self,
        endpoint: &CallbackEndpoint,
        request: &CallbackRequest<'_>,
    ) -> Result<CallbackReceipt, CallbackError> {
        if request.body.len() > UNVERIFIED_BYTES_MAX {
            return Err(CallbackError::TooLarge);
        }
        let record_request = endpoint
            .callbacks()?
            .confirmation_request(request, &endpoint.settings)?;
        let sealed = StoredRequest::of(request).seal(&self.master, endpoint.partner)?;
        let id = self
            .store
            .save_unverified(
                CallbackId::generate(),
                endpoint.partner,
                RecordRef {
                    url: record_request.url.as_str(),
                    partner_order_id: &record_request.partner_order_id,
                },
                &sealed,
                UNVERIFIED_MAX,
            )
            .await?
            .ok_or(CallbackError::Full)?;
        self.unverified_saved.notify_one();
        Ok(CallbackReceipt {
            id,
            status: "unconfirmed",
        })
    }
}

/// The stored form of a value.
pub(super) fn to_json(value: &impl Serialize) -> Result<String, DatabaseError> {
    serde_json::to_string(value).map_err(|error| DatabaseError::Misuse(error.to_string()))
}
