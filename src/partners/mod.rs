//! Partners, their endpoints and everybody's keys: how they are made, changed and taken away.
//!
//! Promises: a change and its audit commit together; an endpoint is only ever found under its partner;
//! a secret is sealed before it reaches the store and shown once. Must not send anything, and knows no
//! HTTP: who may knock at all is the front desk's business.

mod callback_settings;
mod endpoint_keys;
mod endpoint_patch;
mod endpoints;
mod keys;
mod partner;
mod preview;
mod rotation;
mod sealed_headers;
mod shop;
mod signing_keys;
mod test_event;

pub use callback_settings::CallbackSettings;
pub use endpoint_keys::EndpointDocument;
pub use endpoints::CreatedEndpoint;
pub use keys::IssuedKey;
pub use partner::PartnerDocument;
pub use preview::Preview;
pub use rotation::RotatedSecret;
pub use signing_keys::PublishedKey;
pub use test_event::TestEvent;

use std::sync::Arc;

use buywire_schemas::problem::BodyError;
use buywire_schemas::read::{Reader, prose};

use crate::db::DatabaseError;
use crate::egress::{EgressPolicy, SavedBy};
use crate::notifier::Notifier;
use crate::secrets::master_key::{MasterKeys, SealError};
use crate::store::Store;
use crate::store::audit::Actor;

/// A name or a label: a line for people.
const NAME_CHARS: std::ops::RangeInclusive<usize> = 1..=200;
/// Why something was done.
const REASON_CHARS_MAX: usize = 500;

/// The front of the room.
pub struct Partners {
    store: Store,
    notifier: Notifier,
    master: Arc<MasterKeys>,
    policy: EgressPolicy,
}

/// Who asks for a change.
#[derive(Debug, Clone, Copy)]
pub struct Principal<'a> {
    /// The key: the audit's "who".
    pub actor: &'a Actor,
    /// An operator's word opens more than a partner's.
    pub is_operator: bool,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum PartnerError {
    /// It breaks the contract.
    #[error(transparent)]
    Refused(#[from] BodyError),
    /// A partner may not do that.
    #[error("{0}")]
    OperatorsOnly(&'static str),
    /// There is no such thing, or it is somebody else's.
    #[error("no such thing")]
    NotFound,
    /// The name is taken or reserved.
    #[error("{0}")]
    Conflict(&'static str),
    /// A bound is reached.
    #[error("{0}")]
    Full(&'static str),
    /// A secret cannot be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] DatabaseError),
}

impl Partners {
    /// Open the room.
    pub fn new(
        store: Store,
        notifier: Notifier,
        master: Arc<MasterKeys>,
        policy: EgressPolicy,
    ) -> Self {
        Self {
            store,
            notifier,
            master,
            policy,
        }
    }
}

impl Principal<'_> {
    fn saved_by(self) -> SavedBy {
        if self.is_operator {
            SavedBy::Operator
        } else {
            SavedBy::Partner
        }
    }
}

/// A body that may only say why.
fn parse_reason(body: &[u8]) -> Result<Option<String>, BodyError> {
    let mut body = Reader::object(body)?;
    let reason = body.optional("reason", prose(0..=REASON_CHARS_MAX));
    body.finish(|| Some(reason))
}
