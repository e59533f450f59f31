//! Failure groups as people read them: why deliveries fail, how many of them wait or are dead, and a sample.
//!
//! Promises: counts are exact, because whatever moves a delivery changes them in the same statement; a page is bounded
//! work. A page may be short, even empty, and still have a next one. Writes nothing: the recorder does.

use buywire_schemas::ids::{EndpointId, FailureGroupId, PartnerId};
use serde::Serialize;
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::store::Store;
use crate::store::delivery::list::{Page, SCAN_ROWS_MAX, page};

/// Failed attempts at one endpoint with the same cause and, but for ids, numbers and times, the same reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailureGroup {
    pub id: FailureGroupId,
    /// The partner's slug.
    pub partner: String,
    pub endpoint: EndpointId,
    /// The stable name of the cause.
    pub cause: String,
    /// Of the reply.
    pub signature: String,
    /// The beginning of one of the replies.
    pub sample: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    pub first_seen_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub last_seen_at: OffsetDateTime,
    /// Failed attempts.
    pub attempts: i64,
    /// Open deliveries whose last attempt failed so.
    pub waiting: i64,
    /// Dead deliveries whose last attempt failed so.
    pub dead: i64,
}

/// Filters for failure groups; every field narrows.
#[derive(Debug, Clone, Copy, Default)]
pub struct FailureFilter {
    pub partner: Option<PartnerId>,
    pub endpoint: Option<EndpointId>,
    pub cause: Option<&'static str>,
    /// Last seen at this time or later.
    pub since: Option<OffsetDateTime>,
}

/// A cursor: the page begins after this group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AfterFailure {
    pub last_seen_at: OffsetDateTime,
    pub id: FailureGroupId,
}

impl Store {
    /// Lists at most `limit` groups, the last seen first. Groups that fail meanwhile move to the beginning.
    pub async fn failure_groups(
        &self,
        filter: &FailureFilter,
        after: Option<AfterFailure>,
        limit: i64,
    ) -> Result<Page<FailureGroup, AfterFailure>, DatabaseError> {
        // One more than fit, so that the last page knows that it is the last.
        let scan_rows = filter.cause.map_or(limit + 1, |_| SCAN_ROWS_MAX);
        let from = after.map_or(LAST, |after| after.last_seen_at);
        let id = after.map_or(Uuid::max(), |after| after.id.uuid());
        let since = filter.since.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (sql, owner) = match (filter.endpoint, filter.partner) {
            (Some(endpoint), _) => (
                include_str!("../sql/failures/page_of_endpoint.sql"),
                Some(endpoint.uuid()),
            ),
            (None, Some(partner)) => (
                include_str!("../sql/failures/page_of_partner.sql"),
                Some(partner.uuid()),
            ),
            (None, None) => (include_str!("../sql/failures/page.sql"), None),
        };
        let db = self.general().await?;
        let rows = match &owner {
            Some(owner) => {
                db.query(sql, &[&from, &id, &since, &filter.cause, &scan_rows, owner])
                    .await?
            }
            None => {
                db.query(sql, &[&from, &id, &since, &filter.cause, &scan_rows])
                    .await?
            }
        };
        page(&rows, limit, scan_rows, |row| {
            failure_group(row).map(|group| {
                let cursor = AfterFailure {
                    last_seen_at: group.last_seen_at,
                    id: group.id,
                };
                (group, cursor)
            })
        })
    }

    /// Reads one group. With a partner, only one of that partner.
    pub async fn failure_group(
        &self,
        id: FailureGroupId,
        owner: Option<PartnerId>,
    ) -> Result<Option<FailureGroup>, DatabaseError> {
        let sql = include_str!("../sql/failures/find.sql");
        let db = self.general().await?;
        let row = db
            .query_opt(sql, &[&id.uuid(), &owner.map(PartnerId::uuid)])
            .await?;
        row.as_ref().map(failure_group).transpose()
    }
}

/// Later than any attempt.
const LAST: OffsetDateTime = time::macros::datetime!(9999-12-31 00:00 UTC);

fn failure_group(row: &Row) -> Result<FailureGroup, DatabaseError> {
    Ok(FailureGroup {
        id: FailureGroupId::from_uuid(row.try_get("id")?),
        partner: row.try_get("slug")?,
        endpoint: EndpointId::from_uuid(row.try_get("endpoint")?),
        cause: row.try_get("cause")?,
        signature: row.try_get("signature")?,
        sample: row.try_get("sample")?,
        first_seen_at: row.try_get("first_seen_at")?,
        last_seen_at: row.try_get("last_seen_at")?,
        attempts: row.try_get("attempts")?,
        waiting: row.try_get("waiting")?,
        dead: row.try_get("dead")?,
    })
}
