//! What partners can see of their images: as a list and in a run's report.

use buywire_schemas::ids::{PartnerId, ProductId};
use time::OffsetDateTime;
use tokio_postgres::Row;

use super::ImageStatus;
use super::row::{ImageHash, hash, status};
use crate::db::DatabaseError;
use crate::store::Store;
use crate::store::catalog::LiveCatalog;

/// A main image as a partner sees it.
#[derive(Debug, Clone)]
pub struct ListedImage {
    /// The hash of its URL.
    pub hash: ImageHash,
    pub url: String,
    /// The name of its state.
    pub status: ImageStatus,
    /// A finding code, or why the last check was inconclusive.
    pub reason: Option<String>,
    /// Such as `jpeg`.
    pub kind: Option<String>,
    /// In pixels.
    pub width: Option<i32>,
    /// In pixels.
    pub height: Option<i32>,
    /// When it was last checked.
    pub checked_at: Option<OffsetDateTime>,
    /// Some of the items that use it.
    pub items: Vec<String>,
}

/// An item that cannot be bought because of its image.
#[derive(Debug, Clone)]
pub struct RefusedImage {
    pub item_id: String,
    /// The URL of its image.
    pub url: String,
    /// A finding code.
    pub reason: Option<String>,
    /// The line in the feed; `None` if the record was recognised.
    pub line: Option<u64>,
}

impl Store {
    /// Lists a partner's main images after a hash.
    pub async fn images(
        &self,
        partner: PartnerId,
        status: Option<ImageStatus>,
        after: Option<ImageHash>,
        limit: i64,
    ) -> Result<Vec<ListedImage>, DatabaseError> {
        let sql = include_str!("../sql/images/list.sql");
        let status = status.map(ImageStatus::as_str);
        let after = after.as_ref().map(ImageHash::as_slice);
        let conn = self.general().await?;
        let rows = conn
            .query(sql, &[&partner.uuid(), &status, &after, &limit])
            .await?;
        rows.iter().map(listed_image).collect()
    }
}

impl Store {
    /// Reads the check of a product's main image. `None`: the walk has not come to it yet, or it has none.
    pub async fn image_of_product(
        &self,
        product: ProductId,
    ) -> Result<Option<ListedImage>, DatabaseError> {
        let sql = include_str!("../sql/images/of_product.sql");
        let conn = self.general().await?;
        let row = conn.query_opt(sql, &[&product.uuid()]).await?;
        row.as_ref().map(listed_image).transpose()
    }

    /// Reads the width and height in pixels of a product's main image; none if this URL has not been checked.
    pub async fn image_size(
        &self,
        product: ProductId,
        url: &str,
    ) -> Result<Option<(i32, i32)>, DatabaseError> {
        let sql = include_str!("../sql/images/size.sql");
        let conn = self.general().await?;
        let row = conn.query_opt(sql, &[&product.uuid(), &url]).await?;
        row.map(|row| Ok((row.try_get("width")?, row.try_get("height")?)))
            .transpose()
    }
}

impl LiveCatalog<'_> {
    /// Lists items of the compared run whose image is refused and does not change, at most 5,000. `is_full`: the run
    /// covers the whole catalog.
    pub async fn refused_images(&self, is_full: bool) -> Result<Vec<RefusedImage>, DatabaseError> {
        let partner = self.partner().uuid();
        let sql = include_str!("../sql/images/any_refused.sql");
        let row = self.tx().query_one(sql, &[&partner]).await?;
        if !row.try_get("any")? {
            return Ok(Vec::new());
        }
        let sql = include_str!("../sql/images/refused.sql");
        let rows = self.tx().query(sql, &[&partner, &is_full]).await?;
        let refusal = |row: &Row| {
            let line: i64 = row.try_get("line")?;
            Ok(RefusedImage {
                item_id: row.try_get("item_id")?,
                url: row.try_get("url")?,
                reason: row.try_get("reason")?,
                line: u64::try_from(line).ok().filter(|line| *line > 0),
            })
        };
        rows.iter().map(refusal).collect()
    }
}

fn listed_image(row: &Row) -> Result<ListedImage, DatabaseError> {
    Ok(ListedImage {
        hash: hash(row)?,
        url: row.try_get("url")?,
        status: status(row)?,
        reason: row.try_get("reason")?,
        kind: row.try_get("kind")?,
        width: row.try_get("width")?,
        height: row.try_get("height")?,
        checked_at: row.try_get("checked_at")?,
        items: row.try_get("items")?,
    })
}
