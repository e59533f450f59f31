//! What a replay would leave out, and what has died again because of one.
//!
//! Promises: each statement examines a bounded number of rows, and says how many it examined. Writes nothing.

use buywire_schemas::event::EventType;
use buywire_schemas::ids::{DeliveryId, EndpointId, FailureGroupId, PartnerId, ReplayId};
use time::OffsetDateTime;
use tokio_postgres::Row;

use super::{ReplayFilter, ReplaySource, missing_since};
use crate::db::{DatabaseError, Tx};
use crate::store::Store;

/// Deliveries looked up in their orders, one index read each: the page waits for it.
const EXAMINED_MAX: i64 = 2_000;
/// Deaths read for those of one replay.
const DEATHS_READ_MAX: i64 = 2_000;

/// How many of the deliveries that a filter matches a later event has superseded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Superseded {
    /// How many were looked up.
    pub examined: i64,
    pub superseded: i64,
}

/// A delivery that died after a replay had passed it.
#[derive(Debug)]
pub(crate) struct ReplayDeath {
    pub id: DeliveryId,
    pub partner: String,
    pub event_type: String,
    /// The platform's id of the order.
    pub order_id: Option<String>,
    pub reason: String,
    pub last_error: Option<String>,
    pub died_at: OffsetDateTime,
}

/// Counts the superseded ones among what a filter matches. What waits is sent anyway.
pub(crate) async fn count_superseded(
    tx: &Tx<'_>,
    filter: &ReplayFilter,
    partner: Option<PartnerId>,
    bound: OffsetDateTime,
) -> Result<Superseded, DatabaseError> {
    let partner = partner.map(PartnerId::uuid);
    let endpoint = filter.endpoint.map(EndpointId::uuid);
    let kind = filter.event_type.map(EventType::as_str);
    let (error, since, until) = (&filter.error, &filter.since, &filter.until);
    let row = match filter.status {
        ReplaySource::Pending => return Ok(Superseded::default()),
        ReplaySource::Dead => {
            let sql = include_str!("../../sql/replays/superseded_dead.sql");
            let limit = &EXAMINED_MAX;
            let group = filter.failure_group.map(FailureGroupId::uuid);
            tx.query_one(
                sql,
                &[
                    &partner, &endpoint, &bound, &kind, error, since, until, limit, &group,
                ],
            )
            .await?
        }
        ReplaySource::Missing => {
            let sql = include_str!("../../sql/replays/superseded_missing.sql");
            let since = missing_since(filter, bound);
            tx.query_one(
                sql,
                &[
                    &partner,
                    &endpoint,
                    &bound,
                    &kind,
                    &since,
                    until,
                    &EXAMINED_MAX,
                ],
            )
            .await?
        }
    };
    Ok(Superseded {
        examined: row.try_get("examined")?,
        superseded: row.try_get("superseded")?,
    })
}

impl Store {
    /// Lists what has died at a replay's endpoints since it was created.
    pub(crate) async fn replay_deaths(
        &self,
        id: ReplayId,
        created_at: OffsetDateTime,
        limit: i64,
    ) -> Result<Vec<ReplayDeath>, DatabaseError> {
        let sql = include_str!("../../sql/replays/deaths.sql");
        let db = self.general().await?;
        let rows = db
            .query(sql, &[&id.uuid(), &created_at, &DEATHS_READ_MAX, &limit])
            .await?;
        rows.iter().map(death).collect()
    }
}

fn death(row: &Row) -> Result<ReplayDeath, DatabaseError> {
    Ok(ReplayDeath {
        id: DeliveryId::from_uuid(row.try_get("id")?),
        partner: row.try_get("slug")?,
        event_type: row.try_get("type")?,
        order_id: row.try_get("platform_id")?,
        reason: row.try_get("reason")?,
        last_error: row.try_get("last_error")?,
        died_at: row.try_get("died_at")?,
    })
}
