//! What a buyer holds.
//!
//! Promises: a buyer is recognised by contact and address together. Must not name the buyer.

use buywire_schemas::ids::ProductId;
use tokio_postgres::types::ToSql;

use super::holds::BuyerFingerprints;
use crate::db::DatabaseError;
use crate::store::Store;

impl Store {
    /// Those of some products of which a buyer holds units. An e-mail address alone does not prove who the buyer is.
    pub(crate) async fn held_by_buyer(
        &self,
        products: &[ProductId],
        buyer: &BuyerFingerprints,
    ) -> Result<Vec<ProductId>, DatabaseError> {
        let (Some(contact), Some(address)) = (buyer.contact, buyer.address) else {
            return Ok(Vec::new());
        };
        let products: Vec<_> = products.iter().map(|id| id.uuid()).collect();
        let sql = include_str!("../sql/stock/held_by_buyer.sql");
        let conn = self.general().await?;
        let parameters: [&(dyn ToSql + Sync); 3] =
            [&products, &contact.as_slice(), &address.as_slice()];
        let rows = conn.query(sql, &parameters).await?;
        let ids = rows.iter().map(|row| row.try_get("id"));
        Ok(ids
            .map(|id| id.map(ProductId::from_uuid))
            .collect::<Result<_, _>>()?)
    }
}
