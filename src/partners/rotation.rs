//! Rotation of an endpoint's keys.
//!
//! Promises: keys of every kind are replaced together; until the overlap ends, the old ones sign as well, so that no
//! receiver refuses a delivery because of a rotation.

use buywire_adapters::signing::SigningKey;
use buywire_schemas::problem::BodyError;
use buywire_schemas::read::{Reader, integer, string};
use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;

use super::endpoint_keys::{VerificationKey, check_secret, parse_secret};
use super::endpoints::{EndpointRef, lock_endpoint};
use super::{PartnerError, Partners, Principal};
use crate::idempotency::AnswerSlot;
use crate::notifier::changes::ConfigChange;
use crate::secrets::signing_key;
use crate::store::partners::endpoint_keys;

/// With the new key, five signatures: they fit every receiver's limit on headers.
const KEYS_RETAINED: i64 = 4;
/// A week to deploy a new secret.
pub(super) const OVERLAP_HOURS_MAX: i64 = 168;
pub(super) const OVERLAP_HOURS_DEFAULT: i64 = 24;

/// A new secret and how long the previous one stays valid.
#[derive(Serialize)]
pub(crate) struct RotatedSecret {
    /// Shown only here.
    pub(crate) secret: String,
    /// Until when the previous secret also signs.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) previous_valid_until: Option<OffsetDateTime>,
    /// The public halves of its key pairs, new and previous.
    public_keys: Vec<VerificationKey>,
}

impl Partners {
    /// Give an endpoint new keys of every kind. Until the overlap ends, the old ones sign as well.
    pub(crate) async fn rotate_secret(
        &self,
        principal: Principal<'_>,
        target: EndpointRef<'_>,
        body: &[u8],
        slot: &AnswerSlot,
    ) -> Result<RotatedSecret, PartnerError> {
        let EndpointRef { slug, id, .. } = target;
        let (overlap_hours, key) = parse_rotation(body)?;
        let partner = self.store.partner(slug.as_str()).await?;
        check_secret(&partner.ok_or(PartnerError::NotFound)?, &key)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        target.lock(&tx).await?;
        let keys = self.replacement_keys(&tx, id, &key).await?;
        let previous_valid_until =
            endpoint_keys::replace(&tx, id, &keys, overlap_hours, KEYS_RETAINED).await?;
        let details = json!({"partner": slug, "overlap_hours": overlap_hours});
        principal
            .record(&tx, "endpoint.rotate_secret", id, details)
            .await?;
        let endpoint = lock_endpoint(&tx, slug, id).await?;
        let rotated = RotatedSecret {
            secret: key.expose().to_owned(),
            previous_valid_until,
            public_keys: self.public_keys(&endpoint)?,
        };
        slot.keep(&tx, &rotated).await?;
        tx.commit().await?;
        self.notifier.notify_change(ConfigChange::Endpoint(id));
        Ok(rotated)
    }
}

fn parse_rotation(body: &[u8]) -> Result<(i32, SigningKey), BodyError> {
    let mut body = Reader::object(body)?;
    let hours = body.optional("overlap_hours", integer(0..=OVERLAP_HOURS_MAX));
    let secret = body.optional("secret", string(parse_secret));
    body.finish(|| {
        let hours = i32::try_from(hours.unwrap_or(OVERLAP_HOURS_DEFAULT)).ok()?;
        Some((hours, secret.unwrap_or_else(signing_key::generate)))
    })
}
