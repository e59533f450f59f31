//! The keys of an endpoint, and what is shown of them.
//!
//! Every endpoint shares a secret with its receiver. If its partner's dialect also signs with a key pair
//! (`v1a`), the endpoint has its own, whose public half is shown while it signs. P-256 keys belong to the gateway
//! (`signing_keys`), because receivers find them in our profile.
//!
//! Promises: a private half is sealed before it reaches the store and never shown.

use buywire_adapters::dialects;
use buywire_adapters::signing::{KeyKind, PublicKey, Scheme, SigningKey, accepts_secret};
use buywire_schemas::ids::EndpointId;
use buywire_schemas::problem::{BodyError, Violation};
use serde::Serialize;
use time::OffsetDateTime;

use super::endpoint_connection::with_expiry;
use super::{PartnerError, Partners};
use crate::ambient;
use crate::db::Tx;
use crate::secrets::master_key::SealError;
use crate::secrets::sealed_key::KeyTable;
use crate::secrets::signing_key;
use crate::store::partners::Partner;
use crate::store::partners::endpoint_keys::{self, NewKey, SealedKey};
use crate::store::partners::endpoints::Endpoint;

/// An endpoint as it is shown.
#[derive(Serialize)]
pub struct EndpointDocument {
    #[serde(flatten)]
    pub(crate) endpoint: Endpoint,
    /// The public halves of its key pairs, current and previous.
    pub(crate) public_keys: Vec<VerificationKey>,
}

/// A public key with which receivers verify.
#[derive(Serialize)]
pub(crate) struct VerificationKey {
    pub(crate) kid: String,
    algorithm: &'static str,
    /// `whpk_…`.
    pub(crate) key: String,
    /// Until when it signs; `None` for the current one.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) valid_until: Option<OffsetDateTime>,
}

/// The kinds of keys that belong to endpoints, with their names in the table.
const ENDPOINT_KEY_KINDS: [(KeyKind, &str); 2] =
    [(KeyKind::Shared, "shared"), (KeyKind::Ed25519, "ed25519")];

fn kind_name(kind: KeyKind) -> Option<&'static str> {
    let named = ENDPOINT_KEY_KINDS.iter().find(|(own, _)| *own == kind);
    named.map(|(_, name)| *name)
}

/// The kinds of key pairs that the partner's dialect signs with.
fn key_pair_kinds(partner: &Partner) -> Vec<KeyKind> {
    let Some(adapter) = dialects::by_name(&partner.adapter) else {
        return Vec::new();
    };
    let schemes = adapter.signature_schemes(&partner.settings);
    let mut kinds: Vec<_> = schemes.iter().flat_map(Scheme::key_kinds).collect();
    kinds.retain(|kind| *kind == KeyKind::Ed25519);
    kinds.dedup();
    kinds
}

/// Parses a secret that the caller chose.
pub(super) fn parse_secret(text: &str) -> Result<SigningKey, Violation> {
    SigningKey::parse(text).map_err(|fault| Violation::new("secret_malformed", fault.to_string()))
}

/// Checks that the partner's dialect can sign with this secret.
///
/// # Errors
/// The secret does not begin with `whsec_`, but the dialect decodes what follows that prefix.
pub(super) fn check_secret(partner: &Partner, secret: &SigningKey) -> Result<(), BodyError> {
    let adapter = dialects::by_name(&partner.adapter);
    let is_supported = adapter.is_none_or(|adapter| {
        accepts_secret(&adapter.signature_schemes(&partner.settings), secret)
    });
    if is_supported {
        return Ok(());
    }
    let detail = "this partner's signature scheme decodes the secret; give one that begins with `whsec_`, or omit it to generate one";
    Err(BodyError::single(
        "/secret",
        Violation::new("secret_malformed", detail),
    ))
}

impl Partners {
    /// Give a new endpoint its secret and the key pairs that its partner's dialect needs.
    pub(super) async fn add_keys(
        &self,
        tx: &Tx<'_>,
        partner: &Partner,
        endpoint: EndpointId,
        secret: &SigningKey,
    ) -> Result<(), PartnerError> {
        let pairs = key_pair_kinds(partner)
            .into_iter()
            .map(signing_key::generate_of);
        for key in std::iter::once(secret.clone()).chain(pairs) {
            endpoint_keys::add(tx, endpoint, &self.seal_key(&key)?).await?;
        }
        Ok(())
    }

    /// Give the endpoints of a changed partner the key pairs that its dialect needs now.
    pub(super) async fn add_missing_keys(
        &self,
        tx: &Tx<'_>,
        partner: &Partner,
    ) -> Result<(), PartnerError> {
        for kind in key_pair_kinds(partner) {
            let name = kind_name(kind).unwrap_or_default();
            for endpoint in endpoint_keys::endpoints_without(tx, partner.id, name).await? {
                let key = self.seal_key(&signing_key::generate_of(kind))?;
                endpoint_keys::add(tx, endpoint, &key).await?;
            }
        }
        Ok(())
    }

    /// New keys of each kind that the locked endpoint has. The secret is given.
    pub(super) async fn replacement_keys(
        &self,
        tx: &Tx<'_>,
        endpoint: EndpointId,
        secret: &SigningKey,
    ) -> Result<Vec<NewKey>, PartnerError> {
        let kinds = endpoint_keys::current_kinds(tx, endpoint).await?;
        let pairs = ENDPOINT_KEY_KINDS.iter().filter(|(kind, name)| {
            *kind != KeyKind::Shared && kinds.iter().any(|current| current == name)
        });
        let keys = pairs.map(|(kind, _)| signing_key::generate_of(*kind));
        let keys = std::iter::once(secret.clone()).chain(keys);
        Ok(keys
            .map(|key| self.seal_key(&key))
            .collect::<Result<_, _>>()?)
    }

    /// An endpoint with the public halves of its keys.
    pub(super) fn endpoint_document(
        &self,
        endpoint: Endpoint,
    ) -> Result<EndpointDocument, SealError> {
        Ok(EndpointDocument {
            public_keys: self.public_keys(&endpoint)?,
            endpoint: with_expiry(endpoint, ambient::now()),
        })
    }

    pub(super) fn public_keys(
        &self,
        endpoint: &Endpoint,
    ) -> Result<Vec<VerificationKey>, SealError> {
        let pairs = endpoint.key_pairs.iter();
        pairs.map(|key| self.verification_key(key)).collect()
    }

    fn verification_key(
        &self,
        (id, sealed, valid_until): &SealedKey,
    ) -> Result<VerificationKey, SealError> {
        let key = KeyTable::Endpoints.open(&self.master, *id, sealed)?;
        let public = key.public().as_ref().and_then(PublicKey::text);
        Ok(VerificationKey {
            kid: key.id().to_owned(),
            algorithm: "ed25519",
            key: public.ok_or(SealError::NotSealed)?,
            valid_until: *valid_until,
        })
    }

    fn seal_key(&self, key: &SigningKey) -> Result<NewKey, SealError> {
        let id = ambient::new_uuid();
        Ok(NewKey {
            id,
            kind: kind_name(key.kind()).ok_or(SealError::NotSealed)?,
            sealed: KeyTable::Endpoints.seal(&self.master, id, key)?,
        })
    }
}
