//! Logins at file servers, and the host key that a server must have.
//!
//! Promises: a login is sealed, and never shown; a private key that cannot be used is refused when it is saved.

use std::fmt;

use buywire_schemas::ids::PartnerId;
use buywire_schemas::problem::Violation;
use russh::keys::ssh_key::Fingerprint;
use russh::keys::{HashAlg, PrivateKey, decode_secret_key};
use serde::{Deserialize, Serialize};

use crate::secrets::master_key::{MasterKeys, SealContext, SealError};

/// Room for RSA keys of 8,192 bits. To sign with larger ones takes seconds.
const KEY_BYTES_MAX: usize = 8 * 1024;

/// Who logs in, and how. No `Debug`: it is a secret.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Login {
    pub(super) username: String,
    #[serde(flatten)]
    pub(super) secret: LoginSecret,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LoginSecret {
    Password(String),
    /// In OpenSSH's form, PKCS#8 or PEM, not encrypted.
    PrivateKey(String),
}

/// The fingerprint of a server's host key, as OpenSSH prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostKey(String);

impl Login {
    pub(crate) fn new(username: String, secret: LoginSecret) -> Self {
        Self { username, secret }
    }

    /// What may be shown: `password` or `private_key`.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.secret {
            LoginSecret::Password(_) => "password",
            LoginSecret::PrivateKey(_) => "private_key",
        }
    }

    /// # Errors
    /// As [`MasterKeys::seal`].
    pub(crate) fn seal(
        &self,
        master: &MasterKeys,
        partner: PartnerId,
    ) -> Result<Vec<u8>, SealError> {
        let plain = serde_json::to_vec(self).map_err(|_| SealError::NotSealed)?;
        master.seal(context(&partner.to_string()), &plain)
    }

    /// # Errors
    /// As [`MasterKeys::open`].
    pub(crate) fn open(
        master: &MasterKeys,
        partner: PartnerId,
        sealed: &[u8],
    ) -> Result<Self, SealError> {
        let plain = master.open(context(&partner.to_string()), sealed)?;
        serde_json::from_slice(&plain).map_err(|_| SealError::NotSealed)
    }
}

impl LoginSecret {
    /// Reads a private key that somebody saves.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub(crate) fn private_key(text: &str) -> Result<Self, Violation> {
        if text.len() > KEY_BYTES_MAX {
            let detail = format!("must have at most {KEY_BYTES_MAX} characters");
            return Err(Violation::new("too_long", detail));
        }
        read_key(text).map(|_| Self::PrivateKey(text.to_owned()))
    }
}

/// An encrypted key is refused: opening one takes as long as its maker wants.
pub(super) fn read_key(text: &str) -> Result<PrivateKey, Violation> {
    use russh::keys::Error;
    let is_encrypted = |key: &PrivateKey| key.is_encrypted();
    match decode_secret_key(text, None) {
        Ok(key) if !is_encrypted(&key) => Ok(key),
        Ok(_) | Err(Error::KeyIsEncrypted) => {
            let detail =
                "must not be encrypted: remove its passphrase from a copy with `ssh-keygen -p`";
            Err(Violation::new("key_encrypted", detail))
        }
        Err(_) => {
            let detail = "must be a private key such as ssh-keygen writes: Ed25519, ECDSA or RSA";
            Err(Violation::new("key_unusable", detail))
        }
    }
}

impl HostKey {
    /// # Errors
    /// The text is not such a fingerprint.
    pub(crate) fn parse(text: &str) -> Result<Self, Violation> {
        match text.trim().parse() {
            Ok(fingerprint @ Fingerprint::Sha256(_)) => Ok(Self(fingerprint.to_string())),
            _ => {
                let detail = "must be a fingerprint as `ssh-keygen -l -f ssh_host_ed25519_key.pub` prints it: SHA256:…";
                Err(Violation::new("malformed", detail))
            }
        }
    }

    pub(super) fn of(key: &russh::keys::PublicKey) -> Self {
        Self(key.fingerprint(HashAlg::Sha256).to_string())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn context(partner: &str) -> SealContext<'_> {
    SealContext {
        table: "feed_sources",
        row: partner,
        column: "login",
    }
}
