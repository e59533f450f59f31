//! What the gate asks beside a plan's figures: how much could be bought before, and which ids name another thing now.

use buywire_schemas::catalog::identity::{Identity, is_recognisable};
use tokio_postgres::Row;

use super::live::Live;
use super::staging::count;
use crate::store::StoreError;

/// Items that are compared at once.
const SLICE: i64 = 1_000;

/// An item whose id named another thing before.
#[derive(Debug, Clone)]
pub struct Changed {
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
pub struct Renamed {
    /// How many there are.
    pub titles: u64,
    /// Of these, whose ids name another thing now.
    pub another: u64,
    /// The first of them.
    pub listed: Vec<Changed>,
}

impl Live<'_> {
    /// How many live products are offered as ones that can be bought.
    pub async fn buyable(&self) -> Result<u64, StoreError> {
        let sql = include_str!("../sql/catalog/count_buyable.sql");
        let row = self.tx.query_one(sql, &[&self.partner.uuid()]).await?;
        Ok(count(row.try_get("buyable")?))
    }

    /// Looks at the items whose titles may be beyond recognition, as a sketch has found them, and marks in the plan whose
    /// ids name another thing from now on. In slices: memory holds one, and of what is listed `listed_max`.
    pub async fn mark_changed(&self, listed_max: usize) -> Result<Renamed, StoreError> {
        let sql = include_str!("../sql/catalog/renamed.sql");
        let mut renamed = Renamed::default();
        let mut after = -1_i64;
        loop {
            let rows = self.tx.query(sql, &[&after, &SLICE]).await?;
            let mut another: Vec<uuid::Uuid> = Vec::new();
            for row in &rows {
                if renamed.take(row, listed_max)? {
                    another.push(row.try_get("product")?);
                }
            }
            if !another.is_empty() {
                let sql = include_str!("../sql/catalog/mark_another.sql");
                self.tx.execute(sql, &[&another]).await?;
            }
            let is_last = i64::try_from(rows.len()).is_ok_and(|rows| rows < SLICE);
            let Some(last) = rows.last().filter(|_| !is_last) else {
                return Ok(renamed);
            };
            after = last.try_get("n")?;
        }
    }
}

impl Renamed {
    /// Whether a candidate's id names another thing now.
    fn take(&mut self, row: &Row, listed_max: usize) -> Result<bool, StoreError> {
        let identity = |title, gtins, image| {
            let gtins: Option<&str> = row.try_get(gtins)?;
            Ok::<_, StoreError>(Identity {
                title: row.try_get(title)?,
                gtins: gtins.unwrap_or_default(),
                image: row.try_get(image)?,
            })
        };
        let before = identity("title", "gtins", "image")?;
        let now = identity("new_title", "new_gtins", "new_image")?;
        if is_recognisable(before.title, now.title) {
            return Ok(false);
        }
        self.titles += 1;
        let item_id: &str = row.try_get("item_id")?;
        if !before.is_another(&now, item_id) {
            return Ok(false);
        }
        self.another += 1;
        if self.listed.len() < listed_max {
            self.listed.push(Changed {
                line: count(row.try_get("line")?),
                item_id: item_id.to_owned(),
                before: before.title.to_owned(),
                now: now.title.to_owned(),
            });
        }
        Ok(true)
    }
}
