//! Invoices in the database, and their refunds: what a payment processor would keep.

use buywire_schemas::ids::CheckoutId;
use buywire_schemas::money::Currency;
use deadpool_postgres::GenericClient;
use time::OffsetDateTime;
use tokio_postgres::Row;

use super::Store;
use crate::db::{DatabaseError, Db, Tx};

/// An invoice that is about to be opened.
#[derive(Debug, Clone)]
pub struct NewInvoice<'a> {
    /// Names the intention: the same id is the same invoice.
    pub id: &'a str,
    pub checkout: CheckoutId,
    pub currency: Currency,
    pub amount: i64,
    /// How to pay, as the buyer is told.
    pub instructions: &'a str,
    pub due_at: OffsetDateTime,
}

/// An invoice's row, with the sums of its refunds.
#[derive(Debug, Clone)]
pub struct StoredInvoice {
    pub id: String,
    pub checkout: CheckoutId,
    pub currency: Currency,
    pub amount: i64,
    pub instructions: String,
    /// `open`, `paid` or `void`.
    pub status: String,
    pub due_at: OffsetDateTime,
    /// What was sent back.
    pub refunded: i64,
    /// What is to be sent back.
    pub refund_pending: i64,
}

/// A refund of an invoice.
#[derive(Debug, Clone)]
pub struct StoredInvoiceRefund {
    pub id: String,
    pub invoice: String,
    pub currency: Currency,
    pub amount: i64,
    /// `pending`, `succeeded` or `failed`.
    pub status: String,
    pub failure: Option<String>,
}

impl Store {
    /// Opens an invoice, or reads the one that was opened before.
    pub async fn open_invoice(&self, new: &NewInvoice<'_>) -> Result<(), DatabaseError> {
        let sql = include_str!("sql/invoices/add.sql");
        let conn = self.general().await?;
        conn.execute(
            sql,
            &[
                &new.id,
                &new.checkout.uuid(),
                &new.currency.code(),
                &new.amount,
                &new.instructions,
                &new.due_at,
            ],
        )
        .await
        .map(drop)
    }

    /// Reads an invoice.
    pub async fn invoice(&self, id: &str) -> Result<Option<StoredInvoice>, DatabaseError> {
        find(&self.general().await?, id).await
    }

    /// Reads a refund of an invoice.
    pub async fn invoice_refund(
        &self,
        id: &str,
    ) -> Result<Option<StoredInvoiceRefund>, DatabaseError> {
        find_refund(&self.general().await?, id).await
    }
}

async fn find(
    db: &Db<impl GenericClient>,
    id: &str,
) -> Result<Option<StoredInvoice>, DatabaseError> {
    let sql = include_str!("sql/invoices/find.sql");
    let row = db.query_opt(sql, &[&id]).await?;
    row.as_ref().map(invoice).transpose()
}

/// Reads a refund of an invoice.
pub(crate) async fn find_refund(
    db: &Db<impl GenericClient>,
    id: &str,
) -> Result<Option<StoredInvoiceRefund>, DatabaseError> {
    let sql = include_str!("sql/invoices/find_refund.sql");
    let row = db.query_opt(sql, &[&id]).await?;
    row.as_ref().map(refund).transpose()
}

/// Locks an invoice and reads it. Its sums do not change until the transaction ends.
pub(crate) async fn lock(tx: &Tx<'_>, id: &str) -> Result<Option<StoredInvoice>, DatabaseError> {
    let sql = include_str!("sql/invoices/lock.sql");
    tx.query_opt(sql, &[&id]).await?;
    find(tx, id).await
}

/// Marks a locked invoice.
pub(crate) async fn mark(tx: &Tx<'_>, id: &str, status: &str) -> Result<(), DatabaseError> {
    let sql = include_str!("sql/invoices/mark.sql");
    tx.execute(sql, &[&id, &status]).await.map(drop)
}

/// Adds a refund of a locked invoice, or reads the one that was added before.
pub(crate) async fn add_refund(
    tx: &Tx<'_>,
    id: &str,
    invoice: &str,
    amount: i64,
) -> Result<Option<StoredInvoiceRefund>, DatabaseError> {
    let sql = include_str!("sql/invoices/add_refund.sql");
    tx.execute(sql, &[&id, &invoice, &amount]).await?;
    find_refund(tx, id).await
}

/// Marks a refund of a locked invoice.
pub(crate) async fn mark_refund(
    tx: &Tx<'_>,
    id: &str,
    status: &str,
    failure: Option<&str>,
) -> Result<(), DatabaseError> {
    let sql = include_str!("sql/invoices/mark_refund.sql");
    tx.execute(sql, &[&id, &status, &failure]).await.map(drop)
}

fn invoice(row: &Row) -> Result<StoredInvoice, DatabaseError> {
    Ok(StoredInvoice {
        id: row.try_get("id")?,
        checkout: CheckoutId::from_uuid(row.try_get("checkout")?),
        currency: currency(row)?,
        amount: row.try_get("amount")?,
        instructions: row.try_get("instructions")?,
        status: row.try_get("status")?,
        due_at: row.try_get("due_at")?,
        refunded: row.try_get("refunded")?,
        refund_pending: row.try_get("refund_pending")?,
    })
}

fn refund(row: &Row) -> Result<StoredInvoiceRefund, DatabaseError> {
    Ok(StoredInvoiceRefund {
        id: row.try_get("id")?,
        invoice: row.try_get("invoice")?,
        currency: currency(row)?,
        amount: row.try_get("amount")?,
        status: row.try_get("status")?,
        failure: row.try_get("failure")?,
    })
}

fn currency(row: &Row) -> Result<Currency, DatabaseError> {
    let unreadable = |_| DatabaseError::Misuse("an invoice's currency cannot be parsed".into());
    Currency::parse(row.try_get("currency")?).map_err(unreadable)
}
