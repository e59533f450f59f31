//! Stock levels: as partners set them, and as their catalogs and reports do.

use buywire_schemas::ids::PartnerId;
use serde::Serialize;
use time::OffsetDateTime;
use tokio_postgres::Row;

use super::StockKey;
use super::settling::settle_totals;
use crate::db::{DatabaseError, Tx};
use crate::store::Store;
use crate::store::events::EmittedDelivery;

/// An item's stock as partners and operators read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StockLevel {
    pub item_id: String,
    /// `counter` or `unlimited`.
    pub kind: String,
    /// Units for sale, sold ones included. `None`: unlimited.
    pub total: Option<i64>,
    pub held: i64,
    pub sold: i64,
    /// Units that nobody holds or has bought. `None`: unlimited.
    pub left: Option<i64>,
    /// The total that the partner gave last, while more than that is held and sold.
    pub reported: Option<i64>,
    /// The most units that one buyer may have.
    pub per_buyer_max: Option<i32>,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// What a partner sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NewStockLevel {
    /// `None`: unlimited.
    pub total: Option<i64>,
    pub per_buyer_max: Option<i32>,
}

impl Store {
    /// Reads an item's stock. Returns `None` if the partner's catalog never had the item.
    pub async fn stock_level(
        &self,
        partner: PartnerId,
        item_id: &str,
    ) -> Result<Option<StockLevel>, DatabaseError> {
        let sql = include_str!("../sql/stock/find.sql");
        let conn = self.general().await?;
        let row = conn.query_opt(sql, &[&partner.uuid(), &item_id]).await?;
        row.as_ref().map(level).transpose()
    }

    /// Lists at most `limit` counted items of a partner, after the item `after`.
    pub async fn stock_levels(
        &self,
        partner: PartnerId,
        after: &str,
        limit: i64,
    ) -> Result<Vec<StockLevel>, DatabaseError> {
        let sql = include_str!("../sql/stock/page.sql");
        let conn = self.general().await?;
        let rows = conn.query(sql, &[&partner.uuid(), &after, &limit]).await?;
        rows.iter().map(level).collect()
    }
}

impl Store {
    /// Lists the counted items of all partners or one, after a partner's slug and an item, with the partners' slugs.
    pub async fn all_stock_levels(
        &self,
        partner: Option<PartnerId>,
        after: Option<(&str, &str)>,
        limit: i64,
    ) -> Result<Vec<(String, StockLevel)>, DatabaseError> {
        let sql = include_str!("../sql/stock/all.sql");
        let partner = partner.map(PartnerId::uuid);
        let (slug, item) = after.unzip();
        let conn = self.general().await?;
        let rows = conn.query(sql, &[&partner, &slug, &item, &limit]).await?;
        let levels = rows
            .iter()
            .map(|row| Ok((row.try_get("slug")?, level(row)?)));
        levels.collect()
    }
}

/// Whether a partner's catalog has or had an item.
pub(crate) async fn is_in_catalog(tx: &Tx<'_>, key: &StockKey) -> Result<bool, DatabaseError> {
    let sql = include_str!("../sql/stock/is_in_catalog.sql");
    let (partner, item) = (key.partner.uuid(), &key.item_id);
    Ok(tx.query_opt(sql, &[&partner, item]).await?.is_some())
}

/// Sets an item's stock. Notify after the commit.
pub(crate) async fn set(
    tx: &Tx<'_>,
    key: &StockKey,
    new: NewStockLevel,
    now: OffsetDateTime,
) -> Result<(StockLevel, Vec<EmittedDelivery>), DatabaseError> {
    let sql = include_str!("../sql/stock/set.sql");
    let partner = key.partner.uuid();
    let row = tx
        .query_one(
            sql,
            &[&partner, &key.item_id, &new.total, &new.per_buyer_max],
        )
        .await?;
    let emitted = settle_totals(tx, key.partner, std::slice::from_ref(key), now).await?;
    Ok((level(&row)?, emitted))
}

fn level(row: &Row) -> Result<StockLevel, DatabaseError> {
    let total: Option<i64> = row.try_get("total")?;
    let (held, sold): (i64, i64) = (row.try_get("held")?, row.try_get("sold")?);
    Ok(StockLevel {
        item_id: row.try_get("item_id")?,
        kind: row.try_get("kind")?,
        total,
        held,
        sold,
        left: total.map(|total| total - held - sold),
        reported: row.try_get("reported")?,
        per_buyer_max: row.try_get("per_buyer_max")?,
        updated_at: row.try_get("updated_at")?,
    })
}
