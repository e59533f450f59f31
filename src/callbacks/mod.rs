//! What partners send back.
//!
//! ```text
//!  door ──── is it this partner's, is it of this time       adapters::signing::inbound
//!   │        what does it say                               the partner's adapter
//!   ├─ signed ───► kept, answered ──► worker ──► apply ──► report ──► events for `platform`
//!   └─ unsigned ─► hint kept, answered ──► refetch ──► the partner's own record ──► kept
//! ```
//!
//! Promises: what was answered with 2xx is on disk and counts exactly once, however often and in whatever order
//! it comes; nothing unsigned is believed before the partner's own records say the same; a partner reports on orders in
//! which it has lines and on no other. Must not know HTTP, nor keep a body as it came: it may name the buyer.

mod apply;
mod confirmation;
pub mod metrics;
mod receive;
mod record_client;
mod redact;
mod report_state;
mod sanitize;
mod shipments;
mod worker;

pub use receive::{CallbackEndpoint, CallbackReceipt};
pub use record_client::RecordClient;
pub use redact::redact_buyer;
pub use report_state::PartnerReportState;

use std::sync::Arc;

use buywire_adapters::contract::callback::CallbackReadError;
use buywire_adapters::signing::inbound::SignatureError;
use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;

use crate::db::DatabaseError;
use crate::notifier::Notifier;
use crate::secrets::master_key::{MasterKeys, SealError};
use crate::store::Store;

/// The front of the room.
pub struct Callbacks {
    store: Store,
    notifier: Notifier,
    master: Arc<MasterKeys>,
    record_client: RecordClient,
    /// Something was kept: the worker need not wait for its next look.
    callback_saved: Arc<Notify>,
    /// So was a hint.
    unverified_saved: Arc<Notify>,
}

/// Why a callback was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CallbackError {
    /// Its signature is not the partner's, or not of this time.
    #[error(transparent)]
    Refused(#[from] SignatureError),
    /// It is not in the words of the partner's dialect.
    #[error(transparent)]
    Unreadable(#[from] CallbackReadError),
    /// A hint longer than any hint.
    #[error("too large")]
    TooLarge,
    /// Too many hints wait.
    #[error("too many wait")]
    Full,
    /// The settings cannot be opened or used.
    #[error("the callback settings cannot be used: {0}")]
    Settings(#[from] SealError),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] DatabaseError),
}

impl CallbackError {
    /// As it is counted.
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Unreadable(_) | Self::TooLarge => "unreadable",
            Self::Full | Self::Settings(_) | Self::Store(_) => "failed",
        }
    }
}

impl Callbacks {
    /// Open the room.
    pub fn new(
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

/// A short name for any text.
fn digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let hex = digest.iter().take(16).map(|byte| format!("{byte:02x}"));
    hex.collect()
}
