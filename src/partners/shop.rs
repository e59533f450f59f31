//! A partner's shop: whether it is shown, and with which items.

use std::collections::HashSet;

use buywire_schemas::problem::{BodyError, FieldError, Violation};
use buywire_schemas::read::{Reader, flag, text};
use buywire_schemas::shop::ITEMS_MAX;
use buywire_schemas::text::Slug;
use serde_json::json;

use super::{PartnerError, Partners, Principal};
use crate::store::partners;
use crate::store::partners::shops;

/// The longest item id.
const ITEM_ID_CHARS_MAX: usize = 128;

struct ShopUpdate {
    enabled: bool,
    /// `None` leaves the list as it is.
    items: Option<Vec<String>>,
}

impl Partners {
    pub async fn shop(&self, slug: &Slug) -> Result<shops::ShopSettings, PartnerError> {
        let setting = self.store.shop_settings(slug.as_str()).await?;
        setting.ok_or(PartnerError::NotFound)
    }

    pub async fn set_shop(
        &self,
        principal: Principal<'_>,
        slug: &Slug,
        body: &[u8],
    ) -> Result<shops::ShopSettings, PartnerError> {
        let update = ShopUpdate::parse(body)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let partner = partners::lock(&tx, slug.as_str()).await?;
        let partner = partner.ok_or(PartnerError::NotFound)?.id;
        if let Some(items) = &update.items {
            let existing = shops::existing_items(&tx, partner, items).await?;
            check_items_exist(items, &existing)?;
        }
        let setting = shops::save(&tx, partner, update.enabled, update.items.as_deref()).await?;
        let details = json!({"enabled": setting.enabled, "items": setting.items.len()});
        principal.record(&tx, "shop.update", slug, details).await?;
        tx.commit().await?;
        Ok(setting)
    }
}

impl ShopUpdate {
    fn parse(body: &[u8]) -> Result<Self, BodyError> {
        // Ids in the catalog are not card numbers; all others are refused as unknown.
        let items: Vec<_> = (0..ITEMS_MAX).map(|n| format!("/items/{n}")).collect();
        let mut body = Reader::object_exempting(body, &items)?;
        let enabled = body.required("enabled", flag);
        let items = body.optional_values("items", 0..=ITEMS_MAX, text(1..=ITEM_ID_CHARS_MAX));
        let mut recorded = HashSet::new();
        for (index, item) in items.iter().flatten().enumerate() {
            if !recorded.insert(item.as_str()) {
                let flaw = Violation::new("duplicate", "is in the list already; remove it");
                body.refuse(&format!("/items/{index}"), flaw);
            }
        }
        body.finish(|| {
            Some(Self {
                enabled: enabled?,
                items: items.clone(),
            })
        })
    }
}

/// Refuses items that are not in the catalog, each by its index.
fn check_items_exist(items: &[String], existing: &[String]) -> Result<(), BodyError> {
    let unknown = items
        .iter()
        .enumerate()
        .filter(|(_, id)| !existing.contains(id));
    let errors: Vec<_> = unknown
        .map(|(index, _)| {
            let detail = "is not in the partner's catalog; use the id from its feed";
            FieldError::at(
                format!("/items/{index}"),
                Violation::new("item_unknown", detail),
            )
        })
        .collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(BodyError::Invalid(errors)),
    }
}
