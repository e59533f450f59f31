//! What partners sent back, as it is kept, found again and settled.
//!
//! Promises: a message is kept once per partner and key, and found due until it is settled; it is only ever tied to an
//! order in which that partner has lines. Orders are locked before callbacks. Must not read what they say.

pub mod reports;
pub mod unverified;

use buywire_schemas::ids::{CallbackId, OrderId, PartnerId};
use buywire_schemas::text::Slug;
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::Store;
use crate::db::{DatabaseError, Tx};

/// A message to be kept.
#[derive(Debug)]
pub struct NewCallback<'a> {
    /// Whose.
    pub partner: PartnerId,
    /// The partner's own name of it.
    pub key: &'a str,
    /// In canonical words, as JSON.
    pub content: &'a str,
    /// The order, where it is named by the partner's own id.
    pub partner_order_id: Option<&'a str>,
}

/// Whether it was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SavedCallback {
    /// It was.
    New(CallbackId),
    /// The same was kept before.
    Duplicate(CallbackId),
}

/// A message that waits to be applied.
#[derive(Debug)]
pub struct PendingCallback {
    /// Whose.
    pub partner: PartnerId,
    /// The partner's public name.
    pub slug: Slug,
    /// What it says, as JSON.
    pub content: String,
    /// How often its order was looked for.
    pub attempts: i32,
    /// When it came.
    pub received_at: OffsetDateTime,
}

/// How a partner names an order; one of them is given.
#[derive(Debug, Clone, Copy)]
pub struct OrderLookup<'a> {
    /// By our id.
    pub order: Option<OrderId>,
    /// By the platform's.
    pub platform_id: Option<&'a str>,
    /// By its own.
    pub partner_order_id: Option<&'a str>,
}

/// How a message ended.
#[derive(Debug, Clone, Copy)]
pub struct CallbackOutcome<'a> {
    /// `applied`, `ignored` or `failed`.
    pub state: &'static str,
    /// Why not applied.
    pub detail: Option<&'static str>,
    /// The order it was about.
    pub order: Option<OrderId>,
    /// What is kept of it, as JSON.
    pub content: &'a str,
}

/// A message on the timeline of its order.
#[derive(Debug)]
pub struct TimelineCallback {
    /// Its id.
    pub id: CallbackId,
    /// Whose.
    pub partner: String,
    /// What it says, as JSON.
    pub content: String,
    /// What became of it.
    pub state: String,
    /// Why it was not applied.
    pub detail: Option<String>,
    /// When it came.
    pub received_at: OffsetDateTime,
    /// When it was applied or not.
    pub settled_at: Option<OffsetDateTime>,
}

impl Store {
    /// Keep a message; when this succeeds it is on disk.
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

    /// What waits to be applied.
    pub async fn due_callbacks(&self, limit: i64) -> Result<Vec<CallbackId>, DatabaseError> {
        let sql = include_str!("../sql/callbacks/due.sql");
        let rows = self.general().await?.query(sql, &[&limit]).await?;
        rows.iter().map(callback_id).collect()
    }

    /// Others first: this one went wrong.
    pub async fn postpone_callback(
        &self,
        id: CallbackId,
        delay_s: f64,
    ) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/callbacks/postpone.sql");
        let db = self.general().await?;
        db.execute(sql, &[&id.uuid(), &delay_s]).await.map(drop)
    }

    /// The first so many messages about an order, in the order in which they came.
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

/// A message that waits, unlocked: to see which order it is about.
pub async fn find(tx: &Tx<'_>, id: CallbackId) -> Result<Option<PendingCallback>, DatabaseError> {
    let sql = include_str!("../sql/callbacks/find.sql");
    let row = tx.query_opt(sql, &[&id.uuid()]).await?;
    row.as_ref().map(pending_callback).transpose()
}

/// Hold a message; false when it has been settled meanwhile.
pub async fn lock(tx: &Tx<'_>, id: CallbackId) -> Result<bool, DatabaseError> {
    let sql = include_str!("../sql/callbacks/lock.sql");
    let row = tx.query_opt(sql, &[&id.uuid()]).await?;
    Ok(row.is_some())
}

/// The order that a partner means, if it has lines in it.
pub async fn resolve(
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

/// A message has done what it could.
pub async fn settle(
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

/// Look again for its order after so long.
pub async fn retry_later(tx: &Tx<'_>, id: CallbackId, delay_s: f64) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/callbacks/retry_later.sql");
    tx.execute(sql, &[&id.uuid(), &delay_s]).await.map(drop)
}

/// What the messages about an order say.
pub async fn contents(
    tx: &Tx<'_>,
    order: OrderId,
) -> Result<Vec<(CallbackId, String)>, DatabaseError> {
    let sql = include_str!("../sql/callbacks/contents.sql");
    let rows = tx.query(sql, &[&order.uuid()]).await?;
    rows.iter()
        .map(|row| Ok((callback_id(row)?, row.try_get("content")?)))
        .collect()
}

/// Give a message other words.
pub async fn replace_content(
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
    Slug::parse(slug).map_err(|_| DatabaseError::Misuse("partners.slug".into()))
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
