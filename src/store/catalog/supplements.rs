//! Supplements: attributes from a partner's supplemental feed, laid over those of its main feed.

use std::collections::BTreeMap;

use buywire_schemas::ids::PartnerId;

use super::live::LiveCatalog;
use crate::db::DatabaseError;
use crate::store::Store;

impl Store {
    /// Whether a partner has a supplement.
    pub async fn has_supplements(&self, partner: PartnerId) -> Result<bool, DatabaseError> {
        let sql = include_str!("../sql/catalog/has_supplements.sql");
        let conn = self.general().await?;
        Ok(conn
            .query_one(sql, &[&partner.uuid()])
            .await?
            .try_get("has")?)
    }

    /// Reads the attributes as JSON, by item id.
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
    /// Plans what the supplement changes in existing items.
    pub async fn compare_supplement(&mut self) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/catalog/plan_supplements.sql");
        self.tx.execute(sql, &[&self.partner.uuid()]).await?;
        self.load_contents().await
    }

    /// Stores the supplement for later feeds, once its plan was applied.
    pub async fn store_supplement(&self, is_complete: bool) -> Result<(), DatabaseError> {
        let replace = include_str!("../sql/catalog/replace_supplements.sql");
        self.tx
            .execute(replace, &[&self.partner.uuid(), &is_complete])
            .await
            .map(drop)
    }
}
