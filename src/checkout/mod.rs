//! Checkouts: from a pressed Buy button to a captured order, or to nothing kept.
//!
//! `buywire_checkout::machine` decides; this room stores what it decides and carries it out. `service.rs` is what the page
//! and agents call, `drive.rs` applies an event and runs its effects, `effects/` is one file for each kind of effect,
//! `jobs.rs` does what nobody waits for.
//!
//! Promises: a decision and its effects commit together; an effect is run until it has a result; the order, its units and
//! the decision commit together, before the money is captured. Must not decide what a payment leads to, and must not know
//! HTTP.

mod buyer;
mod completion;
mod drive;
mod effects;
mod jobs;
pub(crate) mod metrics;
mod observe;
mod order;
mod refunds;
mod sealing;
mod service;
mod switches;
mod token;
mod view;
mod webhooks;

use std::ops::Deref;
use std::sync::Arc;

use tokio::sync::{Notify, OnceCell};

pub(crate) use self::buyer::Buyer;
use self::buyer::FingerprintKey;
use self::metrics::CheckoutMetrics;
pub(crate) use self::refunds::RefundRefused;
pub(crate) use self::service::{CheckoutDraft, CheckoutError, DraftLine, PayOutcome};
use self::switches::SwitchCache;
pub(crate) use self::switches::SwitchChange;
pub(crate) use self::token::CheckoutToken;
pub(crate) use self::view::{CheckoutView, SetbackDetail};
pub(crate) use self::webhooks::WebhookRefused;
use crate::notifier::Notifier;
use crate::orders::Orders;
use crate::payments::Processors;
use crate::quotes::Quotes;
use crate::secrets::master_key::MasterKeys;
use crate::stock::Stock;
use crate::store::Store;

/// What checkouts are opened with.
pub(crate) struct CheckoutParts {
    pub(crate) store: Store,
    pub(crate) notifier: Notifier,
    pub(crate) master: Arc<MasterKeys>,
    pub(crate) stock: Stock,
    pub(crate) orders: Orders,
    pub(crate) quotes: Quotes,
    pub(crate) processors: Processors,
    /// Begins every URL that a processor sends a buyer back to.
    pub(crate) public_url: String,
    pub(crate) metrics: CheckoutMetrics,
}

/// Clones share everything.
#[derive(Clone)]
pub(crate) struct Checkouts(Arc<Shared>);

pub(crate) struct Shared {
    parts: CheckoutParts,
    fingerprint_key: OnceCell<FingerprintKey>,
    switches: SwitchCache,
    /// Webhooks have been stored.
    webhooks_wake: Arc<Notify>,
}

impl Checkouts {
    pub(crate) fn open(parts: CheckoutParts) -> Self {
        Self(Arc::new(Shared {
            parts,
            fingerprint_key: OnceCell::new(),
            switches: SwitchCache::default(),
            webhooks_wake: Arc::default(),
        }))
    }
}

impl Deref for Checkouts {
    type Target = CheckoutParts;

    fn deref(&self) -> &CheckoutParts {
        &self.0.parts
    }
}
