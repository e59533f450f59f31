//! Signing keys at rest: each sealed for its own row.
//!
//! Promises: only the key that was sealed for a row opens there.

use std::str;

use buywire_adapters::signing::SigningKey;
use uuid::Uuid;

use super::master_key::{MasterKeys, SealContext, SealError};

/// A table with signing keys, in its column `secret`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyTable {
    /// `endpoint_keys`.
    Endpoints,
    /// `signing_keys`: the gateway's own.
    Gateway,
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
        let table = match self {
            Self::Endpoints => "endpoint_keys",
            Self::Gateway => "signing_keys",
        };
        SealContext {
            table,
            row,
            column: "secret",
        }
    }
}
