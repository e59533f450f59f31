//! A signature scheme that an operator describes, for partners without an adapter.
//!
//! ```json
//! {"algorithm": "hmac-sha256", "content": "{timestamp}.{body}", "encoding": "hex",
//!  "headers": {"x-signature": "t={timestamp},{signatures}"}, "prefix": "v1=", "between": ","}
//! ```
//!
//! Promises: a description that parses signs the body, fits into headers, and adds no header that belongs to the sender.
//! Must not hold a key.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;
use thiserror::Error;

use super::scheme::{HeaderPart, Scheme, SchemeHeader, SignatureSlots};
use crate::contract::request::{is_dialect_header, is_header_value};
use crate::signing::keys::KeyForm;
use crate::signing::signer::{Algorithm, ContentPart, Encoding, SignatureKind, Signer};

/// No known scheme has more than five headers.
const HEADERS_MAX: usize = 8;

/// More than any known scheme needs.
const TEXT_BYTES_MAX: usize = 256;

/// What is wrong with a description.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DescriptionError {
    /// It does not have the form above.
    #[error("{0}")]
    Shape(String),
    /// A placeholder that does not exist there.
    #[error("`{at}` has no placeholder `{{{name}}}`; it takes {existing}")]
    Placeholder {
        /// The member or header with the fault.
        at: String,
        /// The text between the braces.
        name: String,
        /// The placeholders that exist there.
        existing: &'static str,
    },
    /// A brace without its counterpart.
    #[error("`{at}` has an unbalanced brace")]
    Brace {
        /// The member or header with the fault.
        at: String,
    },
    /// The signature does not cover the body.
    #[error("`content` must contain `{{body}}`, or the signature would not cover the body")]
    NoBody,
    /// No header or several headers carry the signatures.
    #[error("exactly one header must contain `{{signatures}}`, once")]
    Signatures,
    /// A header name that is not valid, or that belongs to the sender.
    #[error(
        "`{0}` cannot be a signature header: it is not a valid lower-case name, or Buywire sets it"
    )]
    HeaderName(String),
    /// A text that does not fit into a header.
    #[error("`{0}` must be printable ASCII, at most {TEXT_BYTES_MAX} characters")]
    Text(String),
    /// No headers, or too many.
    #[error("a signature has 1 to {HEADERS_MAX} headers")]
    Headers,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SchemeDescription {
    algorithm: AlgorithmName,
    #[serde(default)]
    key: KeyName,
    content: String,
    encoding: EncodingName,
    headers: BTreeMap<String, String>,
    /// The text before each signature.
    #[serde(default)]
    prefix: String,
    /// The text between the signatures of several keys. Without it there is room for one signature, and the keys
    /// alternate.
    #[serde(default)]
    between: Option<String>,
}

#[derive(Deserialize)]
enum AlgorithmName {
    #[serde(rename = "hmac-sha256")]
    HmacSha256,
    #[serde(rename = "ed25519")]
    Ed25519,
    #[serde(rename = "ecdsa-p256")]
    EcdsaP256,
}

/// Which bytes of a shared secret are the key.
#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum KeyName {
    /// The text as shown.
    #[default]
    Whole,
    /// The bytes that the base64 after `whsec_` encodes.
    Decoded,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum EncodingName {
    Hex,
    Base64,
}

impl Scheme {
    /// Parses an operator's description.
    ///
    /// # Errors
    /// The first fault found.
    pub fn from_description(description: &Json) -> Result<Self, DescriptionError> {
        let description = SchemeDescription::deserialize(description)
            .map_err(|error| DescriptionError::Shape(error.to_string()))?;
        description.check_header_texts()?;
        let kind = SignatureKind {
            prefix: description.prefix.clone().into(),
            signer: description.signer()?,
        };
        let slots = match description.between {
            Some(between) => SignatureSlots::PerKey(between.into()),
            None => SignatureSlots::Single,
        };
        let signatures = HeaderPart::Signatures {
            kinds: Cow::Owned(vec![kind]),
            slots,
        };
        Ok(Self {
            name: "described".into(),
            headers: scheme_headers(&description.headers, &signatures)?.into(),
        })
    }
}

