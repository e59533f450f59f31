//! Partners by name, remembered for a second so that orders do not ask the database each time.
//!
//! A partner is never deleted, so that only `contact_allowed` can be outdated, and for a second at most.

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
/// Far above any real number of partners; beyond it, memory is given back.
const CACHE_ENTRIES_MAX: usize = 100_000;

/// What an order needs to know of a partner.
#[derive(Clone, Copy)]
pub(super) struct CachedPartner {
    pub(super) id: PartnerId,
    pub(super) contact_allowed: bool,
    /// How it speaks; none where this build does not know that dialect.
    pub(super) dialect: Option<&'static dyn Adapter>,
}

/// The partners that orders have asked for lately.
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

    /// The partner of that name, if there is one. The reserved one sells nothing.
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
