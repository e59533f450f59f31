//! Callbacks that somebody should look at, newest first.
//!
//! Promises: a page looks through a bounded number of callbacks, however many there are.

use buywire_schemas::ids::{CallbackId, PartnerId};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::callback_id;
use crate::db::DatabaseError;
use crate::store::Store;

/// Which callbacks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReviewFilter<'a> {
    /// `unmatched`, `failed` and others.
    pub states: &'a [&'static str],
    /// Only those whose order's report has a warning, each order's newest.
    pub with_warnings: bool,
    pub partner: Option<PartnerId>,
    /// Only older ones.
    pub before: Option<CallbackId>,
}

/// A callback with its order.
#[derive(Debug)]
pub(crate) struct ReviewedCallback {
    pub id: CallbackId,
    pub partner: String,
    /// The canonical form, as JSON.
    pub content: String,
    pub state: String,
    /// Why it was not applied.
    pub detail: Option<String>,
    /// How often its order was looked for.
    pub attempts: i32,
    /// When its order is looked for next.
    pub due_at: Option<OffsetDateTime>,
    pub received_at: OffsetDateTime,
    /// The partner's own id of the order, if the callback names it.
    pub partner_order_id: Option<String>,
    /// The platform's id of the order, once it was found.
    pub platform_id: Option<String>,
    /// The order's report, as JSON, if it has warnings.
    pub report: Option<String>,
}

impl Store {
    /// The oldest of the `looked_at` callbacks before this one. `None` if there are fewer.
    pub(crate) async fn review_floor(
        &self,
        before: Option<CallbackId>,
        looked_at: i64,
    ) -> Result<Option<CallbackId>, DatabaseError> {
        let sql = include_str!("../sql/callbacks/review_floor.sql");
        let conn = self.general().await?;
        let row = conn
            .query_opt(sql, &[&upper(before), &(looked_at - 1).max(0)])
            .await?;
        row.as_ref().map(callback_id).transpose()
    }

    /// Lists at most `limit` callbacks, none older than `floor`.
    pub(crate) async fn callbacks_to_review(
        &self,
        filter: ReviewFilter<'_>,
        floor: Option<CallbackId>,
        limit: i64,
    ) -> Result<Vec<ReviewedCallback>, DatabaseError> {
        let sql = match filter.with_warnings {
            true => include_str!("../sql/callbacks/review_warnings.sql"),
            false => include_str!("../sql/callbacks/review.sql"),
        };
        let floor = floor.map_or(Uuid::nil(), CallbackId::uuid);
        let partner = filter.partner.map(PartnerId::uuid);
        let conn = self.general().await?;
        let upper = upper(filter.before);
        let rows = conn
            .query(sql, &[&upper, &floor, &filter.states, &partner, &limit])
            .await?;
        rows.iter().map(reviewed).collect()
    }
}

fn upper(before: Option<CallbackId>) -> Uuid {
    before.map_or(Uuid::max(), CallbackId::uuid)
}

fn reviewed(row: &Row) -> Result<ReviewedCallback, DatabaseError> {
    Ok(ReviewedCallback {
        id: callback_id(row)?,
        partner: row.try_get("slug")?,
        content: row.try_get("content")?,
        state: row.try_get("state")?,
        detail: row.try_get("detail")?,
        attempts: row.try_get("attempts")?,
        due_at: row.try_get("due_at")?,
        received_at: row.try_get("received_at")?,
        partner_order_id: row.try_get("partner_order_id")?,
        platform_id: row.try_get("platform_id")?,
        report: row.try_get("report")?,
    })
}
