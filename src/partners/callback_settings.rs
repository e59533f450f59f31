//! Callback settings: how a partner signs its callbacks. Checked and sealed when saved, opened for each callback.
//!
//! Promises: saved settings make a verifier that some request can pass; secrets and tokens are never shown again.

use buywire_adapters::signing::inbound::{CallbackVerifier, InboundScheme, VerifierSetupError};
use buywire_schemas::ids::PartnerId;
use buywire_schemas::json::Json;
use buywire_schemas::problem::Violation;
use buywire_schemas::read::{Reader, any_json, string, text};
use buywire_schemas::text::Slug;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::secrets::master_key::{MasterKeys, SealContext, SealError};

/// Room for a slow rotation: several secrets may be valid at once.
const KEYS_MAX: usize = 4;
/// Of a public key as JSON. RSA keys have more; they are not supported.
const PUBLIC_KEY_BYTES_MAX: usize = 2_048;
/// Separates the address token from other uses of the access token.
const ADDRESS_PURPOSE: &[u8] = b"buywire callback address ";

/// How a partner's callbacks are verified. Has no `Debug`, because it holds secrets.
#[derive(Serialize, Deserialize)]
pub(crate) struct CallbackSettings {
    /// The name of an [`InboundScheme`].
    pub(super) scheme: String,
    secrets: Vec<String>,
    public_keys: Vec<Value>,
    /// Authorises fetching the partner's own records, where its callbacks are not signed.
    access_token: Option<String>,
}

impl CallbackSettings {
    /// Reads the member `callback` of a partner's patch. `secret` is short for `secrets` with one entry.
    pub(super) fn parse(callback: &mut Reader<'_>) -> Option<Self> {
        let scheme = callback.required("scheme", string(parse_scheme));
        let secret = callback.optional("secret", text(1..=512));
        let secrets = callback.optional_values("secrets", 1..=KEYS_MAX, text(1..=512));
        let public_keys = callback.optional_values("public_keys", 1..=KEYS_MAX, parse_public_key);
        let access_token = callback.optional("access_token", text(1..=512));
        let settings = Self {
            scheme: scheme?,
            secrets: secret
                .into_iter()
                .chain(secrets.unwrap_or_default())
                .collect(),
            public_keys: public_keys.unwrap_or_default(),
            access_token,
        };
        let Err(fault) = settings.verifier() else {
            return Some(settings);
        };
        let (pointer, code) = match fault {
            VerifierSetupError::Scheme => ("/scheme", "unknown_value"),
            VerifierSetupError::NoKey if settings.scheme == InboundScheme::UCP.to_string() => {
                ("/public_keys", "missing")
            }
            VerifierSetupError::NoKey => ("/secret", "missing"),
            VerifierSetupError::Secret if settings.secrets.len() > 1 => {
                ("/secrets", "secret_malformed")
            }
            VerifierSetupError::Secret => ("/secret", "secret_malformed"),
            VerifierSetupError::PublicKey => ("/public_keys", "public_key_malformed"),
        };
        callback.refuse(pointer, Violation::new(code, fault.to_string()));
        None
    }

    /// The verifier that these settings make.
    ///
    /// # Errors
    /// No request could ever pass it.
    pub(crate) fn verifier(&self) -> Result<CallbackVerifier, VerifierSetupError> {
        let secrets: Vec<_> = self.secrets.iter().map(String::as_str).collect();
        CallbackVerifier::new(self.scheme.parse()?, &secrets, &self.public_keys)
    }

    pub(crate) fn access_token(&self) -> Option<&str> {
        self.access_token.as_deref()
    }

    /// The unguessable last segment of the URL for unsigned callbacks. It changes with the access token. `None` where
    /// callbacks are signed.
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

    /// The path that the partner sends callbacks to.
    pub(super) fn callback_path(&self, id: PartnerId, slug: &Slug) -> String {
        let token = self.address_token(id).map(|token| format!("/{token}"));
        format!("/v1/partners/{slug}/callbacks{}", token.unwrap_or_default())
    }

    /// Whether a callback was sent to the right URL. Without an access token no unsigned callback can be confirmed, so
    /// none is accepted.
    pub(crate) fn matches_address(&self, id: PartnerId, token: Option<&str>) -> bool {
        // Comparing digests reveals nothing about where the tokens differ.
        let digest = |token: Option<&str>| token.map(Sha256::digest);
        let expected = self.address_token(id);
        expected.is_some() == self.is_unsigned() && digest(expected.as_deref()) == digest(token)
    }

    fn is_unsigned(&self) -> bool {
        self.scheme == InboundScheme::UNSIGNED.to_string()
    }

    pub(super) fn seal(&self, master: &MasterKeys, id: PartnerId) -> Result<Vec<u8>, SealError> {
        let plain = json!(self).to_string();
        master.seal(seal_context(&id.to_string()), plain.as_bytes())
    }

    /// Opens the settings of a partner's row.
    ///
    /// # Errors
    /// They were sealed with another master key.
    pub(crate) fn open(
        master: &MasterKeys,
        id: PartnerId,
        sealed: &[u8],
    ) -> Result<Self, SealError> {
        let plain = master.open(seal_context(&id.to_string()), sealed)?;
        serde_json::from_slice(&plain).map_err(|_| SealError::NotSealed)
    }
}

/// Parses the scheme's name, with underscores or dashes.
fn parse_scheme(name: &str) -> Result<String, Violation> {
    let scheme: Result<InboundScheme, VerifierSetupError> = name.replace('_', "-").parse();
    let scheme = scheme.map_err(|fault| Violation::new("unknown_value", fault.to_string()))?;
    Ok(scheme.to_string())
}

fn parse_public_key(value: Json<'_>) -> Result<Value, Violation> {
    let key = any_json(value)?;
    if key.to_string().len() > PUBLIC_KEY_BYTES_MAX {
        let detail = format!("must have at most {PUBLIC_KEY_BYTES_MAX} bytes");
        return Err(Violation::new("too_long", detail));
    }
    Ok(key)
}

fn seal_context(id: &str) -> SealContext<'_> {
    SealContext {
        table: "partners",
        row: id,
        column: "callback",
    }
}
