//! API keys: issued, listed, revoked.
//!
//! A key is in the answer that issues it and nowhere else, ever.

use buywire_schemas::ids::{KeyId, PartnerId};
use buywire_schemas::json::Json;
use buywire_schemas::problem::{Flaw, Refused};
use buywire_schemas::read::{Reader, choice, name};
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::json;

use super::{Actor, NAME_CHARS, PartnerError, Partners};
use crate::signing::api_key::ApiKey;
use crate::store::audit::{self, Change};
use crate::store::keys::{self, KeyEntry};
use crate::store::{Tx, partners};

/// A key that was just issued.
#[derive(Serialize)]
pub struct Issued {
    #[serde(flatten)]
    entry: KeyEntry,
    /// The key itself, shown this once.
    key: String,
}

/// How the audit calls the keys of the environment.
const RESERVED: &str = "environment:";

struct Asked {
    role: &'static str,
    label: String,
}

impl Partners {
    /// Issue a key for the platform or for operators.
    pub async fn issue_key(&self, actor: Actor<'_>, body: &[u8]) -> Result<Issued, PartnerError> {
        let asked = Asked::with_role(body)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        issue(tx, actor, asked, None).await
    }

    /// Issue a key for a partner.
    pub async fn issue_partner_key(
        &self,
        actor: Actor<'_>,
        slug: &Slug,
        body: &[u8],
    ) -> Result<Issued, PartnerError> {
        let asked = Asked::of_partner(body)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let partner = partners::lock(&tx, slug.as_str())
            .await?
            .ok_or(PartnerError::NotFound)?;
        issue(tx, actor, asked, Some((partner.id, slug))).await
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
        actor: Actor<'_>,
        partner: Option<&Slug>,
        id: KeyId,
    ) -> Result<(), PartnerError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let label = keys::revoke(&tx, id, partner.map(Slug::as_str))
            .await?
            .ok_or(PartnerError::NotFound)?;
        let change = Change {
            who: actor.who,
            action: "key.revoke",
            subject: &id.to_string(),
            details: json!({"label": label}),
        };
        audit::record(&tx, change).await?;
        Ok(tx.commit().await?)
    }
}

impl Asked {
    fn with_role(body: &[u8]) -> Result<Self, Refused> {
        let mut body = Reader::object(body)?;
        let roles = &[("platform", "platform"), ("operator", "operator")];
        let role = body.required("role", choice(roles));
        let label = body.required("label", label);
        body.finish(|| {
            Some(Self {
                role: role?,
                label: label?,
            })
        })
    }

    fn of_partner(body: &[u8]) -> Result<Self, Refused> {
        let mut body = Reader::object(body)?;
        let label = body.required("label", label);
        body.finish(|| {
            Some(Self {
                role: "partner",
                label: label?,
            })
        })
    }
}

/// A name that nobody takes for a key of the environment.
fn label(value: Json<'_>) -> Result<String, Flaw> {
    let label = name(NAME_CHARS)(value)?;
    let begins = label.get(..RESERVED.len());
    if begins.is_some_and(|begins| begins.eq_ignore_ascii_case(RESERVED)) {
        return Err(Flaw::new(
            "label_reserved",
            "must not begin with `environment:`, as the keys of the environment do",
        ));
    }
    Ok(label)
}

async fn issue(
    tx: Tx<'_>,
    actor: Actor<'_>,
    asked: Asked,
    partner: Option<(PartnerId, &Slug)>,
) -> Result<Issued, PartnerError> {
    let (id, key) = (KeyId::generate(), ApiKey::generate());
    let owner = partner.map(|(id, _)| id);
    let slug = partner.map(|(_, slug)| slug.to_string());
    let created_at = keys::add(&tx, (id, &key.hash()), asked.role, owner, &asked.label).await?;
    let change = Change {
        who: actor.who,
        action: "key.issue",
        subject: &id.to_string(),
        details: json!({"role": asked.role, "partner": slug, "label": asked.label}),
    };
    audit::record(&tx, change).await?;
    tx.commit().await?;
    Ok(Issued {
        entry: KeyEntry {
            id,
            role: asked.role.to_owned(),
            partner: slug,
            label: asked.label,
            created_at,
            revoked_at: None,
        },
        key: key.reveal().to_owned(),
    })
}
