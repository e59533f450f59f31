//! Lists orders in pages, for callers that do not know an id.
//!
//! Promises: shows nothing of the buyer; a page scans a bounded number of orders, whatever the filter.

use buywire_schemas::ids::{OrderId, PartnerId};
use serde::Serialize;
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::store::Store;
use crate::store::delivery::counting::{MatchCount, rows_to_count};
use crate::store::delivery::list::{Page, SCAN_ROWS_MAX, first_id_at, ids_before, page};

/// Filters for orders; every field narrows.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// `confirmed` or `cancelled`.
    pub status: Option<&'static str>,
    /// With lines of this partner.
    pub partner: Option<PartnerId>,
    /// Only test orders, or only real ones.
    pub test: Option<bool>,
    /// Accepted at this time or later.
    pub since: Option<OffsetDateTime>,
    /// Accepted before this time.
    pub until: Option<OffsetDateTime>,
}

impl OrderFilter {
    /// Whether orders in the time range may fail to match.
    fn is_selective(&self) -> bool {
        let Self {
            status,
            partner,
            test,
            since,
            until,
        } = self;
        status.is_some()
            || partner.is_some()
            || test.is_some()
            || since.is_some()
            || until.is_some()
    }
}

/// An order as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderSummary {
    /// Our id.
    pub id: OrderId,
    /// The platform's id.
    pub order_id: String,
    /// `confirmed` or `cancelled`.
    pub status: String,
    pub test: bool,
    /// ISO 4217.
    pub currency: String,
    /// In minor units.
    pub total: i64,
    /// The slugs of the partners that have lines in it.
    pub partners: Vec<String>,
    /// When it was accepted.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    pub cancelled_at: Option<OffsetDateTime>,
    /// When its buyer was redacted.
    #[serde(with = "time::serde::rfc3339::option")]
    pub redacted_at: Option<OffsetDateTime>,
}

impl Store {
    /// Lists at most `limit` orders, newest first, after a cursor.
    pub async fn orders(
        &self,
        filter: &OrderFilter,
        cursor: Option<OrderId>,
        limit: i64,
    ) -> Result<Page<OrderSummary, OrderId>, DatabaseError> {
        let before = ids_before(filter.until);
        let before = cursor.map_or(before, |cursor| before.min(cursor.uuid()));
        let oldest = filter.since.map_or(Uuid::nil(), first_id_at);
        // Reads one more than fit, so that the last page knows that it is the last.
        let scan_limit = if filter.is_selective() {
            SCAN_ROWS_MAX
        } else {
            limit + 1
        };
        let sql = include_str!("../sql/orders/page.sql");
        let rows = self
            .general()
            .await?
            .query(
                sql,
                &[
                    &oldest,
                    &before,
                    &filter.status,
                    &filter.test,
                    &filter.partner.map(PartnerId::uuid),
                    &filter.since,
                    &filter.until,
                    &scan_limit,
                ],
            )
            .await?;
        page(&rows, limit, scan_limit, |row| {
            order_summary(row).map(|order| {
                let id = order.id;
                (order, id)
            })
        })
    }
}

impl Store {
    /// Counts the orders that match.
    pub(crate) async fn count_orders(
        &self,
        filter: &OrderFilter,
    ) -> Result<MatchCount, DatabaseError> {
        let limit = rows_to_count(filter.partner.is_some());
        let sql = include_str!("../sql/orders/count.sql");
        let db = self.general().await?;
        let row = db
            .query_one(
                sql,
                &[
                    &filter.status,
                    &filter.test,
                    &filter.partner.map(PartnerId::uuid),
                    &filter.since,
                    &filter.until,
                    &(limit + 1),
                    &filter.since.map_or(Uuid::nil(), first_id_at),
                    &ids_before(filter.until),
                ],
            )
            .await?;
        MatchCount::read(&row, limit)
    }
}

fn order_summary(row: &Row) -> Result<OrderSummary, DatabaseError> {
    Ok(OrderSummary {
        id: OrderId::from_uuid(row.try_get("id")?),
        order_id: row.try_get("platform_id")?,
        status: row.try_get("status")?,
        test: row.try_get("test")?,
        currency: row.try_get("currency")?,
        total: row.try_get("total")?,
        partners: row.try_get("partners")?,
        created_at: row.try_get("created_at")?,
        cancelled_at: row.try_get("cancelled_at")?,
        redacted_at: row.try_get("redacted_at")?,
    })
}