impl SchemeDescription {
    fn signer(&self) -> Result<Signer, DescriptionError> {
        let key = match self.key {
            KeyName::Whole => KeyForm::Text,
            KeyName::Decoded => KeyForm::Decoded,
        };
        let content = content_parts(&self.content)?;
        if !content
            .iter()
            .any(|piece| matches!(piece, ContentPart::Body))
        {
            return Err(DescriptionError::NoBody);
        }
        Ok(Signer {
            algorithm: match self.algorithm {
                AlgorithmName::HmacSha256 => Algorithm::HmacSha256(key),
                AlgorithmName::Ed25519 => Algorithm::Ed25519,
                AlgorithmName::EcdsaP256 => Algorithm::EcdsaP256,
            },
            content: content.into(),
            encoding: match self.encoding {
                EncodingName::Hex => Encoding::Hex,
                EncodingName::Base64 => Encoding::Base64,
            },
        })
    }

    /// Checks every text that becomes part of a header.
    fn check_header_texts(&self) -> Result<(), DescriptionError> {
        if !(1..=HEADERS_MAX).contains(&self.headers.len()) {
            return Err(DescriptionError::Headers);
        }
        if let Some(name) = self.headers.keys().find(|name| !is_dialect_header(name)) {
            return Err(DescriptionError::HeaderName(name.clone()));
        }
        let is_sendable = |text: &str| text.len() <= TEXT_BYTES_MAX && is_header_value(text);
        let values = self.headers.iter();
        let mut texts = values
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .chain([("prefix", self.prefix.as_str())])
            .chain(self.between.as_deref().map(|between| ("between", between)));
        let invalid = texts.find(|(_, text)| !is_sendable(text));
        if let Some((at, _)) = invalid {
            return Err(DescriptionError::Text(at.to_owned()));
        }
        if self.content.len() > TEXT_BYTES_MAX {
            return Err(DescriptionError::Text("content".to_owned()));
        }
        Ok(())
    }
}

fn content_parts(text: &str) -> Result<Vec<ContentPart>, DescriptionError> {
    let allowed = "{id}, {timestamp} and {body}";
    let placeholder = |name: &str| match name {
        "id" => Some(ContentPart::Id),
        "timestamp" => Some(ContentPart::Timestamp),
        "body" => Some(ContentPart::Body),
        _ => None,
    };
    parse_parts("content", text, allowed, placeholder, |text| {
        ContentPart::Text(text.into())
    })
}

fn scheme_headers(
    headers_text: &BTreeMap<String, String>,
    signatures: &HeaderPart,
) -> Result<Vec<SchemeHeader>, DescriptionError> {
    let allowed = "{id}, {timestamp}, {digest} and {signatures}";
    let mut signature_count = 0;
    let mut headers = Vec::with_capacity(headers_text.len());
    for (name, text) in headers_text {
        let placeholder = |name: &str| match name {
            "id" => Some(HeaderPart::Id),
            "timestamp" => Some(HeaderPart::Timestamp),
            "digest" => Some(HeaderPart::ContentDigest),
            "signatures" => Some(signatures.clone()),
            _ => None,
        };
        let values = parse_parts(name, text, allowed, placeholder, |text| {
            HeaderPart::Text(text.into())
        })?;
        let is_signatures = |value: &&HeaderPart| matches!(value, HeaderPart::Signatures { .. });
        signature_count += values.iter().filter(is_signatures).count();
        headers.push(SchemeHeader {
            name: name.clone().into(),
            values: values.into(),
        });
    }
    if signature_count == 1 {
        Ok(headers)
    } else {
        Err(DescriptionError::Signatures)
    }
}

/// Splits a text into placeholders and the text between them.
fn parse_parts<T>(
    at: &str,
    text: &str,
    allowed: &'static str,
    placeholder: impl Fn(&str) -> Option<T>,
    literal: impl Fn(String) -> T,
) -> Result<Vec<T>, DescriptionError> {
    let brace = || DescriptionError::Brace { at: at.to_owned() };
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or_else(brace)?;
        if before.contains('}') {
            return Err(brace());
        }
        pieces.push(literal(before.to_owned()));
        pieces.push(
            placeholder(name).ok_or_else(|| DescriptionError::Placeholder {
                at: at.to_owned(),
                name: name.to_owned(),
                existing: allowed,
            })?,
        );
        rest = after;
    }
    if rest.contains('}') {
        return Err(brace());
    }
    pieces.push(literal(rest.to_owned()));
    Ok(pieces)
}

#[cfg(test)]
mod tests;
