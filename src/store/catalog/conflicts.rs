//! Finds conflicts across items, among those that were read and those that are live.
//!
//! Promises: a conflict that a run reports is reported by the next run as long as it exists. Conflicting records keep
//! no raw hash, so that recognised records never hide a finding. Counts are complete, however many findings are
//! listed.

use buywire_schemas::catalog::issue::Code;
use tokio_postgres::types::ToSql;

use super::staging::{Staging, count, numbers};
use crate::db::DatabaseError;

/// What to compare.
#[derive(Debug, Clone, Copy)]
pub struct ConflictScope<'a> {
    /// Whether the feed covers the whole catalog, so that absent items do not count.
    pub is_full: bool,
    /// Whether the feed has whole items; otherwise only currencies are compared.
    pub items_complete: bool,
    /// Whether variants may conflict with each other or with live ones.
    pub groups: bool,
    /// Whether ids that were read may differ only in case.
    pub cases: bool,
    /// Whether some records were recognised instead of read.
    pub recognised: bool,
    /// GTINs that were read more than once.
    pub duplicate_gtins: &'a [String],
}

/// One conflict.
#[derive(Debug, Clone)]
pub struct ItemConflict {
    pub code: Code,
    /// The number of conflicts of this kind.
    pub total: u64,
    pub line: u64,
    pub item_id: String,
    /// The conflicting value.
    pub value: String,
}

impl Staging {
    /// Compares items with each other and returns the first thousand conflicts of each kind. Rejects variants whose
    /// currency differs from their group's.
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
        // An upsert only sees its own records: the next full feed reads these again and sees all.
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
            let unknown = |_| DatabaseError::Misuse("unknown finding code".into());
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
