//! The gateway's own key pairs: generated at the first start, published, rotated.
//!
//! Dialects that find our public key in our profile (UCP) know one profile for the whole gateway: its keys sign for
//! every endpoint of such a dialect, and one rotation replaces them for all.
//!
//! Promises: a key is published before it signs, for as long as receivers may cache the profile, and after
//! it has stopped, for as long as its signatures may be in flight. There is always one. Private halves are sealed
//! and never shown.

use buywire_adapters::signing::KeyKind;
use buywire_schemas::problem::BodyError;
use buywire_schemas::read::{Reader, integer};
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{PartnerError, Partners, Principal};
use crate::ambient;
use crate::db::Tx;
use crate::idempotency::AnswerSlot;
use crate::notifier::changes::ConfigChange;
use crate::secrets::master_key::SealError;
use crate::secrets::sealed_key::KeyTable;
use crate::secrets::signing_key;
use crate::store::partners::signing_keys::{self, SigningKeyRow};

/// With the new key, a receiver that refuses signatures gets five requests at most.
const KEYS_RETAINED: i64 = 4;
/// The protocol requires seven days at least.
const OVERLAP_HOURS_DEFAULT: i64 = 168;
const OVERLAP_HOURS_MAX: i64 = 24 * 90;
/// Twice the time that the profile may be cached (`http/ucp.rs`).
const SIGNS_AFTER_MINUTES_DEFAULT: i64 = 10;
const SIGNS_AFTER_MINUTES_MAX: i64 = 60 * 24 * 7;

/// The public half of one of the gateway's keys.
#[derive(Debug, Serialize)]
pub struct PublishedKey {
    /// Its id in signatures.
    pub kid: String,
    algorithm: &'static str,
    /// The JSON Web Key.
    pub key: Value,
    #[serde(with = "time::serde::rfc3339")]
    signs_from: OffsetDateTime,
    /// Until when it is published; `None` for the newest.
    #[serde(with = "time::serde::rfc3339::option")]
    valid_until: Option<OffsetDateTime>,
}

/// All published keys after a rotation, the newest first.
#[derive(Debug, Serialize)]
pub(crate) struct PublishedKeys {
    data: Vec<PublishedKey>,
}

impl Partners {
    /// Generate the first key if there is none.
    pub async fn ensure_signing_key(&self) -> Result<(), PartnerError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        signing_keys::lock(&tx).await?;
        if signing_keys::valid(&tx).await?.is_empty() {
            self.replace_signing_key(&tx, 0, 0).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The published keys, the newest first.
    pub async fn signing_keys(&self) -> Result<Vec<PublishedKey>, PartnerError> {
        Ok(self.published_keys(&self.store.signing_keys().await?)?)
    }

    /// Publish a new key, which signs a little later. Previous keys stay published for the overlap. Without an overlap,
    /// as after a leak, they end at once and the new key signs at once.
    pub(crate) async fn rotate_signing_key(
        &self,
        principal: Principal<'_>,
        body: &[u8],
        slot: &AnswerSlot,
    ) -> Result<PublishedKeys, PartnerError> {
        let (signs_after_minutes, overlap_hours) = parse_rotation(body)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        signing_keys::lock(&tx).await?;
        self.replace_signing_key(&tx, signs_after_minutes, overlap_hours)
            .await?;
        let details =
            json!({"signs_after_minutes": signs_after_minutes, "overlap_hours": overlap_hours});
        principal
            .record(&tx, "signing_key.rotate", "gateway", details)
            .await?;
        let published = PublishedKeys {
            data: self.published_keys(&signing_keys::valid(&tx).await?)?,
        };
        slot.keep(&tx, &published).await?;
        tx.commit().await?;
        self.notifier.notify_change(ConfigChange::SigningKeys);
        Ok(published)
    }

    async fn replace_signing_key(
        &self,
        tx: &Tx<'_>,
        signs_after_minutes: i32,
        overlap_hours: i32,
    ) -> Result<(), PartnerError> {
        let id = ambient::new_uuid();
        let key = signing_key::generate_of(KeyKind::P256);
        let sealed = KeyTable::Gateway.seal(&self.master, id, &key)?;
        let key = (id, sealed.as_slice());
        signing_keys::replace(tx, key, signs_after_minutes, overlap_hours, KEYS_RETAINED).await?;
        Ok(())
    }

    fn published_keys(&self, rows: &[SigningKeyRow]) -> Result<Vec<PublishedKey>, SealError> {
        rows.iter().map(|row| self.published_key(row)).collect()
    }

    fn published_key(&self, row: &SigningKeyRow) -> Result<PublishedKey, SealError> {
        let key = KeyTable::Gateway.open(&self.master, row.id, &row.sealed)?;
        Ok(PublishedKey {
            kid: key.id().to_owned(),
            algorithm: "ES256",
            key: key.public().ok_or(SealError::NotSealed)?.jwk(),
            signs_from: row.signs_from,
            valid_until: row.valid_until,
        })
    }
}

/// Returns the minutes until the new key signs, and the hours for which the old ones stay.
fn parse_rotation(body: &[u8]) -> Result<(i32, i32), BodyError> {
    let mut body = Reader::object(body)?;
    let minutes = body.optional("signs_after_minutes", integer(0..=SIGNS_AFTER_MINUTES_MAX));
    let hours = body.optional("overlap_hours", integer(0..=OVERLAP_HOURS_MAX));
    body.finish(|| {
        let hours = i32::try_from(hours.unwrap_or(OVERLAP_HOURS_DEFAULT)).ok()?;
        let minutes = i32::try_from(minutes.unwrap_or(SIGNS_AFTER_MINUTES_DEFAULT)).ok()?;
        // Without an overlap no other key could sign meanwhile.
        Some((if hours == 0 { 0 } else { minutes }, hours))
    })
}
