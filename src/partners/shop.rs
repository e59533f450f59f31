//! A partner's shop: its own word whether it is shown, and which of its items stand in it.

use std::collections::HashSet;

use buywire_schemas::problem::{FieldError, Flaw, Refused};
use buywire_schemas::read::{Reader, flag, text};
use buywire_schemas::shop::ITEMS_MAX;
use buywire_schemas::text::Slug;
use serde_json::json;

use super::{Actor, PartnerError, Partners};
use crate::store::audit::{self, Change};
use crate::store::{partners, shops};

/// As long as an item's id can be.
const ITEM_ID_CHARS_MAX: usize = 128;

/// What a body asks for.
struct Asked {
    enabled: bool,
    /// None: the list stays.
    items: Option<Vec<String>>,
}

impl Partners {
    /// What a partner has set.
    pub async fn shop(&self, slug: &Slug) -> Result<shops::Setting, PartnerError> {
        let setting = self.store.shop_setting(slug.as_str()).await?;
        setting.ok_or(PartnerError::NotFound)
    }

    /// Set a partner's shop.
    pub async fn set_shop(
        &self,
        actor: Actor<'_>,
        slug: &Slug,
        body: &[u8],
    ) -> Result<shops::Setting, PartnerError> {
        let asked = Asked::parse(body)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let partner = partners::lock(&tx, slug.as_str()).await?;
        let partner = partner.ok_or(PartnerError::NotFound)?.id;
        if let Some(items) = &asked.items {
            let known = shops::known(&tx, partner, items).await?;
            all_known(items, &known)?;
        }
        let setting = shops::save(&tx, partner, asked.enabled, asked.items.as_deref()).await?;
        let change = Change {
            who: actor.who,
            action: "shop.update",
            subject: slug.as_str(),
            details: json!({"enabled": setting.enabled, "items": setting.items.len()}),
        };
        audit::record(&tx, change).await?;
        tx.commit().await?;
        Ok(setting)
    }
}

impl Asked {
    fn parse(body: &[u8]) -> Result<Self, Refused> {
        // Ids that the catalog has taken are no card numbers; all others are refused as unknown.
        let items: Vec<_> = (0..ITEMS_MAX).map(|n| format!("/items/{n}")).collect();
        let mut body = Reader::object_excusing(body, &items)?;
        let enabled = body.required("enabled", flag);
        let items = body.optional_values("items", 0..=ITEMS_MAX, text(1..=ITEM_ID_CHARS_MAX));
        let mut seen = HashSet::new();
        for (place, item) in items.iter().flatten().enumerate() {
            if !seen.insert(item.as_str()) {
                let flaw = Flaw::new("duplicate", "stands in the list already; remove it");
                body.refuse(&format!("/items/{place}"), flaw);
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
fn all_known(items: &[String], known: &[String]) -> Result<(), Refused> {
    let unknown = items
        .iter()
        .enumerate()
        .filter(|(_, id)| !known.contains(id));
    let errors: Vec<_> = unknown
        .map(|(place, _)| {
            let detail = "is not in the partner's catalog; use the id that its feed gives";
            FieldError::at(format!("/items/{place}"), Flaw::new("item_unknown", detail))
        })
        .collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(Refused::Invalid(errors)),
    }
}
