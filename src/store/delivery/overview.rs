//! What operators see first: who is active, and what is in trouble. Writes nothing; each read is bounded.

use buywire_schemas::ids::{EndpointId, PartnerId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::stats::{StatsPoint, point};
use crate::db::DatabaseError;
use crate::store::Store;

/// A partner that something was sent to lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivePartner {
    pub id: PartnerId,
    pub slug: String,
}

/// An endpoint that does not get its deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointInTrouble {
    pub id: EndpointId,
    /// The partner's slug.
    pub partner: String,
    /// `enabled` or `disabled`.
    pub status: String,
    /// Why it is disabled.
    pub reason: Option<String>,
    pub failing_since: Option<OffsetDateTime>,
}

impl Store {
    /// Lists partners that something was sent to in this hour or the last, those in trouble first.
    pub async fn active_partners(&self, limit: i64) -> Result<Vec<ActivePartner>, DatabaseError> {
        let sql = include_str!("../sql/overview/active_partners.sql");
        let rows = self.general().await?.query(sql, &[&limit]).await?;
        let partners = rows.iter().map(|row| {
            Ok(ActivePartner {
                id: PartnerId::from_uuid(row.try_get("id")?),
                slug: row.try_get("slug")?,
            })
        });
        partners.collect()
    }

    /// Reads the statistics of these partners by the minute.
    pub async fn minutes_of_partners(
        &self,
        partners: &[PartnerId],
        since: OffsetDateTime,
    ) -> Result<Vec<(PartnerId, StatsPoint)>, DatabaseError> {
        let ids: Vec<Uuid> = partners.iter().map(|id| id.uuid()).collect();
        let sql = include_str!("../sql/overview/minutes_of_partners.sql");
        let rows = self.general().await?.query(sql, &[&ids, &since]).await?;
        let points = rows.iter().map(|row| {
            let partner = PartnerId::from_uuid(row.try_get("subject")?);
            Ok((partner, point(row)?))
        });
        points.collect()
    }

    /// Lists up to ten endpoints that do not get their deliveries; of one partner, or of all.
    pub async fn endpoints_in_trouble(
        &self,
        partner: Option<PartnerId>,
    ) -> Result<Vec<EndpointInTrouble>, DatabaseError> {
        let sql = include_str!("../sql/overview/endpoints_in_trouble.sql");
        let partner = partner.map(PartnerId::uuid);
        let rows = self.general().await?.query(sql, &[&partner]).await?;
        let endpoints = rows.iter().map(|row| {
            Ok(EndpointInTrouble {
                id: EndpointId::from_uuid(row.try_get("id")?),
                partner: row.try_get("slug")?,
                status: row.try_get("status")?,
                reason: row.try_get("status_reason")?,
                failing_since: row.try_get("failing_since")?,
            })
        });
        endpoints.collect()
    }
}
