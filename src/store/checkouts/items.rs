//! Catalog items as a checkout sells them.

use buywire_schemas::text::Slug;
use tokio_postgres::Row;

use crate::db::DatabaseError;
use crate::store::Store;
use crate::store::catalog::products::{Product, product};

impl Store {
    /// Reads these items of these partners, each with the partner's name. Unknown ones are left out.
    pub async fn checkout_items(
        &self,
        items: &[(&Slug, &str)],
    ) -> Result<Vec<(Product, String)>, DatabaseError> {
        let slugs: Vec<_> = items.iter().map(|(slug, _)| slug.as_str()).collect();
        let ids: Vec<_> = items.iter().map(|(_, item)| *item).collect();
        let sql = include_str!("../sql/checkouts/items.sql");
        let rows = self.general().await?.query(sql, &[&slugs, &ids]).await?;
        let named = |row: &Row| Ok((product(row)?, row.try_get("name")?));
        rows.iter().map(named).collect()
    }
}
