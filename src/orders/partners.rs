//! Partners by name, remembered for a second so that orders do not ask the database each time.
//!
//! A partner is never deleted, so that only `contact_allowed` can be outdated, and for a second at most.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use buywire_adapters::contract::{Adapter, by_name};
use buywire_schemas::ids::PartnerId;
use buywire_schemas::text::Slug;

use crate::store::orders::partner_of_orders;
use crate::store::{Store, StoreError};

const REMEMBERED_FOR: Duration = Duration::from_secs(1);
/// Far above any real number of partners; beyond it, memory is given back.
const REMEMBERED_MAX: usize = 100_000;

/// What an order needs to know of a partner.
#[derive(Clone, Copy)]
pub(super) struct Known {
    pub(super) id: PartnerId,
    pub(super) contact_allowed: bool,
    /// How it speaks; none where this build does not know that dialect.
    pub(super) dialect: Option<&'static dyn Adapter>,
}

/// The partners that orders have asked for lately.
pub(super) struct Directory {
    store: Store,
    known: RwLock<HashMap<Slug, (Known, Instant)>>,
}

impl Directory {
    pub(super) fn new(store: Store) -> Self {
        Self {
            store,
            known: RwLock::default(),
        }
    }

    /// The partner of that name, if there is one. The reserved one sells nothing.
    pub(super) async fn get(&self, slug: &Slug) -> Result<Option<Known>, StoreError> {
        if slug.is_platform() {
            return Ok(None);
        }
        if let Some(known) = self.remembered(slug) {
            return Ok(Some(known));
        }
        let db = self.store.intake().await?;
        let Some(partner) = partner_of_orders(&db, slug).await? else {
            return Ok(None);
        };
        let known = Known {
            id: partner.id,
            contact_allowed: partner.contact_allowed,
            dialect: by_name(&partner.adapter),
        };
        let mut all = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED_MAX {
            all.clear();
        }
        all.insert(slug.clone(), (known, Instant::now()));
        Ok(Some(known))
    }

    fn remembered(&self, slug: &Slug) -> Option<Known> {
        let all = self.known.read().unwrap_or_else(PoisonError::into_inner);
        all.get(slug)
            .filter(|(_, since)| since.elapsed() < REMEMBERED_FOR)
            .map(|(known, _)| *known)
    }
}
