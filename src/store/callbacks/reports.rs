//! What partners have reported: the state of each order, and stock levels.
//!
//! Promises: a report is read and written under the lock of its order's row. Must not interpret a report.

use buywire_schemas::ids::{OrderId, PartnerId};
use deadpool_postgres::GenericClient;
use time::OffsetDateTime;
use tokio_postgres::Row;

use crate::db::{DatabaseError, Db, Tx};
use crate::store::Store;

/// A partner's report about one order.
#[derive(Debug)]
pub struct StoredReport {
    pub partner: PartnerId,
    pub slug: String,
    /// Everything the partner has reported, as JSON.
    pub state: String,
    /// The report derived from it, as JSON.
    pub report: String,
    pub updated_at: OffsetDateTime,
}

/// The stock level of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StockLevel {
    /// The partner's item id.
    pub item_id: String,
    /// In pieces.
    pub quantity: i64,
}

impl Store {
    /// Lists what partners have reported about an order.
    pub async fn reports_of_order(
        &self,
        order: OrderId,
    ) -> Result<Vec<StoredReport>, DatabaseError> {
        list(&self.general().await?, order).await
    }
}

/// Reads one partner's report state of an order.
pub(crate) async fn find(
    tx: &Tx<'_>,
    order: OrderId,
    partner: PartnerId,
) -> Result<Option<(String, String)>, DatabaseError> {
    let sql = include_str!("../sql/reports/find.sql");
    let row = tx.query_opt(sql, &[&order.uuid(), &partner.uuid()]).await?;
    row.map(|row| Ok((row.try_get("state")?, row.try_get("report")?)))
        .transpose()
}

/// Reads the report states of all partners of an order.
pub(crate) async fn list(
    db: &Db<impl GenericClient>,
    order: OrderId,
) -> Result<Vec<StoredReport>, DatabaseError> {
    let sql = include_str!("../sql/reports/of_order.sql");
    let rows = db.query(sql, &[&order.uuid()]).await?;
    rows.iter().map(stored_report).collect()
}

/// Saves a partner's report.
pub(crate) async fn save(
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

/// Saves stock levels of that time, each item once. Returns those that are the newest.
pub(crate) async fn save_stock(
    tx: &Tx<'_>,
    partner: PartnerId,
    levels: &[StockLevel],
    at: OffsetDateTime,
) -> Result<Vec<StockLevel>, DatabaseError> {
    let items: Vec<_> = levels.iter().map(|level| level.item_id.as_str()).collect();
    let quantities: Vec<_> = levels.iter().map(|level| level.quantity).collect();
    let sql = include_str!("../sql/reports/stock.sql");
    let rows = tx
        .query(sql, &[&partner.uuid(), &items, &quantities, &at])
        .await?;
    let saved = rows.iter().map(|row| {
        Ok(StockLevel {
            item_id: row.try_get("item_id")?,
            quantity: row.try_get("quantity")?,
        })
    });
    saved.collect()
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
