//! A partner's shop: its own word whether it is shown, and which of its items stand in it.

use std::collections::HashSet;

use buywire_schemas::problem::{BodyError, FieldError, Violation};
use buywire_schemas::read::{Reader, flag, text};
use buywire_schemas::shop::ITEMS_MAX;
use buywire_schemas::text::Slug;
use serde_json::json;

use super::{PartnerError, Partners, Principal};
use crate::store::audit::{self, NewAuditEntry};
use crate::store::partners;
use crate::store::partners::shops;

/// As long as an item's id can be.
const ITEM_ID_CHARS_MAX: usize = 128;

/// What a body asks for.
struct ShopUpdate {
    enabled: bool,
    /// None: the list stays.
    items: Option<Vec<String>>,
}

impl Partners {
    /// What a partner has set.
    pub async fn shop(&self, slug: &Slug) -> Result<shops::ShopSettings, PartnerError> {
        let setting = self.store.shop_settings(slug.as_str()).await?;
        setting.ok_or(PartnerError::NotFound)
    }

    /// Set a partner's shop.
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
        let entry = NewAuditEntry {
            actor: principal.actor,
            action: "shop.update",
            subject: slug.as_str(),
            details: json!({"enabled": setting.enabled, "items": setting.items.len()}),
        };
        audit::record(&tx, entry).await?;
        tx.commit().await?;
        Ok(setting)
    }
}

impl ShopUpdate {
    fn parse(body: &[u8]) -> Result<Self, BodyError> {
        // Ids that the catalog has taken are no card numbers; all others are refused as unknown.
        let items: Vec<_> = (0..ITEMS_MAX).map(|n| format!("/items/{n}")).collect();
        let mut body = Reader::object_exempting(body, &items)?;
        let enabled = body.required("enabled", flag);
        let items = body.optional_values("items", 0..=ITEMS_MAX, text(1..=ITEM_ID_CHARS_MAX));
        let mut recorded = HashSet::new();
        for (index, item) in items.iter().flatten().enumerate() {
            if !recorded.insert(item.as_str()) {
                let flaw = Violation::new("duplicate", "stands in the list already; remove it");
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

/// Names each place of what the catalog does not have.
fn check_items_exist(items: &[String], existing: &[String]) -> Result<(), BodyError> {
    let unknown = items
        .iter()
        .enumerate()
        .filter(|(_, id)| !existing.contains(id));
    let errors: Vec<_> = unknown
        .map(|(index, _)| {
            let detail = "is not in the partner's catalog; use the id that its feed gives";
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
