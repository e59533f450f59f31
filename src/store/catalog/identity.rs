//! What the gate needs besides the plan's counts: how many products could be bought, and which ids were reassigned.

use buywire_schemas::catalog::identity::{ItemIdentity, is_similar_title};
use tokio_postgres::Row;

use super::live::LiveCatalog;
use super::staging::count;
use crate::db::DatabaseError;

/// Items compared at a time.
const SLICE: i64 = 1_000;

/// An item whose id named another thing before.
#[derive(Debug, Clone)]
pub struct IdentityChange {
    /// The line in the document.
    pub line: u64,
    /// The partner's item id.
    pub item_id: String,
    /// The previous title.
    pub before: String,
    /// The new title.
    pub now: String,
}

/// The result of comparing titles that changed beyond recognition.
#[derive(Debug, Clone, Default)]
pub struct RenamedItems {
    /// How many titles changed.
    pub titles: u64,
    /// How many of these ids were reassigned.
    pub reassigned: u64,
    /// The first reassigned items.
    pub listed: Vec<IdentityChange>,
}

impl LiveCatalog<'_> {
    /// Counts the live products that can be bought.
    pub async fn buyable(&self) -> Result<u64, DatabaseError> {
        let sql = include_str!("../sql/catalog/count_buyable.sql");
        let row = self.tx.query_one(sql, &[&self.partner.uuid()]).await?;
        Ok(count(row.try_get("buyable")?))
    }

    /// Compares the items whose sketch suggests a new title, and marks reassigned ids in the plan. Works in slices:
    /// memory holds one slice and at most `listed_max` listed items.
    pub async fn mark_reassigned(&self, listed_max: usize) -> Result<RenamedItems, DatabaseError> {
        let sql = include_str!("../sql/catalog/renamed_items.sql");
        let mut renamed = RenamedItems::default();
        let mut after = -1_i64;
        loop {
            let rows = self.tx.query(sql, &[&after, &SLICE]).await?;
            let mut reassigned: Vec<uuid::Uuid> = Vec::new();
            for row in &rows {
                if renamed.add_candidate(row, listed_max)? {
                    reassigned.push(row.try_get("product")?);
                }
            }
            if !reassigned.is_empty() {
                let sql = include_str!("../sql/catalog/mark_reassigned.sql");
                self.tx.execute(sql, &[&reassigned]).await?;
            }
            let is_last = i64::try_from(rows.len()).is_ok_and(|rows| rows < SLICE);
            let Some(last) = rows.last().filter(|_| !is_last) else {
                return Ok(renamed);
            };
            after = last.try_get("n")?;
        }
    }
}

impl RenamedItems {
    /// Whether a candidate's id was reassigned.
    fn add_candidate(&mut self, row: &Row, listed_max: usize) -> Result<bool, DatabaseError> {
        let identity = |title, gtins, image| {
            let gtins: Option<&str> = row.try_get(gtins)?;
            Ok::<_, DatabaseError>(ItemIdentity {
                title: row.try_get(title)?,
                gtins: gtins.unwrap_or_default(),
                image: row.try_get(image)?,
            })
        };
        let before = identity("title", "gtins", "image")?;
        let now = identity("new_title", "new_gtins", "new_image")?;
        if is_similar_title(before.title, now.title) {
            return Ok(false);
        }
        self.titles += 1;
        let item_id: &str = row.try_get("item_id")?;
        if !before.is_different_item(&now, item_id) {
            return Ok(false);
        }
        self.reassigned += 1;
        if self.listed.len() < listed_max {
            self.listed.push(IdentityChange {
                line: count(row.try_get("line")?),
                item_id: item_id.to_owned(),
                before: before.title.to_owned(),
                now: now.title.to_owned(),
            });
        }
        Ok(true)
    }
}
