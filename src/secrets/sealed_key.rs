//! Signing keys at rest: each sealed for its own row.
//!
//! Promises: only the key that was sealed for a row opens there.

use std::str;

use buywire_adapters::signing::SigningKey;
use uuid::Uuid;

use super::master_key::{MasterKeys, SealContext, SealError};

/// A table with signing keys, and the column that holds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyTable {
    /// `endpoint_keys`.
    Endpoints,
    /// `signing_keys`: the gateway's own.
    Gateway,
    /// `decision_hooks`.
    DecisionHooks,
    /// `decision_hooks`: the key before the last rotation.
    PreviousDecisionHooks,
}

impl KeyTable {
    /// Seals a key for a row.
    ///
    /// # Errors
    /// As [`MasterKeys::seal`].
    pub(crate) fn seal(
        self,
        master: &MasterKeys,
        row: Uuid,
        key: &SigningKey,
    ) -> Result<Vec<u8>, SealError> {
        master.seal(self.context(&row.to_string()), key.expose().as_bytes())
    }

    /// Opens the key of a row.
    ///
    /// # Errors
    /// As [`MasterKeys::open`], and if what was sealed is not a key.
    pub(crate) fn open(
        self,
        master: &MasterKeys,
        row: Uuid,
        sealed: &[u8],
    ) -> Result<SigningKey, SealError> {
        let opened = master.open(self.context(&row.to_string()), sealed)?;
        let text = str::from_utf8(&opened).map_err(|_| SealError::NotSealed)?;
        SigningKey::parse(text).map_err(|_| SealError::NotSealed)
    }

    fn context(self, row: &str) -> SealContext<'_> {
        let (table, column) = match self {
            Self::Endpoints => ("endpoint_keys", "secret"),
            Self::Gateway => ("signing_keys", "secret"),
            Self::DecisionHooks => ("decision_hooks", "secret"),
            Self::PreviousDecisionHooks => ("decision_hooks", "previous_secret"),
        };
        SealContext { table, row, column }
    }
}
