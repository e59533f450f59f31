//! HTTP Message Signatures (RFC 9421): the covered parts of a request and the text they form. Must not sign: see
//! [`signer`](super::signer).

use std::borrow::Cow;

use super::subject::{RequestParts, Subject, authority, content_digest};

/// A part of a request that a signature can cover.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Component {
    Method,
    Authority,
    Path,
    /// Covered if the URL has one.
    Query,
    /// Covered if the request has it. In lower case.
    Header(&'static str),
}

impl Component {
    const fn name(self) -> &'static str {
        match self {
            Self::Method => "@method",
            Self::Authority => "@authority",
            Self::Path => "@path",
            Self::Query => "@query",
            Self::Header(name) => name,
        }
    }

    /// Its value in this request, if it has one.
    fn value<'a>(self, subject: &Subject<'a>, request: &RequestParts<'a>) -> Option<Cow<'a, str>> {
        let value = match self {
            Self::Method => Cow::Borrowed(request.method),
            Self::Authority => Cow::Owned(authority(request.url)),
            Self::Path => Cow::Borrowed(request.url.path()),
            Self::Query => Cow::Owned(format!("?{}", request.url.query()?)),
            Self::Header("content-type") => Cow::Borrowed(request.content_type),
            Self::Header("content-digest") => Cow::Owned(content_digest(subject.body)),
            Self::Header("webhook-id") => Cow::Borrowed(subject.webhook_id),
            Self::Header("webhook-timestamp") => Cow::Borrowed(subject.timestamp),
            Self::Header(name) => {
                let (_, value) = request.headers.iter().find(|(sent, _)| sent == name)?;
                Cow::Borrowed(value.trim())
            }
        };
        Some(value)
    }
}

/// The covered components and their values, for one request and one key.
pub(crate) struct CoveredComponents<'a> {
    parts: Vec<(&'static str, Cow<'a, str>)>,
    created: &'a str,
    key_id: &'a str,
}

impl<'a> CoveredComponents<'a> {
    pub(crate) fn new(components: &[Component], subject: &Subject<'a>, key_id: &'a str) -> Self {
        let part = |request: &RequestParts<'a>, component: &Component| {
            Some((component.name(), component.value(subject, request)?))
        };
        let parts = subject.request.iter().flat_map(|request| {
            let parts = components.iter();
            parts.filter_map(move |component| part(request, component))
        });
        Self {
            parts: parts.collect(),
            created: subject.timestamp,
            key_id,
        }
    }

    /// The value of one label in `Signature-Input`.
    pub(crate) fn parameters(&self) -> String {
        let names: Vec<_> = self
            .parts
            .iter()
            .map(|(name, _)| format!("\"{name}\""))
            .collect();
        format!(
            "({});created={};keyid=\"{}\"",
            names.join(" "),
            self.created,
            self.key_id
        )
    }

    /// The text that is signed.
    pub(crate) fn base(&self) -> String {
        base(
            self.parts
                .iter()
                .map(|(name, value)| (*name, value.as_ref())),
            &self.parameters(),
        )
    }
}

/// The signature base of RFC 9421, section 2.5.
pub(crate) fn base<'a>(
    parts: impl Iterator<Item = (&'a str, &'a str)>,
    parameters: &str,
) -> String {
    let mut base = String::with_capacity(512);
    for (name, value) in parts {
        base.extend(["\"", name, "\": ", value, "\n"]);
    }
    base.extend(["\"@signature-params\": ", parameters]);
    base
}
