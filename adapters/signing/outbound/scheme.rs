//! Outbound signature schemes as data: signatures laid into described headers.
//!
//! The descriptions are in [`schemes`](super::schemes) or an operator's ([`description`](super::description));
//! [`write`](super::write) follows them. Must not hold a secret or read a clock.

use std::borrow::Cow;

use crate::signing::components::Component;
use crate::signing::keys::{KeyKind, SigningKey};
use crate::signing::signer::{List, SignatureKind, Signer, Text};
use crate::signing::subject::Subject;

/// How one dialect signs.
#[derive(Debug, Clone)]
pub struct Scheme {
    pub(crate) name: Text,
    pub(crate) headers: List<SchemeHeader>,
}

/// One header that the scheme adds.
#[derive(Debug, Clone)]
pub(crate) struct SchemeHeader {
    /// In lower case.
    pub(crate) name: Text,
    /// The pieces of its value.
    pub(crate) values: List<HeaderPart>,
}

/// A piece of a header's value.
#[derive(Debug, Clone)]
pub(crate) enum HeaderPart {
    Text(Text),
    Id,
    Timestamp,
    /// The digest of the body, by RFC 9530.
    ContentDigest,
    /// The value of `Signature-Input` for these components and the key that signs.
    Parameters(List<Component>),
    Signatures {
        /// The kinds of signatures in the header.
        kinds: List<SignatureKind>,
        slots: SignatureSlots,
    },
}

/// How many signatures a header has room for.
#[derive(Debug, Clone)]
pub(crate) enum SignatureSlots {
    /// One by every valid key, with this text between them.
    PerKey(Text),
    /// One; the keys alternate.
    Single,
}

impl SchemeHeader {
    pub(crate) const fn new(name: &'static str, values: &'static [HeaderPart]) -> Self {
        Self {
            name: Cow::Borrowed(name),
            values: Cow::Borrowed(values),
        }
    }
}

impl HeaderPart {
    /// A signature by every valid key.
    pub(crate) const fn per_key(kinds: &'static [SignatureKind], separator: &'static str) -> Self {
        Self::Signatures {
            kinds: Cow::Borrowed(kinds),
            slots: SignatureSlots::PerKey(Cow::Borrowed(separator)),
        }
    }

    pub(crate) const fn text(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// One signature, by one key at a time.
    pub(crate) const fn single(kinds: &'static [SignatureKind]) -> Self {
        Self::Signatures {
            kinds: Cow::Borrowed(kinds),
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

    /// Whether it adds a header of this name, which is in lower case.
    #[must_use]
    pub fn adds_header(&self, name: &str) -> bool {
        self.headers.iter().any(|header| header.name == name)
    }

    /// The kinds of keys it signs with.
    pub fn key_kinds(&self) -> impl Iterator<Item = KeyKind> {
        self.signers().map(Signer::key_kind)
    }

    /// The signers of all its signatures.
    pub(crate) fn signers(&self) -> impl Iterator<Item = &Signer> {
        let kinds = self.signature_slots().flat_map(|(kinds, _)| kinds);
        kinds.map(|kind| &kind.signer)
    }

    /// The signers that have room for one signature, so that their keys alternate.
    pub(crate) fn rotating_signers(&self) -> impl Iterator<Item = &Signer> {
        let single_slots = self
            .signature_slots()
            .filter(|(_, slots)| matches!(slots, SignatureSlots::Single));
        let kinds = single_slots.flat_map(|(kinds, _)| kinds);
        kinds.map(|kind| &kind.signer)
    }

    fn signature_slots(&self) -> impl Iterator<Item = (&[SignatureKind], &SignatureSlots)> {
        let values = self.headers.iter().flat_map(|header| header.values.iter());
        values.filter_map(|value| match value {
            HeaderPart::Signatures { kinds, slots } => Some((kinds.as_ref(), slots)),
            _ => None,
        })
    }

    /// The headers of one attempt, in the order of the description.
    pub(crate) fn headers(
        &self,
        keys: &[SigningKey],
        subject: &Subject<'_>,
        rotation: usize,
    ) -> impl Iterator<Item = (Cow<'static, str>, String)> {
        self.headers.iter().map(move |header| {
            // Room for two signatures, so that a rotation needs no second allocation.
            let mut out = String::with_capacity(96);
            for value in header.values.iter() {
                value.push(&mut out, keys, subject, rotation);
            }
            (header.name.clone(), out)
        })
    }

    /// Whether a request carries exactly what this key signs for it. As fast as signing, for a receiver that measures
    /// the signer. To learn what is wrong with a request, see [`explain`](crate::signing::explain); to verify callbacks,
    /// see [`inbound`](crate::signing::inbound).
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

    /// The part of a request's header at one place of the description, up to the next comma.
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
