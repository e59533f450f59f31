//! The door: whose request it is, what it says, and that it is kept before anybody answers.
//!
//! Promises: nothing is read before the guard has let it pass, and nothing is answered before it is on disk. Must not
//! apply anything: orders may be busy, and a partner that waits sends again.

use buywire_adapters::callback::{Callback, CallbackRequest, OrderRef};
use buywire_adapters::contract::{self, Adapter};
use buywire_adapters::plain::without_mark;
use buywire_adapters::signing::inbound::{Guard, Passed, Refused};
use buywire_schemas::ids::{CallbackId, PartnerId};
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;

use super::refetch::StoredRequest;
use super::{CallbackError, Callbacks, bounds};
use crate::partners::CallbackSettings;
use crate::signing::seal::SealError;
use crate::store::StoreError;
use crate::store::callbacks::{Kept, NewCallback};
use crate::store::hints::Question;

/// Hints of orders that nobody knows yet which wait for one partner: many times what a pause of its records brings. What
/// names an order by the id that the partner acknowledged it with has a place beyond them.
const HINTS_MAX: i64 = 1_000;
/// A hint names a record; forms that do are far shorter.
const HINT_BYTES_MAX: usize = 64 * 1024;

/// One partner's door.
pub struct Door {
    pub(super) partner: PartnerId,
    pub(super) adapter: &'static dyn Adapter,
    pub(super) settings: Value,
    pub(super) callback: CallbackSettings,
    guard: Guard,
}

/// What is answered.
#[derive(Debug, Clone, Serialize)]
pub struct Receipt {
    /// Its id here.
    pub id: CallbackId,
    /// `received`, `duplicate`, or `unconfirmed` when it came unsigned.
    pub status: &'static str,
}

impl Callbacks {
    /// The door of a partner that sends something back; none for anybody else, be it there or not, nor where the address
    /// lacks the token that stands for a signature.
    ///
    /// # Errors
    /// When its settings cannot be opened, or the database is away.
    pub async fn door(
        &self,
        slug: &Slug,
        token: Option<&str>,
    ) -> Result<Option<Door>, CallbackError> {
        let door = self.door_of(slug).await?;
        Ok(door.filter(|door| door.callback.is_address(door.partner, token)))
    }

    /// The same, from within.
    pub(super) async fn door_of(&self, slug: &Slug) -> Result<Option<Door>, CallbackError> {
        let partner = self.store.partner(slug.as_str()).await?;
        let Some((partner, sealed)) =
            partner.and_then(|mut partner| partner.callback.take().map(|sealed| (partner, sealed)))
        else {
            return Ok(None);
        };
        let callback = CallbackSettings::open(&self.master, partner.id, &sealed)?;
        let guard = callback.guard().map_err(|_| SealError::NotSealed)?;
        let adapter = contract::by_name(&partner.adapter);
        Ok(Some(Door {
            partner: partner.id,
            adapter: adapter.unwrap_or(&buywire_adapters::standard::Standard),
            settings: partner.settings,
            callback,
            guard,
        }))
    }

    /// Take a request that arrived at `now`: when this succeeds, it is on disk. `plain` is its body unpacked.
    ///
    /// A signature covers the bytes as they were sent, or those that were packed: the sender's library may sign before
    /// another one packs. Both are the partner's word; nobody else can sign either.
    ///
    /// # Errors
    /// When it is not the partner's, cannot be read, or cannot be kept.
    pub async fn receive(
        &self,
        door: &Door,
        request: &CallbackRequest<'_>,
        plain: &[u8],
        now: OffsetDateTime,
    ) -> Result<Receipt, CallbackError> {
        let unpacked = CallbackRequest {
            body: plain,
            ..*request
        };
        let passed = match door.guard.judge(request, now) {
            Err(Refused::Signature) if plain != request.body => door.guard.judge(&unpacked, now),
            judged => judged,
        };
        let read = &CallbackRequest {
            body: without_mark(plain),
            ..*request
        };
        if let Passed::NeedsRefetch = passed? {
            return self.keep_hint(door, read).await;
        }
        let callback = door.adapter.callback(read, &door.settings)?;
        let kept = self.keep(door.partner, callback).await?;
        Ok(match kept {
            Kept::New(id) => Receipt {
                id,
                status: "received",
            },
            Kept::Known(id) => Receipt {
                id,
                status: "duplicate",
            },
        })
    }

    /// Keep what is known to be the partner's word.
    pub(super) async fn keep(
        &self,
        partner: PartnerId,
        callback: Callback,
    ) -> Result<Kept, StoreError> {
        let callback = bounds::bounded(callback);
        let content = json(&callback)?;
        let theirs = match &callback.order {
            Some(OrderRef::Theirs(id)) => Some(id.as_str()),
            _ => None,
        };
        let new = NewCallback {
            partner,
            key: &callback.key,
            content: &content,
            theirs,
        };
        let kept = self.store.keep_callback(&new).await?;
        self.kept.notify_one();
        Ok(kept)
    }

    async fn keep_hint(
        &self,
        door: &Door,
        request: &CallbackRequest<'_>,
    ) -> Result<Receipt, CallbackError> {
        if request.body.len() > HINT_BYTES_MAX {
            return Err(CallbackError::TooLarge);
        }
        let question = door.adapter.refetch(request, &door.settings)?;
        let sealed = StoredRequest::of(request).seal(&self.master, door.partner)?;
        let id = self
            .store
            .keep_hint(
                CallbackId::generate(),
                door.partner,
                Question {
                    url: question.url.as_str(),
                    theirs: &question.theirs,
                },
                &sealed,
                HINTS_MAX,
            )
            .await?
            .ok_or(CallbackError::Full)?;
        self.hinted.notify_one();
        Ok(Receipt {
            id,
            status: "unconfirmed",
        })
    }
}

/// Canonical words as they are stored.
pub(super) fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Misuse(error.to_string()))
}
