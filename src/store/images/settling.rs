//! Settlements: products follow when their image is refused or no longer refused.

use buywire_schemas::ids::ProductId;
use time::OffsetDateTime;
use uuid::Uuid;

use super::row::{ImageHash, hash};
use crate::db::{Conn, DatabaseError};
use crate::store::catalog::history;
use crate::store::catalog::products::offered_availability;
use crate::store::events::EmittedDelivery;
use crate::store::{Store, posts};

/// An image and the state its products are to have.
struct Verdict {
    hash: ImageHash,
    url: String,
    refused: bool,
}

impl Store {
    /// Settles all unsettled images: updates their products, and the posts of these products. A catalog locked by a
    /// feed waits for the next time and delays no other. `notify` receives the event deliveries of each transaction
    /// after its commit.
    pub async fn settle_images(
        &self,
        now: OffsetDateTime,
        notify: impl Fn(Vec<EmittedDelivery>) + Send + Sync,
    ) -> Result<(), DatabaseError> {
        let mut conn = self.general().await?;
        let sql = include_str!("../sql/images/unsettled.sql");
        let mut after: Vec<u8> = Vec::new();
        loop {
            let rows = conn.query(sql, &[&after]).await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = last.try_get("hash")?;
            for row in &rows {
                let verdict = Verdict {
                    hash: hash(row)?,
                    url: row.try_get("url")?,
                    refused: row.try_get("refused")?,
                };
                settle_partners(&mut conn, &verdict, now, &notify).await?;
                mark_settled(&mut conn, &verdict).await?;
            }
        }
    }
}

async fn settle_partners(
    conn: &mut Conn,
    verdict: &Verdict,
    now: OffsetDateTime,
    notify: &(impl Fn(Vec<EmittedDelivery>) + Send + Sync),
) -> Result<(), DatabaseError> {
    let hash = verdict.hash.as_slice();
    let mut partner = Uuid::nil();
    let sql = include_str!("../sql/images/next_partner.sql");
    while let Some(next) = conn
        .query_opt(sql, &[&hash, &verdict.refused, &partner])
        .await?
    {
        partner = next.try_get("partner")?;
        while let Some(emitted) = settle_slice(conn, verdict, partner, now).await? {
            notify(emitted);
        }
    }
    Ok(())
}

/// Settles one slice of one partner. Returns `None` if no product is left or the catalog is busy.
async fn settle_slice(
    conn: &mut Conn,
    verdict: &Verdict,
    partner: Uuid,
    now: OffsetDateTime,
) -> Result<Option<Vec<EmittedDelivery>>, DatabaseError> {
    let tx = conn.begin().await?;
    let sql = include_str!("../sql/images/try_lock_feed.sql");
    if tx.query_opt(sql, &[&partner]).await?.is_none() {
        tx.rollback().await?;
        return Ok(None);
    }
    let sql = include_str!("../sql/images/settle_uses.sql");
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] = [
        &verdict.hash.as_slice(),
        &partner,
        &verdict.refused,
        &verdict.url,
    ];
    let rows = tx.query(sql, &values).await?;
    let (mut products, mut availabilities) = (Vec::new(), Vec::new());
    for row in &rows {
        if row.try_get("follows")? {
            products.push(row.try_get::<_, Uuid>("product")?);
            availabilities.push(offered_availability(row, now)?);
        }
    }
    let mut emitted = Vec::new();
    if !products.is_empty() {
        let sql = include_str!("../sql/images/settle_products.sql");
        tx.execute(sql, &[&products, &verdict.refused, &availabilities])
            .await?;
        history::add(&tx, &products).await?;
        let ids: Vec<_> = products.into_iter().map(ProductId::from_uuid).collect();
        emitted = posts::settle_for_products(&tx, &ids, now).await?;
    }
    tx.commit().await?;
    Ok((!rows.is_empty()).then_some(emitted))
}

/// Marks the image as settled, unless a product is left.
async fn mark_settled(conn: &mut Conn, verdict: &Verdict) -> Result<(), DatabaseError> {
    let hash = verdict.hash.as_slice();
    let tx = conn.begin().await?;
    let sql = include_str!("../sql/images/lock_image.sql");
    if let Some(row) = tx.query_opt(sql, &[&hash]).await? {
        let refused: bool = row.try_get("refused")?;
        let sql = include_str!("../sql/images/mark_settled.sql");
        tx.execute(sql, &[&hash, &refused]).await?;
    }
    tx.commit().await
}
