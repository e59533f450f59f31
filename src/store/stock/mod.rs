//! Stock in the database: totals, holds, and the products that are sold out by them.
//!
//! Whoever changes an item's stock or one of its holds locks its row in `stock` first.

mod buyers;
pub(crate) mod changes;
pub(crate) mod holds;
pub(crate) mod levels;
mod settling;

use std::collections::BTreeMap;

use buywire_schemas::ids::PartnerId;
use deadpool_postgres::GenericClient;
use tokio_postgres::Row;

use crate::db::{DatabaseError, Db};

/// One item of a partner. Locked in this order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StockKey {
    pub partner: PartnerId,
    pub item_id: String,
}

/// An item's stock, locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LockedStock {
    /// Units that the partner has for sale, sold ones included. `None`: unlimited. Below what is held and sold if the
    /// partner has reported so.
    pub total: Option<i64>,
    pub held: i64,
    pub sold: i64,
    /// The most units that one buyer may have.
    pub per_buyer_max: Option<i64>,
}

/// How many units more are held and sold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct StockChange {
    pub held: i64,
    pub sold: i64,
}

/// Changes by item.
pub(crate) type StockChanges = BTreeMap<StockKey, StockChange>;

impl LockedStock {
    /// Units that nobody holds or has bought. `None`: unlimited.
    #[must_use]
    pub(crate) fn left(&self) -> Option<i64> {
        self.total.map(|total| total - self.held - self.sold)
    }
}

/// The columns that name items in a statement.
struct KeyColumns<'a> {
    partners: Vec<uuid::Uuid>,
    items: Vec<&'a str>,
}

impl<'a> KeyColumns<'a> {
    fn of(keys: impl IntoIterator<Item = &'a StockKey>) -> Self {
        let (partners, items) = keys
            .into_iter()
            .map(|key| (key.partner.uuid(), key.item_id.as_str()))
            .unzip();
        Self { partners, items }
    }
}

fn key(row: &Row) -> Result<StockKey, DatabaseError> {
    Ok(StockKey {
        partner: PartnerId::from_uuid(row.try_get("partner")?),
        item_id: row.try_get("item_id")?,
    })
}

fn locked(rows: &[Row]) -> Result<BTreeMap<StockKey, LockedStock>, DatabaseError> {
    let stock = rows.iter().map(|row| {
        let max: Option<i32> = row.try_get("per_buyer_max")?;
        let stock = LockedStock {
            total: row.try_get("total")?,
            held: row.try_get("held")?,
            sold: row.try_get("sold")?,
            per_buyer_max: max.map(i64::from),
        };
        Ok((key(row)?, stock))
    });
    stock.collect()
}

/// Changes what is held and sold of locked items.
async fn change(db: &Db<impl GenericClient>, changes: &StockChanges) -> Result<(), DatabaseError> {
    if changes.is_empty() {
        return Ok(());
    }
    let KeyColumns { partners, items } = KeyColumns::of(changes.keys());
    let held: Vec<_> = changes.values().map(|change| change.held).collect();
    let sold: Vec<_> = changes.values().map(|change| change.sold).collect();
    let sql = include_str!("../sql/stock/change.sql");
    db.execute(sql, &[&partners, &items, &held, &sold])
        .await
        .map(drop)
}
