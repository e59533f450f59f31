//! Inbound signature schemes as data: where a request carries its signatures, its id and its time.
//!
//! The descriptions are in [`schemes`](super::schemes); the [verifier](super::CallbackVerifier) follows them. Must not
//! hold a secret or read a clock.

use std::fmt;

use crate::signing::keys::{KeyForm, KeyKind};
use crate::signing::signer::{Algorithm, SignatureKind, Signer};

/// How a partner signs what it sends.
#[derive(Debug, Clone, Copy)]
pub struct InboundScheme {
    /// Its name in a partner's settings.
    pub(super) name: &'static str,
    pub(super) method: Method,
}

/// Where the signatures are, and what they cover.
#[derive(Debug, Clone, Copy)]
pub(super) enum Method {
    /// The request carries no signature.
    Unsigned,
    /// One header carries all signatures.
    Header(HeaderSignatures),
    /// HTTP Message Signatures (RFC 9421), which say themselves what they cover.
    Message(MessageSignatures),
}

/// Signatures in one header, over content that the scheme fixes.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeaderSignatures {
    /// The header, in lower case.
    pub(super) header: &'static str,
    /// What separates the header's entries; `None` if the whole value is one entry.
    pub(super) separator: Option<char>,
    /// The kinds of signatures, by the prefix of their entries. Other entries are ignored.
    pub(super) kinds: &'static [SignatureKind],
    /// The header with the message's id, if the signature covers one.
    pub(super) id: Option<&'static str>,
    pub(super) time: TimeSource,
}

/// Where the time of signing stands, in Unix seconds.
#[derive(Debug, Clone, Copy)]
pub(super) enum TimeSource {
    /// Nowhere: only deduplication recognises an old copy.
    Absent,
    /// In a header of its own, in lower case.
    Header(&'static str),
    /// In the entry of the signature header that has this prefix.
    Entry(&'static str),
}

/// What every message signature of the scheme must cover, whatever its sender chose to cover.
#[derive(Debug, Clone, Copy)]
pub(super) struct MessageSignatures {
    /// Always.
    pub(super) covered: &'static [&'static str],
    /// Where they are sent: these headers steer what we do.
    pub(super) covered_if_sent: &'static [&'static str],
    /// The header with the time, for signatures without `created`. It must be among `covered_if_sent`.
    pub(super) time_header: &'static str,
}

impl InboundScheme {
    /// The scheme of that name in a partner's settings.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|scheme| scheme.name == name).copied()
    }

    /// The names of all schemes, for people.
    pub(super) fn listed_names() -> String {
        let names: Vec<_> = Self::ALL
            .iter()
            .map(|scheme| format!("`{}`", scheme.name))
            .collect();
        match names.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        }
    }

    pub(super) fn takes_secrets(&self) -> bool {
        let mut signers = self.signers();
        signers.any(|signer| signer.key_kind() == KeyKind::Shared)
    }

    pub(super) fn takes_public_keys(&self) -> bool {
        let mut signers = self.signers();
        matches!(self.method, Method::Message(_))
            || signers.any(|signer| signer.key_kind() != KeyKind::Shared)
    }

    /// Which bytes of a secret are the key.
    pub(super) fn secret_form(&self) -> KeyForm {
        let mut signers = self.signers();
        let form = signers.find_map(|signer| match signer.algorithm {
            Algorithm::HmacSha256(form) => Some(form),
            Algorithm::Ed25519 | Algorithm::EcdsaP256 => None,
        });
        form.unwrap_or(KeyForm::Text)
    }

    fn signers(&self) -> impl Iterator<Item = &'static Signer> {
        let kinds = match self.method {
            Method::Header(signatures) => signatures.kinds,
            Method::Unsigned | Method::Message(_) => &[],
        };
        kinds.iter().map(|kind| &kind.signer)
    }
}

impl PartialEq for InboundScheme {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for InboundScheme {}

impl fmt::Display for InboundScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
