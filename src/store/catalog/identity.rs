//! What the gate asks beside a plan's figures: how much could be bought before, and which ids name another thing now.

use buywire_schemas::catalog::identity::{ItemIdentity, is_similar_title};
use tokio_postgres::Row;

use super::live::LiveCatalog;
use super::staging::count;
use crate::db::DatabaseError;

/// Items that are compared at once.
const SLICE: i64 = 1_000;

/// An item whose id named another thing before.
#[derive(Debug, Clone)]
pub struct IdentityChange {
    /// Where it stands.
    pub line: u64,
    /// The partner's id.
    pub item_id: String,
    /// What it was called.
    pub before: String,
    /// What it is called now.
    pub now: String,
}

/// What titles beyond recognition have come to.
#[derive(Debug, Clone, Default)]
pub struct RenamedItems {
    /// How many there are.
    pub titles: u64,
    /// Of these, whose ids name another thing now.
    pub reassigned: u64,
    /// The first of them.
    pub listed: Vec<IdentityChange>,
}

impl LiveCatalog<'_> {
    /// How many live products are offered as ones that can be bought.
    pub async fn buyable(&self) -> Result<u64, DatabaseError> {
        let sql = include_str!("../sql/catalog/count_buyable.sql");
        let row = self.tx.query_one(sql, &[&self.partner.uuid()]).await?;
        Ok(count(row.try_get("buyable")?))
    }

    /// Looks at the items whose titles may be beyond recognition, as a sketch has found them, and marks in the plan whose
    /// ids name another thing from now on. In slices: memory holds one, and of what is listed `listed_max`.
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
    /// Whether a candidate's id names another thing now.
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
