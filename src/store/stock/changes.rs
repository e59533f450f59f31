//! Feeds and stock reports set the totals of items that are counted here.

use buywire_schemas::ids::PartnerId;
use time::OffsetDateTime;
use tokio_postgres::Row;

use super::StockKey;
use super::settling::{settle_products, settle_totals};
use crate::db::{DatabaseError, Tx};
use crate::store::events::EmittedDelivery;

/// The items of a plan whose stock this transaction has locked.
pub(in crate::store) struct LockedItems(Vec<String>);

/// Locks the stock of the items that a run changes: before their products, because a buyer's hold locks them in this
/// order.
pub(in crate::store) async fn lock_of_plan(
    tx: &Tx<'_>,
    partner: PartnerId,
) -> Result<LockedItems, DatabaseError> {
    let sql = include_str!("../sql/stock/any_of_partner.sql");
    let row = tx.query_one(sql, &[&partner.uuid()]).await?;
    if !row.try_get::<_, bool>("any")? {
        return Ok(LockedItems(Vec::new()));
    }
    let sql = include_str!("../sql/stock/lock_of_plan.sql");
    let rows = tx.query(sql, &[&partner.uuid()]).await?;
    let items = rows.iter().map(|row| Ok(row.try_get("item_id")?));
    Ok(LockedItems(items.collect::<Result<_, DatabaseError>>()?))
}

/// Sets the totals of locked items to the quantities that a run has just brought, and settles their products. The run
/// settles the posts.
pub(in crate::store) async fn follow_catalog(
    tx: &Tx<'_>,
    partner: PartnerId,
    items: LockedItems,
    now: OffsetDateTime,
) -> Result<(), DatabaseError> {
    let LockedItems(items) = items;
    if items.is_empty() {
        return Ok(());
    }
    let sql = include_str!("../sql/stock/set_from_catalog.sql");
    let rows = tx.query(sql, &[&partner.uuid(), &items]).await?;
    warn_of(partner, &rows)?;
    let keys: Vec<_> = keys(partner, items);
    settle_products(tx, &keys, now).await.map(drop)
}

/// Sets the totals of counted items to what their partner reports. Notify after the commit.
pub(crate) async fn follow_reports(
    tx: &Tx<'_>,
    partner: PartnerId,
    reports: Vec<(String, i64)>,
    now: OffsetDateTime,
) -> Result<Vec<EmittedDelivery>, DatabaseError> {
    let sql = include_str!("../sql/stock/set_reported.sql");
    let mut changed = Vec::new();
    for (item_id, quantity) in reports {
        let total = quantity.max(0);
        changed.extend(tx.query(sql, &[&partner.uuid(), &item_id, &total]).await?);
    }
    warn_of(partner, &changed)?;
    let items = changed.iter().map(|row| Ok(row.try_get("item_id")?));
    let items = items.collect::<Result<_, DatabaseError>>()?;
    let keys = keys(partner, items);
    settle_totals(tx, partner, &keys, now).await
}

fn keys(partner: PartnerId, items: Vec<String>) -> Vec<StockKey> {
    let key = |item_id| StockKey { partner, item_id };
    items.into_iter().map(key).collect()
}

fn warn_of(partner: PartnerId, changed: &[Row]) -> Result<(), DatabaseError> {
    for row in changed {
        if let Some(reported) = row.try_get("reported")? {
            warn_too_low(partner, row.try_get("item_id")?, reported);
        }
    }
    Ok(())
}

/// Operators must know: more is promised to buyers than the partner has.
pub(crate) fn warn_too_low(partner: PartnerId, item_id: &str, reported: i64) {
    tracing::warn!(%partner, item_id, reported,
        "stock: the partner's total is below what is held and sold, selling stopped");
}
