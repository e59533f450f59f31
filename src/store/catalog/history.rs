//! What products cost and how many units there were: one row per change, for 400 days.
//!
//! Promises: a change and its row commit together; a product's first appearance is a row, and what did not change is
//! none. A row's time is never before that of the row it follows. Must not be written without the product's lock.

use buywire_schemas::ids::{PartnerId, ProductId};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::{DatabaseError, Tx};
use crate::store::Store;

/// How many of the latest changes are searched for those of the price: a year of changes every two hours.
const SEARCHED_CHANGES: i64 = 5_000;

/// What changed at a time, and holds until the next change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProductChange {
    pub at: OffsetDateTime,
    /// Minor units of the currency.
    pub price: i64,
    pub sale: Option<SalePrice>,
    /// ISO 4217.
    pub currency: String,
    /// As offered, with what the gateway knows: `out_of_stock` as soon as it cannot be bought.
    pub availability: String,
    /// The units that its partner gave last, those sold here included. `None`: unlimited or not given.
    pub quantity: Option<i64>,
}

/// A sale price and its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SalePrice {
    /// Minor units.
    pub amount: i64,
    /// `None`: it has begun.
    pub starts_at: Option<OffsetDateTime>,
    /// Exclusive. `None`: it has no end.
    pub ends_at: Option<OffsetDateTime>,
}

impl ProductChange {
    /// What a buyer pays at a time at which this holds.
    pub(crate) fn price_at(&self, at: OffsetDateTime) -> i64 {
        let is_open = |sale: &SalePrice| {
            sale.starts_at.is_none_or(|start| start <= at)
                && sale.ends_at.is_none_or(|end| at < end)
        };
        self.sale
            .filter(is_open)
            .map_or(self.price, |sale| sale.amount)
    }
}

impl Store {
    /// Lists at most `limit` changes of a product before a time, newest first.
    pub(crate) async fn product_history(
        &self,
        id: ProductId,
        before: OffsetDateTime,
        limit: i64,
    ) -> Result<Vec<ProductChange>, DatabaseError> {
        let sql = include_str!("../sql/history/page.sql");
        let conn = self.general().await?;
        let rows = conn.query(sql, &[&id.uuid(), &before, &limit]).await?;
        rows.iter().map(change).collect()
    }

    /// Lists at most `limit` changes of a product's price, newest first.
    pub(crate) async fn price_history(
        &self,
        id: ProductId,
        limit: i64,
    ) -> Result<Vec<ProductChange>, DatabaseError> {
        let sql = include_str!("../sql/history/prices.sql");
        let conn = self.general().await?;
        let rows = conn
            .query(sql, &[&id.uuid(), &SEARCHED_CHANGES, &limit])
            .await?;
        rows.iter().map(change).collect()
    }
}

/// Adds what a run has changed, after everything that it changes. `detailed`: the records of items with a sale or a
/// quantity; `None`: any.
pub(super) async fn add_of_plan(
    tx: &Tx<'_>,
    detailed: Option<&[i64]>,
) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/history/add_new.sql");
    tx.execute(sql, &[&detailed]).await?;
    let sql = include_str!("../sql/history/add_of_plan.sql");
    tx.execute(sql, &[]).await.map(drop)
}

/// Adds what has changed of products that this transaction has updated.
pub(in crate::store) async fn add(tx: &Tx<'_>, products: &[Uuid]) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/history/add.sql");
    tx.execute(sql, &[&products]).await.map(drop)
}

/// Adds what has changed of items whose stock this transaction has updated.
pub(in crate::store) async fn add_of_items(
    tx: &Tx<'_>,
    partner: PartnerId,
    items: &[&str],
) -> Result<(), DatabaseError> {
    let partners = vec![partner.uuid(); items.len()];
    let sql = include_str!("../sql/history/lock_products.sql");
    let rows = tx.query(sql, &[&partners, &items]).await?;
    let ids = rows.iter().map(|row| Ok(row.try_get("id")?));
    let ids: Vec<_> = ids.collect::<Result<_, DatabaseError>>()?;
    match ids.is_empty() {
        true => Ok(()),
        false => add(tx, &ids).await,
    }
}

fn change(row: &Row) -> Result<ProductChange, DatabaseError> {
    let sale = match row.try_get("sale_price")? {
        None => None,
        Some(amount) => Some(SalePrice {
            amount,
            starts_at: row.try_get("sale_starts_at")?,
            ends_at: row.try_get("sale_ends_at")?,
        }),
    };
    Ok(ProductChange {
        at: row.try_get("at")?,
        price: row.try_get("price")?,
        sale,
        currency: row.try_get("currency")?,
        availability: row.try_get("availability")?,
        quantity: row.try_get("quantity")?,
    })
}
