//! Callbacks in the database: stored, found and settled.
//!
//! Promises: a callback is stored once per partner and key, and stays due until it is settled; it is only linked to
//! an order in which that partner has lines. Orders are locked before callbacks. Must not interpret the content.

pub(crate) mod reports;
pub(crate) mod review;
pub(crate) mod unverified;

use buywire_schemas::ids::{CallbackId, OrderId, PartnerId};
use buywire_schemas::text::Slug;
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::Store;
use crate::db::{DatabaseError, Tx};

/// A callback to be stored.
#[derive(Debug)]
pub struct NewCallback<'a> {
    pub partner: PartnerId,
    /// The key that identifies it among the partner's callbacks.
    pub key: &'a str,
    /// The canonical form, as JSON.
    pub content: &'a str,
    /// The partner's own order id, if the callback names the order by it.
    pub partner_order_id: Option<&'a str>,
}

/// Whether the callback is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SavedCallback {
    /// It was stored now.
    New(CallbackId),
    /// It was stored before.
    Duplicate(CallbackId),
}

/// A pending callback.
#[derive(Debug)]
pub(crate) struct PendingCallback {
    pub partner: PartnerId,
    pub slug: Slug,
    /// The canonical form, as JSON.
    pub content: String,
    /// How often its order was looked for.
    pub attempts: i32,
    pub received_at: OffsetDateTime,
}

/// How a partner refers to an order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OrderLookup<'a> {
    /// By our id.
    pub order: Option<OrderId>,
    /// By the platform's id.
    pub platform_id: Option<&'a str>,
    /// By the partner's own id.
    pub partner_order_id: Option<&'a str>,
}

/// How a callback ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallbackOutcome<'a> {
    /// `applied`, `ignored` or `failed`.
    pub state: &'static str,
    /// Why it was not applied.
    pub detail: Option<&'static str>,
    /// The order it was about.
    pub order: Option<OrderId>,
    /// The content to keep, as JSON.
    pub content: &'a str,
}

/// A callback in the timeline of its order.
#[derive(Debug)]
pub struct TimelineCallback {
    pub id: CallbackId,
    pub partner: String,
    /// The canonical form, as JSON.
    pub content: String,
    pub state: String,
    /// Why it was not applied.
    pub detail: Option<String>,
    pub received_at: OffsetDateTime,
    /// When it was settled.
    pub settled_at: Option<OffsetDateTime>,
}

impl Store {
    /// Stores a callback. On success, it is on disk.
    pub async fn save_callback(
        &self,
        new: &NewCallback<'_>,
    ) -> Result<SavedCallback, DatabaseError> {
        let db = self.general().await?;
        let id = CallbackId::generate();
        let (partner, id) = (new.partner.uuid(), id.uuid());
        let inserted = db
            .query_opt(
                include_str!("../sql/callbacks/save.sql"),
                &[&id, &partner, &new.key, &new.content, &new.partner_order_id],
            )
            .await?;
        if let Some(row) = inserted {
            return Ok(SavedCallback::New(callback_id(&row)?));
        }
        let find_by_key = include_str!("../sql/callbacks/find_by_key.sql");
        let row = db.query_one(find_by_key, &[&partner, &new.key]).await?;
        Ok(SavedCallback::Duplicate(callback_id(&row)?))
    }

    /// Lists callbacks to apply.
    pub async fn due_callbacks(&self, limit: i64) -> Result<Vec<CallbackId>, DatabaseError> {
        let sql = include_str!("../sql/callbacks/due.sql");
        let rows = self.general().await?.query(sql, &[&limit]).await?;
        rows.iter().map(callback_id).collect()
    }

    /// Postpones a callback that failed, so that others go first.
    pub async fn postpone_callback(
        &self,
        id: CallbackId,
        delay_s: f64,
    ) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/callbacks/postpone.sql");
        let db = self.general().await?;
        db.execute(sql, &[&id.uuid(), &delay_s]).await.map(drop)
    }

    /// Lists the first callbacks about an order, in order of arrival.
    pub async fn callbacks_of_order(
        &self,
        order: OrderId,
        limit: i64,
    ) -> Result<Vec<TimelineCallback>, DatabaseError> {
        let sql = include_str!("../sql/callbacks/of_order.sql");
        let db = self.general().await?;
        let rows = db.query(sql, &[&order.uuid(), &limit]).await?;
        rows.iter().map(timeline_callback).collect()
    }
}

