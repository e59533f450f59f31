//! The keys that sign our requests, and those that verify what partners send.

mod public_key;
mod signing_key;

pub use public_key::PublicKey;
pub(crate) use signing_key::{
    HmacSha256, KeyForm, KeyMaterial, SECRET_PREFIX, SharedKey, hmac_with_key,
};
pub use signing_key::{KeyKind, SecretError, SigningKey};
