//! Shops: what a merchant has set, and what of it can be shown now.

use buywire_schemas::catalog::Item;
use buywire_schemas::ids::PartnerId;
use buywire_schemas::post::{Merchant, PostCard, SoldProduct};
use buywire_schemas::shop::{Shop, ShopItem};
use serde::Serialize;
use time::OffsetDateTime;
use tokio_postgres::Row;

use crate::db::{DatabaseError, Tx};
use crate::store::Store;
use crate::store::catalog::products::product;

/// A shop's settings.
#[derive(Debug, Clone, Serialize)]
pub struct ShopSettings {
    /// Whether the merchant has opened the shop.
    pub enabled: bool,
    /// The listed item ids, in the merchant's order.
    pub items: Vec<String>,
    /// When they were last changed; `None`: never.
    #[serde(with = "time::serde::rfc3339::option")]
    pub updated_at: Option<OffsetDateTime>,
}

/// A shop as everybody sees it.
#[derive(Debug)]
pub enum ShownShop {
    Open(Box<Shop>),
    /// Its merchant is suspended.
    Suspended,
    /// It is not open, or there is no such partner.
    Closed,
}

impl Store {
    /// Reads a partner's shop. Returns `None` if there is no such partner.
    pub async fn shop_settings(&self, slug: &str) -> Result<Option<ShopSettings>, DatabaseError> {
        let sql = include_str!("../sql/shops/find.sql");
        let row = self.general().await?.query_opt(sql, &[&slug]).await?;
        row.as_ref().map(settings).transpose()
    }

    /// Returns a partner's shop as it is shown at `now`. `public_url` is the prefix of its page's address.
    pub async fn shop(
        &self,
        slug: &str,
        public_url: &str,
        now: OffsetDateTime,
    ) -> Result<ShownShop, DatabaseError> {
        let conn = self.general().await?;
        let sql = include_str!("../sql/shops/find.sql");
        let Some(row) = conn.query_opt(sql, &[&slug]).await? else {
            return Ok(ShownShop::Closed);
        };
        let settings = settings(&row)?;
        if !settings.enabled {
            return Ok(ShownShop::Closed);
        }
        if row.try_get("suspended")? {
            return Ok(ShownShop::Suspended);
        }
        let partner = PartnerId::from_uuid(row.try_get("partner")?);
        let sql = include_str!("../sql/shops/products.sql");
        let rows = conn.query(sql, &[&partner.uuid(), &settings.items]).await?;
        let merchant = Merchant {
            name: row.try_get("name")?,
            slug: slug.to_owned(),
        };
        let items = rows
            .iter()
            .filter_map(|row| shop_item(row, &merchant, now).transpose());
        let items = items.collect::<Result<_, _>>()?;
        let url = format!("{public_url}/shop/{slug}");
        Ok(ShownShop::Open(Box::new(Shop::of(merchant, url, items))))
    }

    /// The merchants whose shops are open, by name; at most `limit`.
    pub async fn open_shops(&self, limit: i64) -> Result<Vec<Merchant>, DatabaseError> {
        let sql = include_str!("../sql/shops/open.sql");
        let rows = self.general().await?.query(sql, &[&limit]).await?;
        let merchant = |row: &Row| {
            Ok(Merchant {
                name: row.try_get("name")?,
                slug: row.try_get("slug")?,
            })
        };
        rows.iter().map(merchant).collect()
    }
}

/// Finds which of these ids a partner's catalog has.
pub(crate) async fn existing_items(
    tx: &Tx<'_>,
    partner: PartnerId,
    items: &[String],
) -> Result<Vec<String>, DatabaseError> {
    let sql = include_str!("../sql/shops/existing_items.sql");
    let rows = tx.query(sql, &[&partner.uuid(), &items]).await?;
    rows.iter().map(|row| Ok(row.try_get("item_id")?)).collect()
}

/// Saves a shop. Without `items`, its list stays.
pub(crate) async fn save(
    tx: &Tx<'_>,
    partner: PartnerId,
    enabled: bool,
    items: Option<&[String]>,
) -> Result<ShopSettings, DatabaseError> {
    let sql = include_str!("../sql/shops/save.sql");
    let row = tx
        .query_one(sql, &[&partner.uuid(), &enabled, &items])
        .await?;
    settings(&row)
}

fn settings(row: &Row) -> Result<ShopSettings, DatabaseError> {
    Ok(ShopSettings {
        enabled: row.try_get("enabled")?,
        items: row.try_get("items")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// Returns an item as shown, or `None` if it is not visible to everyone.
fn shop_item(
    row: &Row,
    merchant: &Merchant,
    now: OffsetDateTime,
) -> Result<Option<ShopItem>, DatabaseError> {
    let product = product(row)?;
    let item: Item = serde_json::from_str(&product.item)
        .map_err(|_| DatabaseError::Misuse("products.item cannot be parsed".into()))?;
    if !item.is_public() {
        return Ok(None);
    }
    let listing = SoldProduct {
        item: &item,
        state: product.state,
        merchant,
    };
    let item = ShopItem::of(product.id, &item, PostCard::of(&listing, now));
    Ok(Some(item))
}