/// Reads a pending callback without locking it, to learn its order.
pub(crate) async fn find(
    tx: &Tx<'_>,
    id: CallbackId,
) -> Result<Option<PendingCallback>, DatabaseError> {
    let sql = include_str!("../sql/callbacks/find.sql");
    let row = tx.query_opt(sql, &[&id.uuid()]).await?;
    row.as_ref().map(pending_callback).transpose()
}

/// Locks a callback. Returns false if it has been settled in the meantime.
pub(crate) async fn lock(tx: &Tx<'_>, id: CallbackId) -> Result<bool, DatabaseError> {
    let sql = include_str!("../sql/callbacks/lock.sql");
    let row = tx.query_opt(sql, &[&id.uuid()]).await?;
    Ok(row.is_some())
}

/// Finds the order a partner refers to, if the partner has lines in it.
pub(crate) async fn resolve(
    tx: &Tx<'_>,
    partner: PartnerId,
    lookup: OrderLookup<'_>,
) -> Result<Option<OrderId>, DatabaseError> {
    let order = lookup.order.map(OrderId::uuid);
    let row = tx
        .query_opt(
            include_str!("../sql/callbacks/resolve.sql"),
            &[
                &partner.uuid(),
                &order,
                &lookup.platform_id,
                &lookup.partner_order_id,
            ],
        )
        .await?;
    row.map(|row| Ok(OrderId::from_uuid(row.try_get("id")?)))
        .transpose()
}

/// Records how a callback ended.
pub(crate) async fn settle(
    tx: &Tx<'_>,
    id: CallbackId,
    outcome: CallbackOutcome<'_>,
) -> Result<(), DatabaseError> {
    let order = outcome.order.map(OrderId::uuid);
    tx.execute(
        include_str!("../sql/callbacks/settle.sql"),
        &[
            &id.uuid(),
            &outcome.state,
            &outcome.detail,
            &order,
            &outcome.content,
        ],
    )
    .await
    .map(drop)
}

/// Looks for its order again after a delay.
pub(crate) async fn retry_later(
    tx: &Tx<'_>,
    id: CallbackId,
    delay_s: f64,
) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/callbacks/retry_later.sql");
    tx.execute(sql, &[&id.uuid(), &delay_s]).await.map(drop)
}

/// Reads what the callbacks about an order say.
pub(crate) async fn contents(
    tx: &Tx<'_>,
    order: OrderId,
) -> Result<Vec<(CallbackId, String)>, DatabaseError> {
    let sql = include_str!("../sql/callbacks/contents.sql");
    let rows = tx.query(sql, &[&order.uuid()]).await?;
    rows.iter()
        .map(|row| Ok((callback_id(row)?, row.try_get("content")?)))
        .collect()
}

/// Replaces the content of a callback.
pub(crate) async fn replace_content(
    tx: &Tx<'_>,
    id: CallbackId,
    content: &str,
) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/callbacks/replace_content.sql");
    tx.execute(sql, &[&id.uuid(), &content]).await.map(drop)
}

fn callback_id(row: &Row) -> Result<CallbackId, DatabaseError> {
    Ok(CallbackId::from_uuid(row.try_get::<_, Uuid>("id")?))
}

fn pending_callback(row: &Row) -> Result<PendingCallback, DatabaseError> {
    Ok(PendingCallback {
        partner: PartnerId::from_uuid(row.try_get("partner")?),
        slug: slug(row)?,
        content: row.try_get("content")?,
        attempts: row.try_get("attempts")?,
        received_at: row.try_get("received_at")?,
    })
}

pub(super) fn slug(row: &Row) -> Result<Slug, DatabaseError> {
    let slug: &str = row.try_get("slug")?;
    Slug::parse(slug).map_err(|_| DatabaseError::Misuse("partners.slug cannot be parsed".into()))
}

fn timeline_callback(row: &Row) -> Result<TimelineCallback, DatabaseError> {
    Ok(TimelineCallback {
        id: callback_id(row)?,
        partner: row.try_get("slug")?,
        content: row.try_get("content")?,
        state: row.try_get("state")?,
        detail: row.try_get("detail")?,
        received_at: row.try_get("received_at")?,
        settled_at: row.try_get("settled_at")?,
    })
}
