//! How a partner signs what it sends back: checked when it is saved, sealed, opened at the door.
//!
//! Promises: what is saved makes a guard that can pass something; secrets and tokens are never shown again.

use buywire_adapters::signing::inbound::{Guard, Inbound, NoGuard};
use buywire_schemas::ids::PartnerId;
use buywire_schemas::json::Json;
use buywire_schemas::problem::Flaw;
use buywire_schemas::read::{Reader, free, string, text};
use buywire_schemas::text::Slug;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::signing::seal::{MasterKeys, Place, SealError};

/// The new secret and the old one during a rotation, and one more for who is slow.
const KEYS_MAX: usize = 4;
/// Bytes of a public key as JSON: an RSA key would have more, and is not taken.
const PUBLIC_KEY_BYTES_MAX: usize = 2_048;
/// Keeps the token of an address apart from whatever else an access token may be used for.
const ADDRESS_PURPOSE: &[u8] = b"buywire callback address ";

/// What a partner's callbacks are held to. Debug is left out: these are secrets.
#[derive(Serialize, Deserialize)]
pub struct CallbackSettings {
    /// As it is shown: one of the names of [`Inbound`].
    pub(super) scheme: String,
    secrets: Vec<String>,
    public_keys: Vec<Value>,
    /// Opens the partner's own records, where its callbacks are not signed.
    access_token: Option<String>,
}

impl CallbackSettings {
    /// Reads the member `callback` of a partner's change: `secret` is the short form of one in `secrets`.
    pub(super) fn parse(callback: &mut Reader<'_>) -> Option<Self> {
        let scheme = callback.required("scheme", string(scheme));
        let one = callback.optional("secret", text(1..=512));
        let more = callback.optional_values("secrets", 1..=KEYS_MAX, text(1..=512));
        let public_keys = callback.optional_values("public_keys", 1..=KEYS_MAX, public_key);
        let access_token = callback.optional("access_token", text(1..=512));
        let settings = Self {
            scheme: scheme?,
            secrets: one.into_iter().chain(more.unwrap_or_default()).collect(),
            public_keys: public_keys.unwrap_or_default(),
            access_token,
        };
        let Err(fault) = settings.guard() else {
            return Some(settings);
        };
        let (place, code) = match fault {
            NoGuard::Scheme => ("/scheme", "unknown_value"),
            NoGuard::Keyless if settings.scheme == Inbound::Ucp.to_string() => {
                ("/public_keys", "missing")
            }
            NoGuard::Keyless => ("/secret", "missing"),
            NoGuard::Secret if settings.secrets.len() > 1 => ("/secrets", "secret_malformed"),
            NoGuard::Secret => ("/secret", "secret_malformed"),
            NoGuard::PublicKey => ("/public_keys", "public_key_malformed"),
        };
        callback.refuse(place, Flaw::new(code, fault.to_string()));
        None
    }

    /// The guard that these settings make.
    ///
    /// # Errors
    /// When no request could ever pass it.
    pub fn guard(&self) -> Result<Guard, NoGuard> {
        let secrets: Vec<_> = self.secrets.iter().map(String::as_str).collect();
        Guard::new(self.scheme.parse()?, &secrets, &self.public_keys)
    }

    /// What opens the partner's own records.
    pub fn access_token(&self) -> Option<&str> {
        self.access_token.as_deref()
    }

    /// What stands behind the address of callbacks that are not signed: unguessable, and another one with another access
    /// token. None where a signature is the key.
    fn address_token(&self, id: PartnerId) -> Option<String> {
        let secret = self
            .access_token
            .as_deref()
            .filter(|_| self.is_unsigned())?;
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
        mac.update(ADDRESS_PURPOSE);
        mac.update(id.to_string().as_bytes());
        let code = mac.finalize().into_bytes();
        Some(
            code.iter()
                .take(16)
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }

    /// Where the partner posts to, below the gateway's own address.
    pub(super) fn path(&self, id: PartnerId, slug: &Slug) -> String {
        let token = self.address_token(id).map(|token| format!("/{token}"));
        format!("/v1/partners/{slug}/callbacks{}", token.unwrap_or_default())
    }

    /// Whether somebody posted there. Without an access token nothing unsigned can ever be confirmed, nor taken.
    pub fn is_address(&self, id: PartnerId, token: Option<&str>) -> bool {
        // Digests take as long to compare wherever they differ.
        let digest = |token: Option<&str>| token.map(Sha256::digest);
        let expected = self.address_token(id);
        expected.is_some() == self.is_unsigned() && digest(expected.as_deref()) == digest(token)
    }

    fn is_unsigned(&self) -> bool {
        self.scheme == Inbound::Unsigned.to_string()
    }

    pub(super) fn seal(&self, master: &MasterKeys, id: PartnerId) -> Result<Vec<u8>, SealError> {
        let plain = json!(self).to_string();
        master.seal(place(&id.to_string()), plain.as_bytes())
    }

    /// Opens what is on a partner's row.
    ///
    /// # Errors
    /// When the master key is another one.
    pub fn open(master: &MasterKeys, id: PartnerId, sealed: &[u8]) -> Result<Self, SealError> {
        let plain = master.open(place(&id.to_string()), sealed)?;
        serde_json::from_slice(&plain).map_err(|_| SealError::NotSealed)
    }
}

/// By its name; an underscore for a dash does no harm.
fn scheme(name: &str) -> Result<String, Flaw> {
    let scheme: Result<Inbound, NoGuard> = name.replace('_', "-").parse();
    let scheme = scheme.map_err(|fault| Flaw::new("unknown_value", fault.to_string()))?;
    Ok(scheme.to_string())
}

fn public_key(value: Json<'_>) -> Result<Value, Flaw> {
    let key = free(value)?;
    if key.to_string().len() > PUBLIC_KEY_BYTES_MAX {
        let detail = format!("must have at most {PUBLIC_KEY_BYTES_MAX} bytes");
        return Err(Flaw::new("too_long", detail));
    }
    Ok(key)
}

fn place(id: &str) -> Place<'_> {
    Place {
        table: "partners",
        row: id,
        column: "callback",
    }
}
