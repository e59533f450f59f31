//! Stock levels, as partners and operators set and read them.

use buywire_schemas::problem::BodyError;
use buywire_schemas::read::{Reader, choice, integer};
use buywire_schemas::text::Slug;
use serde_json::json;

use super::Stock;
use crate::ambient;
use crate::db::DatabaseError;
use crate::store::audit::{self, Actor, NewAuditEntry};
use crate::store::stock::levels::{self, NewStockLevel, StockLevel};
use crate::store::stock::{StockKey, changes};

/// The largest total.
const TOTAL_MAX: i64 = 1_000_000_000;
/// The largest limit for a buyer.
const PER_BUYER_MAX: i64 = 1_000_000;

/// How an item's units are counted. Numbered units (seats, limited editions) are to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StockKind {
    Counter,
    Unlimited,
}

/// Why a request was refused or failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StockError {
    /// The body breaks the contract.
    #[error(transparent)]
    Refused(#[from] BodyError),
    /// The partner or its item does not exist.
    #[error("not found")]
    NotFound,
    #[error(transparent)]
    Store(#[from] DatabaseError),
}

impl Stock {
    /// Reads an item's stock.
    pub(crate) async fn level(&self, slug: &Slug, item_id: &str) -> Result<StockLevel, StockError> {
        let partner = self.store.partner(slug.as_str()).await?;
        let partner = partner.ok_or(StockError::NotFound)?.id;
        let level = self.store.stock_level(partner, item_id).await?;
        level.ok_or(StockError::NotFound)
    }

    /// Lists a partner's counted items after `after`.
    pub(crate) async fn levels(
        &self,
        slug: &Slug,
        after: &str,
        limit: i64,
    ) -> Result<Vec<StockLevel>, StockError> {
        let partner = self.store.partner(slug.as_str()).await?;
        let partner = partner.ok_or(StockError::NotFound)?.id;
        Ok(self.store.stock_levels(partner, after, limit).await?)
    }

    /// Sets an item's stock.
    pub(crate) async fn set(
        &self,
        actor: &Actor,
        slug: &Slug,
        item_id: &str,
        body: &[u8],
    ) -> Result<StockLevel, StockError> {
        let new = parse(body)?;
        let partner = self.store.partner(slug.as_str()).await?;
        let partner = partner.ok_or(StockError::NotFound)?.id;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let key = StockKey {
            partner,
            item_id: item_id.to_owned(),
        };
        if !levels::is_in_catalog(&tx, &key).await? {
            return Err(StockError::NotFound);
        }
        let (level, emitted) = levels::set(&tx, &key, new, ambient::now()).await?;
        let entry = NewAuditEntry {
            actor,
            action: "stock.set",
            subject: slug.as_str(),
            details: json!({
                "item_id": level.item_id,
                "kind": level.kind,
                "total": new.total,
                "per_buyer_max": new.per_buyer_max,
            }),
        };
        audit::record(&tx, entry).await?;
        tx.commit().await?;
        self.notifier.notify_due(&emitted);
        if let Some(reported) = level.reported {
            changes::warn_too_low(partner, &level.item_id, reported);
        }
        Ok(level)
    }
}

fn parse(body: &[u8]) -> Result<NewStockLevel, BodyError> {
    const KINDS: [(&str, StockKind); 2] = [
        ("counter", StockKind::Counter),
        ("unlimited", StockKind::Unlimited),
    ];
    let mut body = Reader::object(body)?;
    let kind = body.required("kind", choice(&KINDS));
    let total = match kind {
        Some(StockKind::Counter) => body.required("total", integer(0..=TOTAL_MAX)),
        _ => None,
    };
    let per_buyer_max = body.optional("per_buyer_max", integer(1..=PER_BUYER_MAX));
    body.finish(|| {
        let total = match kind? {
            StockKind::Counter => Some(total?),
            StockKind::Unlimited => None,
        };
        Some(NewStockLevel {
            total,
            per_buyer_max: per_buyer_max.and_then(|max| i32::try_from(max).ok()),
        })
    })
}
