//! Partners, their endpoints, and all keys: how they are created, changed and deleted.
//!
//! Promises: a change and its audit entry commit together; an endpoint is only found under its own partner;
//! a secret is sealed before it reaches the store and shown once. Must not send anything. Must not know HTTP: `http`
//! authenticates callers.

mod callback_settings;
mod endpoint_connection;
mod endpoint_keys;
mod endpoint_patch;
mod endpoint_preview;
mod endpoints;
mod key_request;
mod key_usage;
mod keys;
mod partner;
mod partner_patch;
mod preview;
mod rotation;
mod sealed_headers;
mod selling;
mod shop;
mod signing_keys;
mod suspension;
mod test_event;

pub(crate) use callback_settings::CallbackSettings;
pub(crate) use endpoint_preview::EndpointChange;
pub(crate) use endpoints::EndpointRef;
pub(crate) use key_usage::KeyUsage;
pub(crate) use keys::IssuedKey;
pub(crate) use partner::{PartnerDocument, PartnerRef};
pub(crate) use preview::{Preview, PreviewedDelivery};

use std::fmt::Display;
use std::sync::Arc;

use buywire_schemas::problem::BodyError;
use buywire_schemas::read::{Reader, prose};
use serde_json::Value;

use crate::db::{DatabaseError, Tx};
use crate::delivery::trials::TrialRefused;
use crate::egress::{EgressPolicy, SavedBy};
use crate::idempotency::IdempotencyError;
use crate::notifier::Notifier;
use crate::secrets::master_key::{MasterKeys, SealError};
use crate::store::Store;
use crate::store::audit::{self, Actor, NewAuditEntry};

/// Of a name or a label: one line for people.
const NAME_CHARS: std::ops::RangeInclusive<usize> = 1..=200;
const REASON_CHARS_MAX: usize = 500;

pub struct Partners {
    store: Store,
    notifier: Notifier,
    master: Arc<MasterKeys>,
    policy: EgressPolicy,
}

/// An authenticated caller.
#[derive(Debug, Clone, Copy)]
pub struct Principal<'a> {
    /// As the audit log names it.
    pub actor: &'a Actor,
    /// Operators may do more than partners.
    pub is_operator: bool,
}

/// Why a request was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum PartnerError {
    /// The body breaks the contract.
    #[error(transparent)]
    Refused(#[from] BodyError),
    /// Only operators may do this.
    #[error("{0}")]
    OperatorsOnly(&'static str),
    /// The key that acts was revoked or has expired a moment ago.
    #[error("the key does not work any more")]
    KeyEnded,
    /// It does not exist, or belongs to another partner.
    #[error("not found")]
    NotFound,
    /// The name is taken or reserved.
    #[error("{0}")]
    Conflict(&'static str),
    /// What depends on it does not allow it.
    #[error("{0}")]
    InvalidState(&'static str),
    /// It is not what the caller has read any more.
    #[error("it has been changed meanwhile")]
    Stale,
    /// Too many trials.
    #[error(transparent)]
    Trial(#[from] TrialRefused),
    /// A limit is reached.
    #[error("{0}")]
    Full(&'static str),
    /// A secret cannot be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The answer cannot be kept.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    #[error(transparent)]
    Store(#[from] DatabaseError),
}

impl Partners {
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
    /// Record a change by this caller, in the transaction of the change.
    async fn record(
        self,
        tx: &Tx<'_>,
        action: &'static str,
        subject: impl Display,
        details: Value,
    ) -> Result<(), DatabaseError> {
        let entry = NewAuditEntry {
            actor: self.actor,
            action,
            subject: &subject.to_string(),
            details,
        };
        audit::record(tx, entry).await
    }

    fn saved_by(self) -> SavedBy {
        if self.is_operator {
            SavedBy::Operator
        } else {
            SavedBy::Partner
        }
    }
}

/// A body that may only give a reason.
fn parse_reason(body: &[u8]) -> Result<Option<String>, BodyError> {
    let mut body = Reader::object(body)?;
    let reason = body.optional("reason", prose(0..=REASON_CHARS_MAX));
    body.finish(|| Some(reason))
}
