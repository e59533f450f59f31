//! Walks: find the main images of a catalog in the background, one slice per transaction.

use uuid::Uuid;

use super::row::ImageHash;
use crate::db::{DatabaseError, Tx};
use crate::store::Store;

/// Products per slice: some ten milliseconds of work.
const SLICE: i64 = 2_000;

/// The location of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageAddress {
    /// The hash of its URL.
    pub hash: ImageHash,
    /// The host that serves it.
    pub host: String,
}

impl Store {
    /// Walks one slice of one changed catalog. Returns false if none has changed. `locate` parses an image URL; images
    /// whose URL it cannot parse are left out.
    pub async fn walk_images(
        &self,
        locate: impl Fn(&str) -> Option<ImageAddress> + Send,
    ) -> Result<bool, DatabaseError> {
        let mut conn = self.general().await?;
        let sql = include_str!("../sql/images/add_walks.sql");
        conn.execute(sql, &[]).await?;
        let tx = conn.begin().await?;
        let sql = include_str!("../sql/images/claim_walk.sql");
        let Some(row) = tx.query_opt(sql, &[]).await? else {
            tx.rollback().await?;
            return Ok(false);
        };
        let partner: Uuid = row.try_get("partner")?;
        let after: String = row.try_get("after")?;
        let sql = include_str!("../sql/images/slice_end.sql");
        let end = tx.query_one(sql, &[&partner, &after, &SLICE]).await?;
        let last: Option<String> = end.try_get("last")?;
        if let Some(last) = &last {
            record_slice(&tx, partner, &after, last, locate).await?;
        }
        match last {
            Some(last) if end.try_get::<_, i64>("items")? == SLICE => {
                let sql = include_str!("../sql/images/advance_walk.sql");
                tx.execute(sql, &[&partner, &last]).await?;
            }
            _ => {
                let sql = include_str!("../sql/images/end_walk.sql");
                tx.execute(sql, &[&partner]).await?;
            }
        }
        tx.commit().await?;
        Ok(true)
    }
}

async fn record_slice(
    tx: &Tx<'_>,
    partner: Uuid,
    after: &str,
    last: &str,
    locate: impl Fn(&str) -> Option<ImageAddress> + Send,
) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/images/slice.sql");
    let rows = tx.query(sql, &[&partner, &after, &last]).await?;
    let (mut with, mut without) = (Vec::new(), Vec::new());
    let (mut hashes, mut urls, mut hosts) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        let product: Uuid = row.try_get("id")?;
        let url: Option<&str> = row.try_get("url")?;
        match url.and_then(|url| Some((url, locate(url)?))) {
            Some((url, address)) => {
                with.push(product);
                hashes.push(address.hash.to_vec());
                urls.push(url);
                hosts.push(address.host);
            }
            None => without.push(product),
        }
    }
    if !without.is_empty() {
        let sql = include_str!("../sql/images/delete_uses.sql");
        tx.execute(sql, &[&without]).await?;
    }
    if with.is_empty() {
        return Ok(());
    }
    let sql = include_str!("../sql/images/add_images.sql");
    tx.execute(sql, &[&hashes, &urls, &hosts]).await?;
    let sql = include_str!("../sql/images/save_uses.sql");
    tx.execute(sql, &[&with, &hashes]).await?;
    // After the uses, whose rows now lock the images: either a new result is seen here, or it sees these uses.
    let sql = include_str!("../sql/images/mark_unsettled.sql");
    tx.execute(sql, &[&with]).await.map(drop)
}
