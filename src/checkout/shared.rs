//! What the files of this room share: where everything is, and the error of what is requested.

use std::ops::Deref;
use std::sync::{Arc, RwLock};
use std::time::Instant;

use buywire_checkout::machine::Rejected;
use buywire_checkout::switches::SwitchScope;
use buywire_schemas::catalog::NotBuyable;
use tokio::sync::{Notify, OnceCell};

use super::buyer::FingerprintKey;
use super::metrics::CheckoutMetrics;
use crate::db::DatabaseError;
use crate::mail::Mailer;
use crate::notifier::Notifier;
use crate::orders::Orders;
use crate::payments::Processors;
use crate::quotes::Quotes;
use crate::secrets::master_key::{MasterKeys, SealError};
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
    /// `None`: no mail server is set.
    pub(crate) mailer: Option<Mailer>,
    /// Begins every URL that a processor sends a buyer back to.
    pub(crate) public_url: String,
    pub(crate) metrics: CheckoutMetrics,
}

/// Clones share everything.
#[derive(Clone)]
pub(crate) struct Checkouts(pub(super) Arc<Shared>);

pub(crate) struct Shared {
    parts: CheckoutParts,
    pub(super) fingerprint_key: OnceCell<FingerprintKey>,
    pub(super) switches: SwitchCache,
    /// Webhooks have been stored.
    pub(super) webhooks_wake: Arc<Notify>,
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

/// The scopes that are switched off, as this node has read them last.
#[derive(Default)]
pub(super) struct SwitchCache(pub(super) RwLock<Option<(Arc<Vec<SwitchScope>>, Instant)>>);

/// Why a request was refused or failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckoutError {
    #[error("checkout not found")]
    NotFound,
    /// The catalog does not have it.
    #[error("unknown item {item_id}")]
    ItemUnknown { item_id: String },
    #[error("{item_id} cannot be bought: {reason}")]
    NotBuyable { item_id: String, reason: NotBuyable },
    /// Its post is not open, or not rolled out to this viewer.
    #[error("{item_id} is not offered to this viewer now")]
    NotOffered { item_id: String },
    /// One order cannot have more.
    #[error("at most {max} of {item_id} in one order")]
    TooMany { item_id: String, max: i64 },
    #[error("the items have different currencies")]
    MixedCurrencies,
    #[error("no items")]
    Empty,
    /// The price, a rate or an option has changed since it was shown. Nothing was begun.
    #[error("the quote has changed")]
    QuoteChanged,
    /// It is not offered, or not any more. Nothing was begun.
    #[error("this payment method is not offered")]
    MethodUnavailable,
    /// A kill switch is off for it.
    #[error("sales are stopped")]
    SwitchedOff,
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// It is unknown whether it was done. Repeating it is safe.
    #[error("busy: repeat the request")]
    Busy,
    /// What was stored cannot be opened: a master key is missing.
    #[error("a sealed value cannot be opened")]
    Sealed,
    #[error(transparent)]
    Store(DatabaseError),
}

impl From<DatabaseError> for CheckoutError {
    fn from(error: DatabaseError) -> Self {
        match error.is_transient() || error.outcome_unknown() {
            true => Self::Busy,
            false => Self::Store(error),
        }
    }
}

impl From<SealError> for CheckoutError {
    fn from(_: SealError) -> Self {
        Self::Sealed
    }
}
