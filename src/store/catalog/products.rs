//! Reads products.

use buywire_schemas::catalog::{Availability, Item, ProductState};
use buywire_schemas::ids::{PartnerId, ProductId};
use buywire_schemas::selection::search_key;
use time::OffsetDateTime;
use tokio_postgres::Row;

use crate::db::DatabaseError;
use crate::store::Store;

/// The number of variants shown with a product.
const VARIANTS_MAX: i64 = 500;

/// Filters for products; every field narrows.
#[derive(Debug, Clone, Default)]
pub struct ProductFilter {
    /// Only this partner's.
    pub partner: Option<PartnerId>,
    /// After this product.
    pub after: Option<ProductId>,
    /// Text in the title or id, in any case.
    pub text: Option<String>,
    pub availability: Option<Availability>,
    /// The size of the page.
    pub limit: i64,
}

/// A product's row.
#[derive(Debug, Clone)]
pub struct Product {
    pub id: ProductId,
    pub owner: PartnerId,
    /// The slug of the partner.
    pub partner: String,
    /// The partner's item id.
    pub item_id: String,
    /// The group that its variants share.
    pub group: Option<String>,
    /// The state besides the item's own data.
    pub state: ProductState,
    /// The last good data, as canonical JSON.
    pub item: String,
    /// Grows with every change.
    pub version: i64,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

impl Store {
    /// Lists products by partner and id.
    pub async fn products(&self, filter: &ProductFilter) -> Result<Vec<Product>, DatabaseError> {
        let partner = filter.partner.map(PartnerId::uuid);
        let after = filter.after.map(ProductId::uuid);
        let availability = &filter.availability.map(Availability::as_str);
        let limit = &filter.limit;
        let rows = match &filter.text {
            None => {
                let sql = include_str!("../sql/catalog/products.sql");
                let conn = self.general().await?;
                conn.query(sql, &[&partner, &after, availability, limit])
                    .await?
            }
            Some(text) => {
                let text = search_key(text);
                let sql = include_str!("../sql/catalog/search_products.sql");
                let _permit = self.search_permit().await?;
                let conn = self.general().await?;
                conn.query(sql, &[&partner, &after, availability, limit, &text])
                    .await?
            }
        };
        rows.iter().map(product).collect()
    }

    /// Reads one product and its variants, itself included.
    pub async fn product(
        &self,
        id: ProductId,
        partner: Option<PartnerId>,
    ) -> Result<Option<(Product, Vec<Product>)>, DatabaseError> {
        let conn = self.general().await?;
        let partner = partner.map(PartnerId::uuid);
        let sql = include_str!("../sql/catalog/product.sql");
        let Some(row) = conn.query_opt(sql, &[&id.uuid(), &partner]).await? else {
            return Ok(None);
        };
        let sql = include_str!("../sql/catalog/variants.sql");
        let rows = conn.query(sql, &[&id.uuid(), &VARIANTS_MAX]).await?;
        let variants = rows.iter().map(product).collect::<Result<_, _>>()?;
        Ok(Some((product(&row)?, variants)))
    }

    /// Returns at most `limit` products of the group, the product itself included, and the total.
    pub async fn variants(
        &self,
        id: ProductId,
        limit: i64,
    ) -> Result<(Vec<Product>, i64), DatabaseError> {
        let sql = include_str!("../sql/catalog/variants.sql");
        let conn = self.general().await?;
        let rows = conn.query(sql, &[&id.uuid(), &limit]).await?;
        let total = rows.first().map(|row| row.try_get("total")).transpose()?;
        let variants = rows.iter().map(product).collect::<Result<_, _>>()?;
        Ok((variants, total.unwrap_or_default()))
    }
}

/// Reads a product from a row with all columns.
pub(in crate::store) fn product(row: &Row) -> Result<Product, DatabaseError> {
    Ok(Product {
        id: ProductId::from_uuid(row.try_get("id")?),
        owner: PartnerId::from_uuid(row.try_get("partner")?),
        partner: row.try_get("slug")?,
        item_id: row.try_get("item_id")?,
        group: row.try_get("group_key")?,
        state: product_state(row)?,
        item: row.try_get("item")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// The availability to offer of a product in this state.
pub(in crate::store) fn offered_availability(
    row: &Row,
    now: OffsetDateTime,
) -> Result<&'static str, DatabaseError> {
    let item: Item = serde_json::from_str(row.try_get("item")?)
        .map_err(|_| DatabaseError::Misuse("products.item cannot be parsed".into()))?;
    Ok(item.offer(catalog_state(row)?, now).availability.as_str())
}

/// Reads a product's state from a row with these columns, and whether its partner is suspended.
pub(in crate::store) fn product_state(row: &Row) -> Result<ProductState, DatabaseError> {
    Ok(ProductState {
        suspended: row.try_get("suspended")?,
        ..catalog_state(row)?
    })
}

/// What the catalog says, whatever becomes of the partner: what is stored must hold when it sells again.
fn catalog_state(row: &Row) -> Result<ProductState, DatabaseError> {
    Ok(ProductState {
        blocked: row.try_get("blocked")?,
        missing: row.try_get::<_, i16>("missing_runs")? > 0,
        gone: row
            .try_get::<_, Option<OffsetDateTime>>("removed_at")?
            .is_some(),
        image_refused: row.try_get("image_refused")?,
        sold_out: row.try_get("sold_out")?,
        suspended: false,
    })
}
