//! Products and posts follow when an item is sold out or no longer.

use buywire_schemas::ids::{PartnerId, ProductId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{KeyColumns, StockKey};
use crate::db::{DatabaseError, Tx};
use crate::store::catalog::history;
use crate::store::catalog::products::offered_availability;
use crate::store::events::EmittedDelivery;
use crate::store::posts;

/// Settles the products of locked items, and their posts, in the transaction that changed their stock. Notify after
/// the commit.
pub(super) async fn settle<'a>(
    tx: &Tx<'_>,
    keys: impl IntoIterator<Item = &'a StockKey>,
    now: OffsetDateTime,
) -> Result<Vec<EmittedDelivery>, DatabaseError> {
    let products = settle_products(tx, keys, now).await?;
    match products.is_empty() {
        true => Ok(Vec::new()),
        false => posts::settle_for_products(tx, &products, now).await,
    }
}

/// Like [`settle`], for items of a partner whose totals have changed: their products' history says so.
pub(super) async fn settle_totals(
    tx: &Tx<'_>,
    partner: PartnerId,
    keys: &[StockKey],
    now: OffsetDateTime,
) -> Result<Vec<EmittedDelivery>, DatabaseError> {
    let products = settle_products(tx, keys, now).await?;
    let items: Vec<_> = keys.iter().map(|key| key.item_id.as_str()).collect();
    if !items.is_empty() {
        history::add_of_items(tx, partner, &items).await?;
    }
    match products.is_empty() {
        true => Ok(Vec::new()),
        false => posts::settle_for_products(tx, &products, now).await,
    }
}

/// Settles products only: the caller settles their posts.
pub(super) async fn settle_products<'a>(
    tx: &Tx<'_>,
    keys: impl IntoIterator<Item = &'a StockKey>,
    now: OffsetDateTime,
) -> Result<Vec<ProductId>, DatabaseError> {
    let KeyColumns { partners, items } = KeyColumns::of(keys);
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let sql = include_str!("../sql/stock/products.sql");
    let rows = tx.query(sql, &[&partners, &items]).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let (mut products, mut sold_out, mut availabilities) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        products.push(row.try_get::<_, Uuid>("product")?);
        sold_out.push(row.try_get::<_, bool>("sold_out")?);
        availabilities.push(offered_availability(row, now)?);
    }
    let sql = include_str!("../sql/stock/settle_products.sql");
    tx.execute(sql, &[&products, &sold_out, &availabilities])
        .await?;
    history::add(tx, &products).await?;
    Ok(products.into_iter().map(ProductId::from_uuid).collect())
}
