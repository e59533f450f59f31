//! API keys: issued, listed, revoked.
//!
//! A key is in the answer that issues it and nowhere else, ever.

use buywire_schemas::ids::{KeyId, PartnerId};
use buywire_schemas::json::Json;
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::read::{Reader, choice, name};
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::json;

use super::{NAME_CHARS, PartnerError, Partners, Principal};
use crate::db::Tx;
use crate::secrets::api_key::ApiKey;
use crate::store::audit::{self, NewAuditEntry};
use crate::store::partners;
use crate::store::partners::api_keys::{self, KeyEntry};

/// A key that was just issued.
#[derive(Serialize)]
pub struct IssuedKey {
    #[serde(flatten)]
    entry: KeyEntry,
    /// The key itself, shown this once.
    key: String,
}

/// How the audit calls the keys of the environment.
const RESERVED_PREFIX: &str = "environment:";

struct KeyRequest {
    role: &'static str,
    label: String,
}

impl Partners {
    /// Issue a key for the platform or for operators.
    pub async fn issue_key(
        &self,
        principal: Principal<'_>,
        body: &[u8],
    ) -> Result<IssuedKey, PartnerError> {
        let request = KeyRequest::with_role(body)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        issue(tx, principal, request, None).await
    }

    /// Issue a key for a partner.
    pub async fn issue_partner_key(
        &self,
        principal: Principal<'_>,
        slug: &Slug,
        body: &[u8],
    ) -> Result<IssuedKey, PartnerError> {
        let request = KeyRequest::of_partner(body)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let partner = partners::lock(&tx, slug.as_str())
            .await?
            .ok_or(PartnerError::NotFound)?;
        issue(tx, principal, request, Some((partner.id, slug))).await
    }

    /// A page of the keys, of everybody or of one partner.
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

    /// Revoke a key, of anybody or of one partner only. A second time changes nothing.
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
        let entry = NewAuditEntry {
            actor: principal.actor,
            action: "key.revoke",
            subject: &id.to_string(),
            details: json!({"label": label}),
        };
        audit::record(&tx, entry).await?;
        Ok(tx.commit().await?)
    }
}

impl KeyRequest {
    fn with_role(body: &[u8]) -> Result<Self, BodyError> {
        let mut body = Reader::object(body)?;
        let roles = &[("platform", "platform"), ("operator", "operator")];
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

/// A name that nobody takes for a key of the environment.
fn parse_label(value: Json<'_>) -> Result<String, Violation> {
    let label = name(NAME_CHARS)(value)?;
    let begins = label.get(..RESERVED_PREFIX.len());
    if begins.is_some_and(|begins| begins.eq_ignore_ascii_case(RESERVED_PREFIX)) {
        return Err(Violation::new(
            "label_reserved",
            "must not begin with `environment:`, as the keys of the environment do",
        ));
    }
    Ok(label)
}

async fn issue(
    tx: Tx<'_>,
    principal: Principal<'_>,
    request: KeyRequest,
    partner: Option<(PartnerId, &Slug)>,
) -> Result<IssuedKey, PartnerError> {
    let (id, key) = (KeyId::generate(), ApiKey::generate());
    let owner = partner.map(|(id, _)| id);
    let slug = partner.map(|(_, slug)| slug.to_string());
    let created_at =
        api_keys::add(&tx, (id, &key.hash()), request.role, owner, &request.label).await?;
    let entry = NewAuditEntry {
        actor: principal.actor,
        action: "key.issue",
        subject: &id.to_string(),
        details: json!({"role": request.role, "partner": slug, "label": request.label}),
    };
    audit::record(&tx, entry).await?;
    tx.commit().await?;
    Ok(IssuedKey {
        entry: KeyEntry {
            id,
            role: request.role.to_owned(),
            partner: slug,
            label: request.label,
            created_at,
            revoked_at: None,
        },
        key: key.reveal().to_owned(),
    })
}
