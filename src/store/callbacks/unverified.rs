//! Unverified callbacks, stored until the partner's own record confirms them.
//!
//! Promises: a callback is tried until its confirmation is stored or it is dropped. If it arrives again during a try,
//! it is tried again. Must not read the sealed request.

use buywire_schemas::ids::{CallbackId, PartnerId};
use buywire_schemas::text::Slug;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::store::Store;
use crate::store::callbacks::slug;

/// A claimed unverified callback.
#[derive(Debug)]
pub struct UnverifiedCallback {
    pub id: CallbackId,
    pub partner: PartnerId,
    pub slug: Slug,
    /// The sealed request.
    pub request: Vec<u8>,
    /// Grows when the same callback arrives again.
    pub version: i64,
    /// The number of tries, including this one.
    pub attempts: i32,
    /// When it first arrived.
    pub created_at: OffsetDateTime,
}

/// The record that can confirm a callback.
#[derive(Debug, Clone, Copy)]
pub struct RecordRef<'a> {
    /// The URL of the partner's record.
    pub url: &'a str,
    /// The partner's own id of the order.
    pub partner_order_id: &'a str,
}

impl Store {
    /// Stores a callback, unless the partner already has `limit` pending. Callbacks that name an acknowledged order
    /// are always stored.
    pub async fn save_unverified(
        &self,
        id: CallbackId,
        partner: PartnerId,
        record: RecordRef<'_>,
        request: &[u8],
        limit: i64,
    ) -> Result<Option<CallbackId>, DatabaseError> {
        let sql = include_str!("../sql/callbacks/save_unverified.sql");
        let row = self
            .general()
            .await?
            .query_opt(
                sql,
                &[
                    &id.uuid(),
                    &partner.uuid(),
                    &record.url,
                    &request,
                    &limit,
                    &record.partner_order_id,
                ],
            )
            .await?;
        row.map(|row| Ok(CallbackId::from_uuid(row.try_get("id")?)))
            .transpose()
    }

    /// Claims a due callback per partner for `lease_s` seconds: first those for acknowledged orders, then the oldest.
    pub async fn claim_unverified(
        &self,
        lease_s: f64,
    ) -> Result<Vec<UnverifiedCallback>, DatabaseError> {
        let sql = include_str!("../sql/callbacks/claim_unverified.sql");
        let rows = self.general().await?.query(sql, &[&lease_s]).await?;
        rows.iter()
            .map(|row| {
                Ok(UnverifiedCallback {
                    id: CallbackId::from_uuid(row.try_get::<_, Uuid>("id")?),
                    partner: PartnerId::from_uuid(row.try_get("partner")?),
                    slug: slug(row)?,
                    request: row.try_get("request")?,
                    version: row.try_get("version")?,
                    attempts: row.try_get("attempts")?,
                    created_at: row.try_get("created_at")?,
                })
            })
            .collect()
    }

    /// Deletes a callback whose confirmation is stored. If it arrived again in the meantime, it is tried again soon.
    pub async fn complete_unverified(
        &self,
        callback: &UnverifiedCallback,
    ) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/callbacks/complete_unverified.sql");
        let db = self.general().await?;
        let deleted = db
            .execute(sql, &[&callback.id.uuid(), &callback.version])
            .await?;
        if deleted == 0 {
            return self.retry_unverified(callback.id, 1.0).await;
        }
        Ok(())
    }

    /// Tries again after a delay.
    pub async fn retry_unverified(
        &self,
        id: CallbackId,
        delay_s: f64,
    ) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/callbacks/retry_unverified.sql");
        let db = self.general().await?;
        db.execute(sql, &[&id.uuid(), &delay_s]).await.map(drop)
    }

    /// Drops a callback that could not be confirmed.
    pub async fn delete_unverified(&self, id: CallbackId) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/callbacks/delete_unverified.sql");
        self.general()
            .await?
            .execute(sql, &[&id.uuid()])
            .await
            .map(drop)
    }
}
