//! Signature schemes as data: an algorithm over described content, laid into
//! described headers.
//!
//! The descriptions themselves are in [`schemes`](super::schemes) or an
//! operator's ([`description`](super::description)), and are followed in
//! [`write`](super::write). Must not hold a secret or see a clock.

use std::borrow::Cow;

use super::components::Component;
use super::key::{KeyForm, KeyKind, SigningKey};
use super::subject::Subject;

/// Text and lists of a description: compiled in, or an operator's.
type Text = Cow<'static, str>;
type List<T> = Cow<'static, [T]>;

/// How one dialect signs.
#[derive(Debug, Clone)]
pub struct Scheme {
    pub(super) name: Text,
    pub(super) headers: List<SchemeHeader>,
}

/// One header that the scheme adds.
#[derive(Debug, Clone)]
pub(super) struct SchemeHeader {
    /// In lower case.
    pub(super) name: Text,
    /// Its value, piece by piece.
    pub(super) values: List<HeaderPart>,
}

/// A piece of a header's value.
#[derive(Debug, Clone)]
pub(super) enum HeaderPart {
    Text(Text),
    Id,
    Timestamp,
    /// The digest of the body, by RFC 9530.
    ContentDigest,
    /// What `Signature-Input` says of these components and the key whose turn it is.
    Parameters(List<Component>),
    Signatures {
        /// Kinds of signatures that stand beside each other.
        kinds: List<SignatureKind>,
        slots: SignatureSlots,
    },
}

/// Signatures of one kind.
#[derive(Debug, Clone)]
pub(super) struct SignatureKind {
    /// What stands before each of them, such as `v1,`.
    pub(super) prefix: Text,
    pub(super) signer: Signer,
}

/// How many signatures a header has room for.
#[derive(Debug, Clone)]
pub(super) enum SignatureSlots {
    /// One by every valid key, with this text between them.
    PerKey(Text),
    /// One: the keys take turns.
    Single,
}

/// An algorithm, what it covers and how the result is written.
#[derive(Debug, Clone)]
pub(super) struct Signer {
    pub(super) algorithm: Algorithm,
    pub(super) content: List<ContentPart>,
    pub(super) encoding: Encoding,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Algorithm {
    HmacSha256(KeyForm),
    Ed25519,
    /// Written as r and s, 32 bytes each, as RFC 9421 and JSON Web Signatures want.
    EcdsaP256,
}

/// A piece of what a signature covers.
#[derive(Debug, Clone)]
pub(super) enum ContentPart {
    Text(Text),
    Id,
    Timestamp,
    Body,
    /// The signature base of RFC 9421 over these components.
    Components(List<Component>),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Encoding {
    Base64,
    /// Lower case: published verifiers refuse capitals.
    Hex,
}

impl SchemeHeader {
    pub(super) const fn new(name: &'static str, values: &'static [HeaderPart]) -> Self {
        Self {
            name: Cow::Borrowed(name),
            values: Cow::Borrowed(values),
        }
    }
}

impl SignatureKind {
    pub(super) const fn new(prefix: &'static str, signer: Signer) -> Self {
        Self {
            prefix: Cow::Borrowed(prefix),
            signer,
        }
    }
}

impl HeaderPart {
    /// A signature by every valid key.
    pub(super) const fn per_key(
        families: &'static [SignatureKind],
        separator: &'static str,
    ) -> Self {
        Self::Signatures {
            kinds: Cow::Borrowed(families),
            slots: SignatureSlots::PerKey(Cow::Borrowed(separator)),
        }
    }

    pub(super) const fn text(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// One signature, by the key whose turn it is.
    pub(super) const fn single(families: &'static [SignatureKind]) -> Self {
        Self::Signatures {
            kinds: Cow::Borrowed(families),
            slots: SignatureSlots::Single,
        }
    }
}

impl Scheme {
    /// The name that people know it by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it writes a header of this name, in lower case.
    #[must_use]
    pub fn adds_header(&self, name: &str) -> bool {
        self.headers.iter().any(|header| header.name == name)
    }

    /// The kinds of keys that it signs with.
    pub fn key_kinds(&self) -> impl Iterator<Item = KeyKind> {
        self.signers().map(Signer::key_kind)
    }

    /// The signers of all its signatures.
    pub(super) fn signers(&self) -> impl Iterator<Item = &Signer> {
        let kinds = self.signature_slots().flat_map(|(families, _)| families);
        kinds.map(|family| &family.signer)
    }

    /// Those for which there is room for one signature: their keys take turns.
    pub(super) fn rotating_signers(&self) -> impl Iterator<Item = &Signer> {
        let single_slots = self
            .signature_slots()
            .filter(|(_, slots)| matches!(slots, SignatureSlots::Single));
        let kinds = single_slots.flat_map(|(families, _)| families);
        kinds.map(|family| &family.signer)
    }

    fn signature_slots(&self) -> impl Iterator<Item = (&[SignatureKind], &SignatureSlots)> {
        let values = self.headers.iter().flat_map(|header| header.values.iter());
        values.filter_map(|value| match value {
            HeaderPart::Signatures {
                kinds: families,
                slots: module,
            } => Some((families.as_ref(), module)),
            _ => None,
        })
    }

    /// The headers of one attempt, in the order of the description.
    pub(super) fn headers(
        &self,
        keys: &[SigningKey],
        subject: &Subject<'_>,
        rotation: usize,
    ) -> impl Iterator<Item = (Cow<'static, str>, String)> {
        self.headers.iter().map(move |header| {
            // Room for two signatures, so that a rotation costs no second allocation.
            let mut out = String::with_capacity(96);
            for value in header.values.iter() {
                value.push(&mut out, keys, subject, rotation);
            }
            (header.name.clone(), out)
        })
    }

    /// Whether a request carries exactly what this key signs for it. As quick
    /// as signing, for a receiver that measures the signer; to learn what is
    /// wrong with a request, see [`verify`](super::verify), and to guard a
    /// door, see [`inbound`](super::inbound).
    pub fn matches<'a>(
        &self,
        key: &SigningKey,
        header: impl Fn(&str) -> Option<&'a str>,
        body: &[u8],
    ) -> bool {
        let subject = Subject {
            webhook_id: self.header_part(&header, |value| matches!(value, HeaderPart::Id)),
            timestamp: self.header_part(&header, |value| matches!(value, HeaderPart::Timestamp)),
            body,
            request: None,
        };
        let mut expected = self.headers(std::slice::from_ref(key), &subject, 0);
        expected.all(|(name, value)| header(&name) == Some(value.as_str()))
    }

    /// What a request says in one place of the description: the piece of that
    /// header up to the next comma.
    fn header_part<'a>(
        &self,
        header: impl Fn(&str) -> Option<&'a str>,
        is_part: impl Fn(&HeaderPart) -> bool,
    ) -> &'a str {
        let scheme_header = self
            .headers
            .iter()
            .find(|one| one.values.iter().any(&is_part));
        let Some(scheme_header) = scheme_header else {
            return "";
        };
        let mut rest = header(&scheme_header.name).unwrap_or_default();
        for value in scheme_header
            .values
            .iter()
            .take_while(|value| !is_part(value))
        {
            if let HeaderPart::Text(text) = value {
                rest = rest.strip_prefix(text.as_ref()).unwrap_or_default();
            }
        }
        rest.split(',').next().unwrap_or_default()
    }
}
