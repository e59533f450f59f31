//! API keys: issued, listed, changed, revoked.
//!
//! Promises: a key is shown only in the response that issues it; a partner's key issues none that may do more or lasts
//! longer or is less limited than itself, and none after it was revoked.

use buywire_schemas::ids::{KeyId, PartnerId};
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::key_request::{KeyRequest, parse_change};
use super::{PartnerError, Partners, Principal};
use crate::db::Tx;
use crate::idempotency::AnswerSlot;
use crate::secrets::api_key::ApiKey;
use crate::store::partners;
use crate::store::partners::api_keys::{self, KeyBounds, KeyEntry, KeyLimits, NewKey};

/// Keys of one partner that work. One for each of its systems is usual; each has a request limit of its own.
const KEYS_MAX: i64 = 50;

#[derive(Serialize)]
pub(crate) struct IssuedKey {
    #[serde(flatten)]
    pub(crate) entry: KeyEntry,
    /// The key itself, shown only here.
    pub(crate) key: String,
}

impl Partners {
    /// Issue a key for the platform, for agents or for operators.
    pub(crate) async fn issue_key(
        &self,
        principal: Principal<'_>,
        body: &[u8],
        now: OffsetDateTime,
        slot: &AnswerSlot,
    ) -> Result<IssuedKey, PartnerError> {
        let request = KeyRequest::with_role(body, now)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        issue(tx, principal, request, None, slot).await
    }

    /// Issue a key for a partner.
    pub(crate) async fn issue_partner_key(
        &self,
        principal: Principal<'_>,
        slug: &Slug,
        body: &[u8],
        now: OffsetDateTime,
        slot: &AnswerSlot,
    ) -> Result<IssuedKey, PartnerError> {
        let mut request = KeyRequest::of_partner(body, now)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let partner = partners::lock(&tx, slug.as_str())
            .await?
            .ok_or(PartnerError::NotFound)?;
        if let Some(bounds) = lock_issuer(&tx, principal).await? {
            if request.limits != KeyLimits::default() {
                return Err(PartnerError::OperatorsOnly(
                    "Only operators set the limits of a key. Leave `requests_per_second` and `burst` out.",
                ));
            }
            request.limit_to(&bounds)?;
        }
        if api_keys::count_valid(&tx, partner.id).await? >= KEYS_MAX {
            return Err(PartnerError::Full(
                "A partner has at most 50 keys. Revoke one that is no longer used.",
            ));
        }
        issue(tx, principal, request, Some((partner.id, slug)), slot).await
    }

    /// A page of keys: all of them, or one partner's.
    pub async fn keys(
        &self,
        partner: Option<&Slug>,
        after: Option<KeyId>,
        limit: i64,
    ) -> Result<Vec<KeyEntry>, PartnerError> {
        if let Some(slug) = partner {
            self.must_exist(slug).await?;
        }
        let slug = partner.map(Slug::as_str);
        Ok(self.store.keys(slug, after, limit).await?)
    }

    /// Change when a key expires, and its limits.
    pub async fn change_key(
        &self,
        principal: Principal<'_>,
        id: KeyId,
        body: &[u8],
        now: OffsetDateTime,
    ) -> Result<KeyEntry, PartnerError> {
        let change = parse_change(body, now)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let entry = api_keys::change(&tx, id, &change)
            .await?
            .ok_or(PartnerError::NotFound)?;
        let details = json!({
            "label": entry.label, "limits": entry.limits,
            "expires_at": entry.expires_at.and_then(|at| at.format(&Rfc3339).ok()),
        });
        principal.record(&tx, "key.update", id, details).await?;
        tx.commit().await?;
        Ok(entry)
    }

    /// Revoke a key: any key, or only one of this partner. Revoking it again changes nothing.
    pub async fn revoke_key(
        &self,
        principal: Principal<'_>,
        partner: Option<&Slug>,
        id: KeyId,
    ) -> Result<(), PartnerError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let label = api_keys::revoke(&tx, id, partner.map(Slug::as_str))
            .await?
            .ok_or(PartnerError::NotFound)?;
        let details = json!({"label": label});
        principal.record(&tx, "key.revoke", id, details).await?;
        Ok(tx.commit().await?)
    }
}

impl KeyRequest {
    /// Keep it within the key that issues it.
    fn limit_to(&mut self, bounds: &KeyBounds) -> Result<(), BodyError> {
        match (self.expires_at, bounds.expires_at) {
            (Some(requested), Some(latest)) if requested > latest => {
                let detail = "must not be later than the expiry of the key that issues it";
                let flaw = Violation::new("expires_later", detail);
                Err(BodyError::single("/expires_at", flaw))
            }
            (requested, latest) => {
                self.expires_at = requested.or(latest);
                self.limits = bounds.limits;
                Ok(())
            }
        }
    }
}

/// What a partner's key may pass on. `None`: an operator issues what is requested.
async fn lock_issuer(
    tx: &Tx<'_>,
    principal: Principal<'_>,
) -> Result<Option<KeyBounds>, PartnerError> {
    if principal.is_operator {
        return Ok(None);
    }
    // Keys of partners are in the database. Callers are cached for a moment: this one may have ended meanwhile.
    let id = principal.actor.key.ok_or(PartnerError::KeyEnded)?;
    let bounds = api_keys::lock_valid(tx, id).await?;
    bounds.map(Some).ok_or(PartnerError::KeyEnded)
}

async fn issue(
    tx: Tx<'_>,
    principal: Principal<'_>,
    request: KeyRequest,
    partner: Option<(PartnerId, &Slug)>,
    slot: &AnswerSlot,
) -> Result<IssuedKey, PartnerError> {
    let key = ApiKey::generate();
    let new = NewKey {
        id: KeyId::generate(),
        hash: &key.hash(),
        role: request.role,
        partner,
        label: &request.label,
        expires_at: request.expires_at,
        limits: request.limits,
    };
    let entry = api_keys::add(&tx, &new).await?;
    let details = json!({
        "role": entry.role, "partner": entry.partner, "label": entry.label,
        "expires_at": entry.expires_at.and_then(|at| at.format(&Rfc3339).ok()), "limits": entry.limits,
    });
    principal
        .record(&tx, "key.issue", entry.id, details)
        .await?;
    let issued = IssuedKey {
        entry,
        key: key.reveal().to_owned(),
    };
    slot.keep(&tx, &issued).await?;
    tx.commit().await?;
    Ok(issued)
}
