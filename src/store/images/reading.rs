//! What partners are told of their pictures: as a list, and in a run's report.

use buywire_schemas::ids::PartnerId;
use time::OffsetDateTime;
use tokio_postgres::Row;

use super::ImageStatus;
use super::row::{ImageHash, hash, status};
use crate::db::DatabaseError;
use crate::store::Store;
use crate::store::catalog::LiveCatalog;

/// A main picture as a partner sees it.
#[derive(Debug, Clone)]
pub struct ListedImage {
    /// What names it.
    pub hash: ImageHash,
    /// Where it lies.
    pub url: String,
    /// In one word.
    pub status: ImageStatus,
    /// A code of the vocabulary, or what stood in the way.
    pub reason: Option<String>,
    /// Such as `jpeg`.
    pub kind: Option<String>,
    /// Pixels.
    pub width: Option<i32>,
    /// Pixels.
    pub height: Option<i32>,
    /// When it was last looked at.
    pub checked_at: Option<OffsetDateTime>,
    /// A few of the items that have it.
    pub items: Vec<String>,
}

/// An item that cannot be bought because of its picture.
#[derive(Debug, Clone)]
pub struct RefusedImage {
    /// Which.
    pub item_id: String,
    /// Its picture.
    pub url: String,
    /// A code of the vocabulary.
    pub reason: Option<String>,
    /// Where it stood in the feed; none when its record was recognised.
    pub line: Option<u64>,
}

impl Store {
    /// A partner's main pictures behind that one.
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

impl LiveCatalog<'_> {
    /// Items of the compared run whose picture is refused and stays the same; at most 5,000. `is_full`: the run speaks
    /// for the whole catalog.
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
