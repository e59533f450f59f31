//! Reads what of posts decides who can buy.

use buywire_schemas::ids::{PostId, ProductId};
use buywire_schemas::post::PostSale;

use super::row;
use crate::db::DatabaseError;
use crate::store::Store;

impl Store {
    /// Of one post.
    pub async fn post_sale(&self, id: PostId) -> Result<Option<PostSale>, DatabaseError> {
        let sql = include_str!("../sql/posts/sale.sql");
        let row = self.general().await?.query_opt(sql, &[&id.uuid()]).await?;
        row.as_ref().map(row::post_sale).transpose()
    }

    /// Of the posts that sell these products now or later, the newest first.
    pub async fn post_sales_of(
        &self,
        products: &[ProductId],
    ) -> Result<Vec<PostSale>, DatabaseError> {
        let sql = include_str!("../sql/posts/sales_of_products.sql");
        let ids: Vec<_> = products.iter().map(|product| product.uuid()).collect();
        let rows = self.general().await?.query(sql, &[&ids]).await?;
        rows.iter().map(row::post_sale).collect()
    }
}
