//! What only shows across items, found among what was read and what is live beside it.
//!
//! Promises: what one run has found the next one finds again, as long as it is there: the records that are told of
//! keep no raw hash, so that recognised records never hide a finding; the counts are whole, whatever is listed.

use buywire_schemas::catalog::issue::Code;
use tokio_postgres::types::ToSql;

use super::staging::{Staging, count, numbers};
use crate::db::DatabaseError;

/// What is to be compared.
#[derive(Debug, Clone, Copy)]
pub struct ConflictScope<'a> {
    /// Whether the feed speaks for the whole catalog: what it does not have is not there.
    pub is_full: bool,
    /// Whether it has whole items; else only their currencies count.
    pub items_complete: bool,
    /// Whether variants may not be alike, among each other or with what is live.
    pub groups: bool,
    /// Whether ids may differ only in capital letters, among those that were read.
    pub cases: bool,
    /// Whether records were recognised, and not read.
    pub recognised: bool,
    /// GTINs that were read more than once.
    pub duplicate_gtins: &'a [String],
}

/// One finding.
#[derive(Debug, Clone)]
pub struct ItemConflict {
    /// What.
    pub code: Code,
    /// How many of this kind there are.
    pub total: u64,
    /// Where.
    pub line: u64,
    /// About which item.
    pub item_id: String,
    /// What there is not alone, or not alike.
    pub value: String,
}

impl Staging {
    /// Compares items with each other; the first thousand findings of each kind. Takes variants out of the plan whose
    /// currency is not that of their product.
    pub async fn find_conflicts(
        &mut self,
        scope: ConflictScope<'_>,
    ) -> Result<Vec<ItemConflict>, DatabaseError> {
        let ConflictScope {
            is_full,
            items_complete,
            groups,
            cases,
            recognised,
            duplicate_gtins,
        } = scope;
        let partner = self.partner.uuid();
        let mut found = 0;
        if groups {
            let sql = include_str!("../sql/catalog/conflict_groups.sql");
            let values: [&(dyn ToSql + Sync); 3] = [&partner, &is_full, &items_complete];
            found += self.conn.execute(sql, &values).await?;
        }
        if cases && items_complete {
            let sql = include_str!("../sql/catalog/conflict_cases.sql");
            found += self.conn.execute(sql, &[]).await?;
        }
        if !duplicate_gtins.is_empty() {
            let sql = include_str!("../sql/catalog/conflict_gtins.sql");
            found += self.conn.execute(sql, &[&duplicate_gtins]).await?;
        }
        // An upsert looks at what it brings alone: the next full feed reads these records again, and sees all.
        if is_full && recognised {
            let sql = include_str!("../sql/catalog/conflict_live_gtins.sql");
            found += self.conn.execute(sql, &[&partner]).await?;
            let sql = include_str!("../sql/catalog/conflict_live_cases.sql");
            found += self.conn.execute(sql, &[&partner]).await?;
        }
        if found == 0 {
            return Ok(Vec::new());
        }
        let sql = include_str!("../sql/catalog/list_conflicts.sql");
        let rows = self.conn.query(sql, &[]).await?;
        let sql = include_str!("../sql/catalog/exclude_conflicts.sql");
        let row = self.conn.query_one(sql, &[]).await?;
        let conflicting = numbers(row.try_get("conflicting")?);
        if let Some(contents) = &mut self.spill {
            contents.clear_hashes(conflicting);
        }
        let conflicts = rows.iter().map(|row| {
            let code: &str = row.try_get("code")?;
            let unknown = |_| DatabaseError::Misuse("a code that nobody knows".into());
            Ok(ItemConflict {
                code: code.parse().map_err(unknown)?,
                total: count(row.try_get("total")?),
                line: count(row.try_get("line")?),
                item_id: row.try_get("item_id")?,
                value: row.try_get("value")?,
            })
        });
        conflicts.collect()
    }
}
