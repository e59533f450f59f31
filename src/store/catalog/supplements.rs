//! Supplements: what a partner's supplemental feed says of items, over what its main feed says of them.

use std::collections::BTreeMap;

use buywire_schemas::ids::PartnerId;

use super::live::LiveCatalog;
use crate::db::DatabaseError;
use crate::store::Store;

impl Store {
    /// Whether a partner has any.
    pub async fn has_supplements(&self, partner: PartnerId) -> Result<bool, DatabaseError> {
        let sql = include_str!("../sql/catalog/has_supplements.sql");
        let conn = self.general().await?;
        Ok(conn
            .query_one(sql, &[&partner.uuid()])
            .await?
            .try_get("has")?)
    }

    /// Their JSON, by the items' ids.
    pub async fn supplements(
        &self,
        partner: PartnerId,
        ids: &[String],
    ) -> Result<BTreeMap<String, String>, DatabaseError> {
        let sql = include_str!("../sql/catalog/supplements.sql");
        let rows = self
            .general()
            .await?
            .query(sql, &[&partner.uuid(), &ids])
            .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("item_id")?, row.try_get("fields")?)))
            .collect()
    }
}

impl LiveCatalog<'_> {
    /// Compares a supplement with the items that are there.
    pub async fn compare_supplement(&mut self) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/catalog/plan_supplements.sql");
        self.tx.execute(sql, &[&self.partner.uuid()]).await?;
        self.load_contents().await
    }

    /// Keeps a supplement for the feeds to come, when its plan has been made true.
    pub async fn store_supplement(&self, is_complete: bool) -> Result<(), DatabaseError> {
        let replace = include_str!("../sql/catalog/replace_supplements.sql");
        self.tx
            .execute(replace, &[&self.partner.uuid(), &is_complete])
            .await
            .map(drop)
    }
}
