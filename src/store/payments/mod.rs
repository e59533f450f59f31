//! Payments in the database: attempts, refunds, and a processor's webhooks.

pub(crate) mod events;
pub(crate) mod refunds;

use buywire_schemas::ids::{CheckoutId, PaymentId};
use buywire_schemas::money::Currency;
use deadpool_postgres::GenericClient;
use serde_json::Value;
use time::OffsetDateTime;
use tokio_postgres::Row;

use crate::db::{DatabaseError, Db, Tx};
use crate::store::Store;
use crate::store::stock::holds::{Fingerprint, fingerprint};

/// An attempt to pay that is about to be made.
#[derive(Debug, Clone)]
pub struct NewPayment {
    pub id: PaymentId,
    pub checkout: CheckoutId,
    pub attempt: i32,
    /// The processor's name.
    pub processor: &'static str,
    pub currency: Currency,
    pub amount: i64,
    /// When the hosted page closes by itself.
    pub session_ends_at: OffsetDateTime,
}

/// A payment's row.
#[derive(Debug, Clone)]
pub struct StoredPayment {
    pub id: PaymentId,
    pub checkout: CheckoutId,
    pub attempt: i32,
    pub processor: String,
    pub currency: Currency,
    pub amount: i64,
    pub session_id: Option<String>,
    pub session_ends_at: OffsetDateTime,
    pub payment_id: Option<String>,
    pub status: String,
    pub amount_captured: i64,
    pub amount_refunded: i64,
    pub card_brand: Option<String>,
    pub card_last4: Option<String>,
    /// A keyed hash.
    pub card: Option<Fingerprint>,
    pub decline_code: Option<String>,
    pub dispute: Option<Value>,
    /// Counts failures that the processor repeats for a key.
    pub key_generation: i32,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

/// What the processor said of a payment. `None` leaves what is known.
#[derive(Debug, Clone, Default)]
pub struct PaymentRecord {
    pub session_id: Option<String>,
    pub payment_id: Option<String>,
    pub status: Option<&'static str>,
    pub amount_captured: i64,
    pub amount_refunded: i64,
    pub card_brand: Option<String>,
    pub card_last4: Option<String>,
    /// A keyed hash.
    pub card: Option<Fingerprint>,
    pub decline_code: Option<String>,
    pub dispute: Option<Value>,
}

/// Which payments to list.
#[derive(Debug, Clone, Default)]
pub struct PaymentFilter {
    pub after: Option<PaymentId>,
    pub status: Option<String>,
    pub checkout: Option<CheckoutId>,
    pub limit: i64,
}

impl Store {
    /// Adds an attempt, or reads the one that was added before.
    pub async fn add_payment(&self, new: &NewPayment) -> Result<StoredPayment, DatabaseError> {
        let sql = include_str!("../sql/payments/add.sql");
        let conn = self.general().await?;
        let row = conn
            .query_one(
                sql,
                &[
                    &new.id.uuid(),
                    &new.checkout.uuid(),
                    &new.attempt,
                    &new.processor,
                    &new.currency.code(),
                    &new.amount,
                    &new.session_ends_at,
                ],
            )
            .await?;
        payment(&row)
    }

    /// The payments of a checkout, in the order of their attempts.
    pub async fn payments_of(
        &self,
        checkout: CheckoutId,
    ) -> Result<Vec<StoredPayment>, DatabaseError> {
        of_checkout(&self.general().await?, checkout).await
    }

    /// Reads one payment.
    pub async fn payment(&self, id: PaymentId) -> Result<Option<StoredPayment>, DatabaseError> {
        let sql = include_str!("../sql/payments/find.sql");
        let row = self.general().await?.query_opt(sql, &[&id.uuid()]).await?;
        row.as_ref().map(payment).transpose()
    }

    /// Finds the payment that a processor's ids name.
    pub async fn match_payment(
        &self,
        processor: &str,
        session: Option<&str>,
        payment_id: Option<&str>,
        refund: Option<&str>,
    ) -> Result<Option<StoredPayment>, DatabaseError> {
        let sql = include_str!("../sql/payments/match.sql");
        let conn = self.general().await?;
        let row = conn
            .query_opt(sql, &[&processor, &session, &payment_id, &refund])
            .await?;
        row.as_ref().map(payment).transpose()
    }

    /// Records what the processor said of a payment.
    pub async fn record_payment(
        &self,
        id: PaymentId,
        record: &PaymentRecord,
    ) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/payments/record.sql");
        let conn = self.general().await?;
        conn.execute(
            sql,
            &[
                &id.uuid(),
                &record.session_id,
                &record.payment_id,
                &record.status,
                &record.amount_captured,
                &record.amount_refunded,
                &record.card_brand,
                &record.card_last4,
                &record.decline_code,
                &record.dispute,
                &record.card.as_ref().map(<[u8; 32]>::as_slice),
            ],
        )
        .await
        .map(drop)
    }

    /// The next request of this payment has another key.
    pub async fn next_payment_key(&self, id: PaymentId) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/payments/next_key.sql");
        let conn = self.general().await?;
        conn.execute(sql, &[&id.uuid()]).await.map(drop)
    }

    /// Lists payments, newest first.
    pub async fn payments(
        &self,
        filter: &PaymentFilter,
    ) -> Result<Vec<StoredPayment>, DatabaseError> {
        let sql = include_str!("../sql/payments/page.sql");
        let after = filter.after.map(PaymentId::uuid);
        let checkout = filter.checkout.map(CheckoutId::uuid);
        let conn = self.general().await?;
        let rows = conn
            .query(sql, &[&after, &filter.status, &checkout, &filter.limit])
            .await?;
        rows.iter().map(payment).collect()
    }
}

/// Locks one payment.
pub(crate) async fn lock(
    tx: &Tx<'_>,
    id: PaymentId,
) -> Result<Option<StoredPayment>, DatabaseError> {
    let sql = include_str!("../sql/payments/lock.sql");
    let row = tx.query_opt(sql, &[&id.uuid()]).await?;
    row.as_ref().map(payment).transpose()
}

/// The payments of a checkout, in the order of their attempts.
pub(crate) async fn of_checkout(
    db: &Db<impl GenericClient>,
    checkout: CheckoutId,
) -> Result<Vec<StoredPayment>, DatabaseError> {
    let sql = include_str!("../sql/payments/of_checkout.sql");
    let rows = db.query(sql, &[&checkout.uuid()]).await?;
    rows.iter().map(payment).collect()
}

pub(super) fn payment(row: &Row) -> Result<StoredPayment, DatabaseError> {
    let currency = Currency::parse(row.try_get("currency")?);
    let unreadable = |_| DatabaseError::Misuse("payments.currency cannot be parsed".into());
    Ok(StoredPayment {
        id: PaymentId::from_uuid(row.try_get("id")?),
        checkout: CheckoutId::from_uuid(row.try_get("checkout")?),
        attempt: row.try_get("attempt")?,
        processor: row.try_get("processor")?,
        currency: currency.map_err(unreadable)?,
        amount: row.try_get("amount")?,
        session_id: row.try_get("session_id")?,
        session_ends_at: row.try_get("session_ends_at")?,
        payment_id: row.try_get("payment_id")?,
        status: row.try_get("status")?,
        amount_captured: row.try_get("amount_captured")?,
        amount_refunded: row.try_get("amount_refunded")?,
        card_brand: row.try_get("card_brand")?,
        card_last4: row.try_get("card_last4")?,
        card: fingerprint(row, "card")?,
        decline_code: row.try_get("decline_code")?,
        dispute: row.try_get("dispute")?,
        key_generation: row.try_get("key_generation")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
