//! A signature that an operator describes, for partners without an adapter.
//!
//! ```json
//! {"algorithm": "hmac-sha256", "content": "{timestamp}.{body}", "encoding": "hex",
//!  "headers": {"x-signature": "t={timestamp},{signatures}"}, "prefix": "v1=", "between": ","}
//! ```
//!
//! Promises: a description that was read signs the body, can be sent, and adds
//! no header that belongs to the sender. Must not hold a key.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;
use thiserror::Error;

use super::key::KeyForm;
use super::scheme::{Algorithm, Content, Encoding, Family, Header, Room, Scheme, Signer, Value};
use crate::request::{is_header_value, is_own_header};

/// No known scheme has more than five.
const HEADERS_MAX: usize = 8;

/// Longer than any known description of a text.
const TEXT_BYTES_MAX: usize = 256;

/// What is wrong with a description, for its author.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DescriptionFault {
    /// Another shape than the one above.
    #[error("{0}")]
    Shape(String),
    /// A name in braces that means nothing there.
    #[error("`{at}` knows no `{{{name}}}`: it takes {known}")]
    Placeholder {
        /// Where it stands.
        at: String,
        /// What stands between the braces.
        name: String,
        /// What may stand there.
        known: &'static str,
    },
    /// A brace that is never closed.
    #[error("`{at}` has a brace without its other half")]
    Brace {
        /// Where it stands.
        at: String,
    },
    /// A signature of which the body may be changed.
    #[error("`content` must hold `{{body}}`: the signature would cover nothing that matters")]
    NoBody,
    /// Nothing would be signed.
    #[error("one header must hold `{{signatures}}`, once")]
    Signatures,
    /// A name that cannot be sent, or belongs to the sender.
    #[error("`{0}` cannot be a header of the signature")]
    HeaderName(String),
    /// A text that a header cannot carry.
    #[error("`{0}` must be printable ASCII, at most {TEXT_BYTES_MAX} characters")]
    Text(String),
    /// More than anybody needs.
    #[error("a signature has 1 to {HEADERS_MAX} headers")]
    Headers,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    algorithm: AlgorithmName,
    #[serde(default)]
    key: KeyName,
    content: String,
    encoding: EncodingName,
    headers: BTreeMap<String, String>,
    /// What stands before each signature.
    #[serde(default)]
    prefix: String,
    /// What stands between the signatures of several keys; without it there is
    /// room for one, and the keys take turns.
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
    /// The text as it is shown.
    #[default]
    Whole,
    /// What the base64 behind `whsec_` stands for.
    Decoded,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum EncodingName {
    Hex,
    Base64,
}

impl Scheme {
    /// Reads an operator's description.
    ///
    /// # Errors
    /// Says the first thing that is wrong with it.
    pub fn described(description: &Json) -> Result<Self, DescriptionFault> {
        let described = Described::deserialize(description)
            .map_err(|error| DescriptionFault::Shape(error.to_string()))?;
        described.check_texts()?;
        let family = Family {
            prefix: described.prefix.clone().into(),
            signer: described.signer()?,
        };
        let room = match described.between {
            Some(between) => Room::Each(between.into()),
            None => Room::InTurn,
        };
        let signatures = Value::Signatures {
            families: Cow::Owned(vec![family]),
            room,
        };
        Ok(Self {
            name: "described".into(),
            headers: headers(&described.headers, &signatures)?.into(),
        })
    }
}

impl Described {
    fn signer(&self) -> Result<Signer, DescriptionFault> {
        let key = match self.key {
            KeyName::Whole => KeyForm::Whole,
            KeyName::Decoded => KeyForm::Decoded,
        };
        let content = content(&self.content)?;
        if !content.iter().any(|piece| matches!(piece, Content::Body)) {
            return Err(DescriptionFault::NoBody);
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

    /// Whatever ends in a header must be something that a header can carry.
    fn check_texts(&self) -> Result<(), DescriptionFault> {
        if !(1..=HEADERS_MAX).contains(&self.headers.len()) {
            return Err(DescriptionFault::Headers);
        }
        if let Some(name) = self.headers.keys().find(|name| !is_own_header(name)) {
            return Err(DescriptionFault::HeaderName(name.clone()));
        }
        let sent = |text: &str| text.len() <= TEXT_BYTES_MAX && is_header_value(text);
        let values = self.headers.iter();
        let mut texts = values
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .chain([("prefix", self.prefix.as_str())])
            .chain(self.between.as_deref().map(|between| ("between", between)));
        let unsent = texts.find(|(_, text)| !sent(text));
        if let Some((at, _)) = unsent {
            return Err(DescriptionFault::Text(at.to_owned()));
        }
        if self.content.len() > TEXT_BYTES_MAX {
            return Err(DescriptionFault::Text("content".to_owned()));
        }
        Ok(())
    }
}

fn content(text: &str) -> Result<Vec<Content>, DescriptionFault> {
    let known = "{id}, {timestamp} and {body}";
    let place = |name: &str| match name {
        "id" => Some(Content::Id),
        "timestamp" => Some(Content::Timestamp),
        "body" => Some(Content::Body),
        _ => None,
    };
    pieces("content", text, known, place, |text| {
        Content::Text(text.into())
    })
}

fn headers(
    described: &BTreeMap<String, String>,
    signatures: &Value,
) -> Result<Vec<Header>, DescriptionFault> {
    let known = "{id}, {timestamp}, {digest} and {signatures}";
    let mut rooms = 0;
    let mut headers = Vec::with_capacity(described.len());
    for (name, text) in described {
        let place = |name: &str| match name {
            "id" => Some(Value::Id),
            "timestamp" => Some(Value::Timestamp),
            "digest" => Some(Value::ContentDigest),
            "signatures" => Some(signatures.clone()),
            _ => None,
        };
        let values = pieces(name, text, known, place, |text| Value::Text(text.into()))?;
        let signs = |value: &&Value| matches!(value, Value::Signatures { .. });
        rooms += values.iter().filter(signs).count();
        headers.push(Header {
            name: name.clone().into(),
            values: values.into(),
        });
    }
    if rooms == 1 {
        Ok(headers)
    } else {
        Err(DescriptionFault::Signatures)
    }
}

/// A text with names in braces, as what the names and the text between them stand for.
fn pieces<T>(
    at: &str,
    text: &str,
    known: &'static str,
    place: impl Fn(&str) -> Option<T>,
    literal: impl Fn(String) -> T,
) -> Result<Vec<T>, DescriptionFault> {
    let brace = || DescriptionFault::Brace { at: at.to_owned() };
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or_else(brace)?;
        if before.contains('}') {
            return Err(brace());
        }
        pieces.push(literal(before.to_owned()));
        pieces.push(place(name).ok_or_else(|| DescriptionFault::Placeholder {
            at: at.to_owned(),
            name: name.to_owned(),
            known,
        })?);
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
