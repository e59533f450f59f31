//! Unsigned hints, kept until the partner's own records were asked.
//!
//! Promises: a hint is asked about until an answer is kept or it is dropped; one that comes while its question is
//! being asked has it asked again. Must not read them: they are sealed.

use buywire_schemas::ids::{CallbackId, PartnerId};
use buywire_schemas::text::Slug;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::store::Store;
use crate::store::callbacks::slug;

/// A hint that is being asked about.
#[derive(Debug)]
pub struct UnverifiedCallback {
    /// Its id.
    pub id: CallbackId,
    /// Whose.
    pub partner: PartnerId,
    /// The partner's public name.
    pub slug: Slug,
    /// The sealed request.
    pub request: Vec<u8>,
    /// Grows when the same hint comes again.
    pub version: i64,
    /// How often its question was asked, this time included.
    pub attempts: i32,
    /// When it first came.
    pub created_at: OffsetDateTime,
}

/// What a hint has us ask.
#[derive(Debug, Clone, Copy)]
pub struct RecordRef<'a> {
    /// Where the record is.
    pub url: &'a str,
    /// The partner's own id of what it is about.
    pub partner_order_id: &'a str,
}

impl Store {
    /// Keep a hint; nothing when the partner has `most` waiting already, unless it acknowledged an order by that id.
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

    /// Take a due hint of each partner, for so long: first those of orders that it acknowledged, then the oldest.
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

    /// Its answer is kept. A hint that came meanwhile is asked about soon.
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

    /// Ask about it after so long.
    pub async fn retry_unverified(
        &self,
        id: CallbackId,
        delay_s: f64,
    ) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/callbacks/retry_unverified.sql");
        let db = self.general().await?;
        db.execute(sql, &[&id.uuid(), &delay_s]).await.map(drop)
    }

    /// Nobody could confirm it.
    pub async fn delete_unverified(&self, id: CallbackId) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/callbacks/delete_unverified.sql");
        self.general()
            .await?
            .execute(sql, &[&id.uuid()])
            .await
            .map(drop)
    }
}
