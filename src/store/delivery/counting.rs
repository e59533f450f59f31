//! How many rows of a list match its filter, as far as a bounded look says.
//!
//! Promises: a count is exact up to 10,000; no statement reads more than 10,001 rows of a list, nor more than 2,000 if
//! each of them needs a row of another table.

use buywire_schemas::ids::{EndpointId, PartnerId};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::store::Store;
use crate::store::delivery::failures::FailureFilter;
use crate::store::delivery::list::{DeliveryFilter, SCAN_ROWS_MAX, first_id_at, ids_before};

/// The greatest exact count. About 20 ms.
const COUNTED_MAX: i64 = 10_000;

/// What a bounded look found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct MatchCount {
    pub matched: i64,
    /// The rows looked through. `None`: all, so that the count is exact.
    pub looked_at: Option<i64>,
}

impl MatchCount {
    /// The number of things that were counted one by one.
    pub(crate) fn exact(matched: usize) -> Self {
        Self {
            matched: i64::try_from(matched).unwrap_or(i64::MAX),
            looked_at: None,
        }
    }

    /// What a statement counted that was given one row more than `limit`: if it found that row, there may be more.
    pub(in crate::store) fn read(row: &Row, limit: i64) -> Result<Self, DatabaseError> {
        let scanned: i64 = row.try_get("scanned")?;
        Ok(Self {
            matched: row.try_get("matched")?,
            looked_at: (scanned > limit).then_some(limit),
        })
    }
}

/// The rows to look through: fewer if each needs another one.
pub(in crate::store) const fn rows_to_count(needs_another: bool) -> i64 {
    match needs_another {
        true => SCAN_ROWS_MAX,
        false => COUNTED_MAX,
    }
}

impl Store {
    /// Counts the deliveries that match.
    pub(crate) async fn count_deliveries(
        &self,
        filter: &DeliveryFilter,
    ) -> Result<MatchCount, DatabaseError> {
        let limit = rows_to_count(filter.event_type.is_some());
        let one_more = limit + 1;
        let db = self.general().await?;
        let row = if filter.partner.is_some() || filter.endpoint.is_some() {
            db.query_one(
                include_str!("../sql/deliveries/count_of_endpoints.sql"),
                &[
                    &filter.status,
                    &filter.event_type,
                    &filter.since,
                    &filter.until,
                    &filter.error,
                    &one_more,
                    &filter.partner.map(PartnerId::uuid),
                    &filter.endpoint.map(EndpointId::uuid),
                ],
            )
            .await?
        } else {
            let oldest = filter.since.map_or(Uuid::nil(), first_id_at);
            db.query_one(
                include_str!("../sql/deliveries/count.sql"),
                &[
                    &filter.status,
                    &filter.event_type,
                    &filter.since,
                    &filter.until,
                    &filter.error,
                    &one_more,
                    &oldest,
                    &ids_before(filter.until),
                ],
            )
            .await?
        };
        MatchCount::read(&row, limit)
    }

    /// Counts the failure groups that match.
    pub(crate) async fn count_failure_groups(
        &self,
        filter: &FailureFilter,
    ) -> Result<MatchCount, DatabaseError> {
        let limit = rows_to_count(false);
        let one_more = limit + 1;
        let since = filter.since.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let endpoint = filter.endpoint.map(EndpointId::uuid);
        let db = self.general().await?;
        let row = match filter.partner.map(PartnerId::uuid) {
            Some(partner) => {
                let sql = include_str!("../sql/failures/count_of_partner.sql");
                db.query_one(
                    sql,
                    &[&since, &filter.cause, &endpoint, &one_more, &partner],
                )
                .await?
            }
            None => {
                let sql = include_str!("../sql/failures/count.sql");
                db.query_one(sql, &[&since, &filter.cause, &endpoint, &one_more])
                    .await?
            }
        };
        MatchCount::read(&row, limit)
    }
}
