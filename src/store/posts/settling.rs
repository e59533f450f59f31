//! Settles posts: they follow their products and the time.

use std::collections::{HashMap, HashSet};

use buywire_schemas::event::EventType;
use buywire_schemas::ids::{PartnerId, PostId, ProductId};
use buywire_schemas::post::PostReason;
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::queries::{emit_updates, ids, in_order, snapshots};
use super::row;
use crate::db::{DatabaseError, Tx};
use crate::store::Store;
use crate::store::events::EmittedDelivery;

/// Posts in memory at a time.
const SLICE: usize = 1_000;

/// Settles the posts of products that this transaction has changed. Notify after the commit.
pub(crate) async fn settle_for_products(
    tx: &Tx<'_>,
    products: &[ProductId],
    now: OffsetDateTime,
) -> Result<Vec<EmittedDelivery>, DatabaseError> {
    let products: Vec<_> = products.iter().map(|id| id.uuid()).collect();
    let sql = include_str!("../sql/posts/lock_of_products.sql");
    let rows = tx.query(sql, &[&products]).await?;
    settle(tx, &rows, &HashSet::new(), now).await
}

/// Settles the posts of products that the plan of a run has changed.
pub(in crate::store) async fn settle_for_plan(
    tx: &Tx<'_>,
    partner: PartnerId,
    now: OffsetDateTime,
) -> Result<Vec<EmittedDelivery>, DatabaseError> {
    let sql = include_str!("../sql/posts/any_of_partner.sql");
    let row = tx.query_one(sql, &[&partner.uuid()]).await?;
    if !row.try_get::<_, bool>("any")? {
        return Ok(Vec::new());
    }
    tx.execute(include_str!("../sql/posts/analyze_plan.sql"), &[])
        .await?;
    let sql = include_str!("../sql/posts/lock_of_plan.sql");
    let rows = tx.query(sql, &[&partner.uuid()]).await?;
    let mut reassigned = HashSet::new();
    for row in &rows {
        if row.try_get("reassigned")? {
            reassigned.insert(row.try_get("id")?);
        }
    }
    settle(tx, &rows, &reassigned, now).await
}

/// Settles a slice of the posts that are due. Returns their number and the event deliveries.
pub(crate) async fn settle_due(
    store: &Store,
    now: OffsetDateTime,
) -> Result<(usize, Vec<EmittedDelivery>), DatabaseError> {
    let mut conn = store.general().await?;
    let tx = conn.begin().await?;
    let sql = include_str!("../sql/posts/lock_due.sql");
    let limit = i64::try_from(SLICE).unwrap_or(i64::MAX);
    let rows = tx.query(sql, &[&now, &limit]).await?;
    let emitted = settle(&tx, &rows, &HashSet::new(), now).await?;
    tx.commit().await?;
    Ok((rows.len(), emitted))
}

/// Makes the published posts of a partner due, for `settle_due`.
pub(crate) async fn settle_soon(tx: &Tx<'_>, partner: PartnerId) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/posts/settle_soon.sql");
    tx.execute(sql, &[&partner.uuid()]).await.map(drop)
}

/// Settles locked posts. `reassigned`: posts whose item id was reassigned.
async fn settle(
    tx: &Tx<'_>,
    locked: &[Row],
    reassigned: &HashSet<Uuid>,
    now: OffsetDateTime,
) -> Result<Vec<EmittedDelivery>, DatabaseError> {
    let mut updates = Vec::new();
    for slice in ids(locked)?.chunks(SLICE) {
        updates.extend(settle_slice(tx, slice, reassigned, now).await?);
    }
    // Last and all at once: a delivery must not be in the queue long before its transaction commits.
    let mut emitted = Vec::new();
    for slice in updates.chunks(SLICE) {
        let ids: Vec<_> = slice.iter().map(|(_, id)| id.uuid()).collect();
        let posts = in_order(tx, &ids).await?;
        let kinds = slice.iter().map(|(kind, _)| *kind);
        let batch: Vec<_> = kinds.zip(&posts).collect();
        emitted.extend(emit_updates(tx, &batch).await?);
    }
    Ok(emitted)
}

async fn settle_slice(
    tx: &Tx<'_>,
    slice: &[Uuid],
    reassigned: &HashSet<Uuid>,
    now: OffsetDateTime,
) -> Result<Vec<(EventType, PostId)>, DatabaseError> {
    let posts = super::queries::read(tx, slice).await?;
    let snapshots: HashMap<Uuid, _> = snapshots(tx, slice).await?.into_iter().collect();
    let settled: Vec<_> = posts
        .iter()
        .filter_map(|post| {
            let snapshot = snapshots.get(&post.id.uuid())?;
            let requested = match reassigned.contains(&post.id.uuid()) {
                true => post.withdrawn_for_review(PostReason::ItemChangedIdentity),
                false => post.clone(),
            };
            Some(post.settle(requested, &snapshot.sold_product(), now))
        })
        .collect();
    row::save(tx, &settled).await?;
    let updates = settled
        .iter()
        .filter_map(|one| Some((one.event?, one.post.id)));
    Ok(updates.collect())
}
