//! Signing keys at rest: each sealed for its own row.
//!
//! Promises: what opens is the key that was sealed for that row, or nothing.

use std::str;

use buywire_adapters::signing::SigningKey;
use uuid::Uuid;

use super::master_key::{MasterKeys, SealContext, SealError};

/// Where signing keys are kept. Each table has them in its column `secret`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyTable {
    /// `endpoint_keys`.
    Endpoints,
    /// `signing_keys`: the gateway's own.
    Gateway,
}

impl KeyTable {
    /// Seals a key for that row.
    ///
    /// # Errors
    /// As [`MasterKeys::seal`].
    pub fn seal(
        self,
        master: &MasterKeys,
        row: Uuid,
        key: &SigningKey,
    ) -> Result<Vec<u8>, SealError> {
        master.seal(self.context(&row.to_string()), key.expose().as_bytes())
    }

    /// Opens the key of that row.
    ///
    /// # Errors
    /// As [`MasterKeys::open`], and when what was sealed is no key.
    pub fn open(
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
