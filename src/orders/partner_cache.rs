//! Partners by slug, cached for a second, so that orders do not query the database each time.
//!
//! Promises: a partner is never deleted, so only `contact_allowed` and the dialect can be outdated, for a second at most.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use buywire_adapters::contract::Adapter;
use buywire_adapters::dialects::by_name;
use buywire_schemas::ids::PartnerId;
use buywire_schemas::text::Slug;

use crate::db::DatabaseError;
use crate::store::Store;
use crate::store::orders::order_partner;

const CACHE_TTL: Duration = Duration::from_secs(1);
/// Far more than there are partners. Beyond it the cache is cleared.
const CACHE_ENTRIES_MAX: usize = 100_000;

/// What an order needs to know of a partner.
#[derive(Clone, Copy)]
pub(super) struct CachedPartner {
    pub(super) id: PartnerId,
    pub(super) contact_allowed: bool,
    /// `None` if this version does not know the partner's dialect.
    pub(super) dialect: Option<&'static dyn Adapter>,
}

pub(super) struct PartnerCache {
    store: Store,
    entries: RwLock<HashMap<Slug, (CachedPartner, Instant)>>,
}

impl PartnerCache {
    pub(super) fn new(store: Store) -> Self {
        Self {
            store,
            entries: RwLock::default(),
        }
    }

    /// The partner with this slug, except the reserved `platform`, which sells nothing.
    pub(super) async fn get(&self, slug: &Slug) -> Result<Option<CachedPartner>, DatabaseError> {
        if slug.is_platform() {
            return Ok(None);
        }
        if let Some(cached) = self.cached(slug) {
            return Ok(Some(cached));
        }
        let db = self.store.intake().await?;
        let Some(partner) = order_partner(&db, slug).await? else {
            return Ok(None);
        };
        let cached = CachedPartner {
            id: partner.id,
            contact_allowed: partner.contact_allowed,
            dialect: by_name(&partner.adapter),
        };
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= CACHE_ENTRIES_MAX {
            entries.clear();
        }
        entries.insert(slug.clone(), (cached, Instant::now()));
        Ok(Some(cached))
    }

    fn cached(&self, slug: &Slug) -> Option<CachedPartner> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries
            .get(slug)
            .filter(|(_, since)| since.elapsed() < CACHE_TTL)
            .map(|(partner, _)| *partner)
    }
}
