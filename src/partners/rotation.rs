//! An endpoint's keys, replaced.
//!
//! Promises: every kind of key is replaced at once; while it is, the old one signs beside the new one until the overlap is over,
//! so that no receiver ever refuses a delivery because of it.

use buywire_adapters::signing::SigningKey;
use buywire_schemas::ids::EndpointId;
use buywire_schemas::problem::{Flaw, Refused};
use buywire_schemas::read::{Reader, integer, string};
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;

use super::endpoint_keys::{ShownKey, fits};
use super::endpoints::{audited, locked};
use super::{Actor, PartnerError, Partners};
use crate::signing::secret;
use crate::store::changes::Changed;
use crate::store::endpoint_keys;

/// Five signatures still fit every receiver's limit on headers.
const KEYS_KEPT: i64 = 4;
/// A week to bring a new secret out.
const OVERLAP_HOURS_MAX: i64 = 168;
const OVERLAP_HOURS_DEFAULT: i64 = 24;

/// A secret that has just replaced another.
#[derive(Serialize)]
pub struct Rotated {
    /// Shown this once.
    secret: String,
    /// Until when the one before signs too.
    #[serde(with = "time::serde::rfc3339::option")]
    previous_valid_until: Option<OffsetDateTime>,
    /// The public halves of its key pairs, new and ending.
    public_keys: Vec<ShownKey>,
}

impl Partners {
    /// Give an endpoint new keys of every kind; until the overlap is over, the old ones sign beside them.
    pub async fn rotate_secret(
        &self,
        actor: Actor<'_>,
        slug: &Slug,
        id: EndpointId,
        body: &[u8],
    ) -> Result<Rotated, PartnerError> {
        let (overlap_hours, key) = rotation(body)?;
        let partner = self.store.partner(slug.as_str()).await?;
        fits(&partner.ok_or(PartnerError::NotFound)?, &key)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        locked(&tx, slug, id).await?;
        let keys = self.successors(&tx, id, &key).await?;
        let previous_valid_until =
            endpoint_keys::replace(&tx, id, &keys, overlap_hours, KEYS_KEPT).await?;
        let details = json!({"partner": slug, "overlap_hours": overlap_hours});
        audited(&tx, actor, "endpoint.rotate_secret", id, details).await?;
        let endpoint = locked(&tx, slug, id).await?;
        tx.commit().await?;
        self.bell.changed(Changed::Endpoint(id));
        Ok(Rotated {
            secret: key.expose().to_owned(),
            previous_valid_until,
            public_keys: self.public_keys(&endpoint)?,
        })
    }
}

/// A secret that its owner chose.
pub(super) fn given_secret(text: &str) -> Result<SigningKey, Flaw> {
    SigningKey::parse(text).map_err(|fault| Flaw::new("secret_malformed", fault.to_string()))
}

fn rotation(body: &[u8]) -> Result<(i32, SigningKey), Refused> {
    let mut body = Reader::object(body)?;
    let hours = body.optional("overlap_hours", integer(0..=OVERLAP_HOURS_MAX));
    let secret = body.optional("secret", string(given_secret));
    body.finish(|| {
        let hours = i32::try_from(hours.unwrap_or(OVERLAP_HOURS_DEFAULT)).ok()?;
        Some((hours, secret.unwrap_or_else(secret::generate)))
    })
}
