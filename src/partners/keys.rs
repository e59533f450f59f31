//! API keys: issued, listed, revoked.
//!
//! Promises: a key is shown only in the response that issues it.

use buywire_schemas::ids::{KeyId, PartnerId};
use buywire_schemas::json::Json;
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::read::{Reader, choice, name};
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::json;

use super::{NAME_CHARS, PartnerError, Partners, Principal};
use crate::db::Tx;
use crate::idempotency::AnswerSlot;
use crate::secrets::api_key::ApiKey;
use crate::store::partners;
use crate::store::partners::api_keys::{self, KeyEntry};

#[derive(Serialize)]
pub(crate) struct IssuedKey {
    #[serde(flatten)]
    entry: KeyEntry,
    /// The key itself, shown only here.
    key: String,
}

/// The audit log's prefix for keys from the environment.
const RESERVED_PREFIX: &str = "environment:";

struct KeyRequest {
    role: &'static str,
    label: String,
}

impl Partners {
    /// Issue a key for the platform or for operators.
    pub(crate) async fn issue_key(
        &self,
        principal: Principal<'_>,
        body: &[u8],
        slot: &AnswerSlot,
    ) -> Result<IssuedKey, PartnerError> {
        let request = KeyRequest::with_role(body)?;
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
        slot: &AnswerSlot,
    ) -> Result<IssuedKey, PartnerError> {
        let request = KeyRequest::of_partner(body)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let partner = partners::lock(&tx, slug.as_str())
            .await?
            .ok_or(PartnerError::NotFound)?;
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
    fn with_role(body: &[u8]) -> Result<Self, BodyError> {
        let mut body = Reader::object(body)?;
        let roles = &[
            ("platform", "platform"),
            ("agent", "agent"),
            ("operator", "operator"),
        ];
        let role = body.required("role", choice(roles));
        let label = body.required("label", parse_label);
        body.finish(|| {
            Some(Self {
                role: role?,
                label: label?,
            })
        })
    }

    fn of_partner(body: &[u8]) -> Result<Self, BodyError> {
        let mut body = Reader::object(body)?;
        let label = body.required("label", parse_label);
        body.finish(|| {
            Some(Self {
                role: "partner",
                label: label?,
            })
        })
    }
}

/// A label that cannot be mistaken for a key from the environment.
fn parse_label(value: Json<'_>) -> Result<String, Violation> {
    let label = name(NAME_CHARS)(value)?;
    let begins = label.get(..RESERVED_PREFIX.len());
    if begins.is_some_and(|begins| begins.eq_ignore_ascii_case(RESERVED_PREFIX)) {
        return Err(Violation::new(
            "label_reserved",
            "must not begin with `environment:`, which marks keys from the environment",
        ));
    }
    Ok(label)
}

async fn issue(
    tx: Tx<'_>,
    principal: Principal<'_>,
    request: KeyRequest,
    partner: Option<(PartnerId, &Slug)>,
    slot: &AnswerSlot,
) -> Result<IssuedKey, PartnerError> {
    let (id, key) = (KeyId::generate(), ApiKey::generate());
    let owner = partner.map(|(id, _)| id);
    let slug = partner.map(|(_, slug)| slug.to_string());
    let created_at =
        api_keys::add(&tx, (id, &key.hash()), request.role, owner, &request.label).await?;
    let details = json!({"role": request.role, "partner": slug, "label": request.label});
    principal.record(&tx, "key.issue", id, details).await?;
    let issued = IssuedKey {
        entry: KeyEntry {
            id,
            role: request.role.to_owned(),
            partner: slug,
            label: request.label,
            created_at,
            revoked_at: None,
        },
        key: key.reveal().to_owned(),
    };
    slot.keep(&tx, &issued).await?;
    tx.commit().await?;
    Ok(issued)
}
