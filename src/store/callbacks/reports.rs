//! What partners' words come to: a report per order and partner, and levels of stock.
//!
//! Promises: a report is read and written by whoever holds its order's row. Must not know what a report says.

use buywire_schemas::ids::{OrderId, PartnerId};
use deadpool_postgres::GenericClient;
use time::OffsetDateTime;
use tokio_postgres::Row;

use crate::db::{DatabaseError, Db, Tx};
use crate::store::Store;

/// A partner's report about one order.
#[derive(Debug)]
pub struct StoredReport {
    /// Whose.
    pub partner: PartnerId,
    /// The partner's public name.
    pub slug: String,
    /// Everything that was said, as JSON.
    pub state: String,
    /// What it comes to, as JSON.
    pub report: String,
    /// When that changed last.
    pub updated_at: OffsetDateTime,
}

/// How many pieces of an item are left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockLevel {
    /// The partner's own item id.
    pub item_id: String,
    /// Pieces.
    pub quantity: i64,
}

impl Store {
    /// What partners have reported about an order.
    pub async fn reports_of_order(
        &self,
        order: OrderId,
    ) -> Result<Vec<StoredReport>, DatabaseError> {
        list(&self.general().await?, order).await
    }
}

/// What one partner has said about an order, and what it came to.
pub async fn find(
    tx: &Tx<'_>,
    order: OrderId,
    partner: PartnerId,
) -> Result<Option<(String, String)>, DatabaseError> {
    let sql = include_str!("../sql/reports/find.sql");
    let row = tx.query_opt(sql, &[&order.uuid(), &partner.uuid()]).await?;
    row.map(|row| Ok((row.try_get("state")?, row.try_get("report")?)))
        .transpose()
}

/// What all partners have said about an order.
pub async fn list(
    db: &Db<impl GenericClient>,
    order: OrderId,
) -> Result<Vec<StoredReport>, DatabaseError> {
    let sql = include_str!("../sql/reports/of_order.sql");
    let rows = db.query(sql, &[&order.uuid()]).await?;
    rows.iter().map(stored_report).collect()
}

/// What a partner has said now, and what it comes to.
pub async fn save(
    tx: &Tx<'_>,
    order: OrderId,
    partner: PartnerId,
    state: &str,
    report: &str,
) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/reports/save.sql");
    tx.execute(sql, &[&order.uuid(), &partner.uuid(), &state, &report])
        .await
        .map(drop)
}

/// Levels of a partner's stock at that time, each item once.
pub async fn save_stock(
    tx: &Tx<'_>,
    partner: PartnerId,
    levels: &[StockLevel],
    at: OffsetDateTime,
) -> Result<(), DatabaseError> {
    let items: Vec<_> = levels.iter().map(|level| level.item_id.as_str()).collect();
    let quantities: Vec<_> = levels.iter().map(|level| level.quantity).collect();
    let sql = include_str!("../sql/reports/stock.sql");
    tx.execute(sql, &[&partner.uuid(), &items, &quantities, &at])
        .await
        .map(drop)
}

fn stored_report(row: &Row) -> Result<StoredReport, DatabaseError> {
    Ok(StoredReport {
        partner: PartnerId::from_uuid(row.try_get("partner")?),
        slug: row.try_get("slug")?,
        state: row.try_get("state")?,
        report: row.try_get("report")?,
        updated_at: row.try_get("updated_at")?,
    })
}
