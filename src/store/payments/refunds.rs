//! Refunds: of checkouts that came to nothing, and of operators.

use buywire_schemas::ids::{PaymentId, RefundId};
use deadpool_postgres::GenericClient;
use time::OffsetDateTime;
use tokio_postgres::Row;

use crate::db::{DatabaseError, Db};
use crate::store::Store;

/// A refund that is about to be made.
#[derive(Debug, Clone)]
pub struct NewRefund<'a> {
    pub id: RefundId,
    pub payment: PaymentId,
    /// Names the intention: the same key is the same refund.
    pub key: &'a str,
    /// The checkout's own number of it; `None` for an operator's.
    pub number: Option<i32>,
    pub amount: i64,
    pub reason: &'a str,
    /// When it is due to be sent, for an operator's.
    pub due_at: Option<OffsetDateTime>,
}

/// A refund's row.
#[derive(Debug, Clone)]
pub struct StoredRefund {
    pub id: RefundId,
    pub payment: PaymentId,
    pub key: String,
    pub number: Option<i32>,
    pub amount: i64,
    pub reason: String,
    pub processor_id: Option<String>,
    pub status: String,
    pub failure: Option<String>,
    pub attempts: i32,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

impl Store {
    /// Adds a refund, or reads the one with this key.
    pub async fn add_payment_refund(
        &self,
        new: &NewRefund<'_>,
    ) -> Result<StoredRefund, DatabaseError> {
        add(&self.general().await?, new).await
    }

    /// The refunds of a payment, oldest first.
    pub async fn payment_refunds(
        &self,
        payment: PaymentId,
    ) -> Result<Vec<StoredRefund>, DatabaseError> {
        of_payment(&self.general().await?, payment).await
    }

    /// Records what the processor said of a refund, and when to ask again.
    pub async fn record_payment_refund(
        &self,
        id: RefundId,
        processor_id: Option<&str>,
        status: &str,
        failure: Option<&str>,
        due_at: Option<OffsetDateTime>,
    ) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/payments/record_refund.sql");
        let conn = self.general().await?;
        conn.execute(
            sql,
            &[&id.uuid(), &processor_id, &status, &failure, &due_at],
        )
        .await
        .map(drop)
    }

    /// Claims refunds of operators that are not final, for so many seconds.
    pub async fn claim_payment_refunds(
        &self,
        limit: i64,
        claim_seconds: f64,
    ) -> Result<Vec<StoredRefund>, DatabaseError> {
        let sql = include_str!("../sql/payments/claim_refunds.sql");
        let conn = self.general().await?;
        let rows = conn.query(sql, &[&limit, &claim_seconds]).await?;
        rows.iter().map(refund).collect()
    }
}

/// Adds a refund, or reads the one with this key.
pub(crate) async fn add(
    db: &Db<impl GenericClient>,
    new: &NewRefund<'_>,
) -> Result<StoredRefund, DatabaseError> {
    let sql = include_str!("../sql/payments/add_refund.sql");
    let row = db
        .query_one(
            sql,
            &[
                &new.id.uuid(),
                &new.payment.uuid(),
                &new.key,
                &new.number,
                &new.amount,
                &new.reason,
                &new.due_at,
            ],
        )
        .await?;
    refund(&row)
}

/// The refunds of a payment, oldest first.
pub(crate) async fn of_payment(
    db: &Db<impl GenericClient>,
    payment: PaymentId,
) -> Result<Vec<StoredRefund>, DatabaseError> {
    let sql = include_str!("../sql/payments/refunds.sql");
    let rows = db.query(sql, &[&payment.uuid()]).await?;
    rows.iter().map(refund).collect()
}

fn refund(row: &Row) -> Result<StoredRefund, DatabaseError> {
    Ok(StoredRefund {
        id: RefundId::from_uuid(row.try_get("id")?),
        payment: PaymentId::from_uuid(row.try_get("payment")?),
        key: row.try_get("key")?,
        number: row.try_get("number")?,
        amount: row.try_get("amount")?,
        reason: row.try_get("reason")?,
        processor_id: row.try_get("processor_id")?,
        status: row.try_get("status")?,
        failure: row.try_get("failure")?,
        attempts: row.try_get("attempts")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
