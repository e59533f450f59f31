//! Callbacks: what partners report about their orders and stock.
//!
//! ```text
//!  receive ── is it from this partner, and recent           adapters::signing::inbound
//!   │         what does it report                           the partner's adapter
//!   ├─ signed ───► saved, answered ──► worker ──► apply ──► report ──► events for `platform`
//!   └─ unsigned ─► saved unverified, answered ──► confirmation ──► the partner's own record ──► saved
//! ```
//!
//! Promises: what was answered with 2xx is on disk and counts exactly once, however often and in whatever order
//! it arrives; nothing unsigned is believed until the partner's own records confirm it; a partner reports only on orders
//! in which it has lines. Must not know HTTP routes. Must not store a body as it came, because it may name the buyer.

mod apply;
mod confirmation;
pub(crate) mod metrics;
mod receive;
mod record_client;
mod redact;
mod report_state;
mod sanitize;
mod shipments;
mod worker;

pub(crate) use record_client::RecordClient;
pub(crate) use redact::redact_buyer;
pub(crate) use report_state::PartnerReportState;

use std::sync::Arc;

use buywire_adapters::contract::callback::CallbackReadError;
use buywire_adapters::signing::inbound::SignatureError;
use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;

use crate::db::DatabaseError;
use crate::notifier::Notifier;
use crate::secrets::master_key::{MasterKeys, SealError};
use crate::store::Store;

pub(crate) struct Callbacks {
    store: Store,
    notifier: Notifier,
    master: Arc<MasterKeys>,
    record_client: RecordClient,
    /// These wake the worker before its next poll.
    callback_saved: Arc<Notify>,
    unverified_saved: Arc<Notify>,
}

/// Why a callback was refused or failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallbackError {
    /// Its signature is not the partner's, or not recent.
    #[error(transparent)]
    Refused(#[from] SignatureError),
    /// It is not a callback of the partner's dialect.
    #[error(transparent)]
    Unreadable(#[from] CallbackReadError),
    /// An unverified callback longer than any real one.
    #[error("an unsigned callback has at most 64 KiB")]
    TooLarge,
    /// Too many unverified callbacks wait.
    #[error("too many unsigned callbacks wait for confirmation")]
    Full,
    #[error("the callback settings cannot be used: {0}")]
    Settings(#[from] SealError),
    #[error(transparent)]
    Store(#[from] DatabaseError),
}

impl CallbackError {
    /// The label in metrics.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Unreadable(_) | Self::TooLarge => "unreadable",
            Self::Full | Self::Settings(_) | Self::Store(_) => "failed",
        }
    }
}

impl Callbacks {
    pub(crate) fn new(
        store: Store,
        notifier: Notifier,
        master: Arc<MasterKeys>,
        record_client: RecordClient,
    ) -> Self {
        Self {
            store,
            notifier,
            master,
            record_client,
            callback_saved: Arc::default(),
            unverified_saved: Arc::default(),
        }
    }
}

/// A short key for any text.
fn digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let hex = digest.iter().take(16).map(|byte| format!("{byte:02x}"));
    hex.collect()
}
