//! How the content type decides the form of the values that a template inserts.
//!
//! Promises: a value stays one value, whatever it holds. It cannot end a JSON string, open an XML element or add a field to a
//! form. Malformed output is an error.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, Output, State};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde::de::IgnoredAny;
use url::form_urlencoded::byte_serialize;

use super::error::{TemplateError, TemplateErrorKind};
use super::filters::{charge, plain_text};

/// How the content type requires values to be escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escape {
    /// As a JSON value, with its own quotes.
    Json,
    /// As text of an element or an attribute.
    Xml,
    /// As a percent-encoded name or value.
    Form,
    /// Unescaped, in headers and plain text.
    Plain,
}

impl Escape {
    /// Decides by the media type; ignores its parameters.
    pub(crate) fn of(content_type: &str) -> Self {
        let media = content_type.split(';').next().unwrap_or_default().trim();
        match media.to_ascii_lowercase().as_str() {
            "application/x-www-form-urlencoded" => Self::Form,
            "application/json" => Self::Json,
            "application/xml" | "text/xml" => Self::Xml,
            media if media.ends_with("+json") => Self::Json,
            media if media.ends_with("+xml") => Self::Xml,
            _ => Self::Plain,
        }
    }

    pub(super) fn write(
        self,
        out: &mut Output<'_>,
        state: &mut State<'_, '_>,
        value: &Value,
    ) -> Result<(), Error> {
        // Reading an undefined variable has failed before this; here it is `{{ a if b }}` with a false `b`.
        let value = if value.is_undefined() {
            &Value::from(())
        } else {
            value
        };
        let text = match self {
            Self::Json => json(value)?.into(),
            Self::Xml => xml(&plain_text(value)?).into(),
            Self::Form => form(&plain_text(value)?).into(),
            Self::Plain => plain_text(value)?,
        };
        charge(state, text.len())?;
        Ok(out.write_str(&text)?)
    }

    /// Returns the body if it is valid for its content type.
    pub(super) fn check_output(self, mut body: Vec<u8>) -> Result<Vec<u8>, TemplateError> {
        match self {
            Self::Json => {
                serde_json::from_slice::<IgnoredAny>(&body)
                    .map_err(|_| TemplateErrorKind::InvalidJson)?;
            }
            Self::Xml => well_formed(&body).ok_or(TemplateErrorKind::InvalidXml)?,
            Self::Form => {
                // Encoded values hold no white space; what there is comes from the template's layout.
                body.retain(|byte| !byte.is_ascii_whitespace());
                let is_allowed =
                    |byte: &u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(byte);
                if !body.iter().all(is_allowed) {
                    return Err(TemplateErrorKind::InvalidForm.into());
                }
            }
            Self::Plain => {}
        }
        Ok(body)
    }
}

pub(super) fn json(value: &Value) -> Result<String, TemplateErrorKind> {
    serde_json::to_string(value).map_err(|_| TemplateErrorKind::NotScalar)
}

pub(super) fn form(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// Also safe in attributes, where parsers turn line ends and tabs into spaces. Characters that XML 1.0 cannot express become
/// replacement characters.
pub(super) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Checks for one complete element, surrounded only by comments, instructions and white space.
fn well_formed(body: &[u8]) -> Option<()> {
    let mut reader = Reader::from_reader(body);
    reader.config_mut().check_comments = true;
    let (mut depth, mut roots) = (0_usize, 0_usize);
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => {
                attributes(&element)?;
                roots += usize::from(depth == 0);
                depth += 1;
            }
            Event::Empty(element) => {
                attributes(&element)?;
                roots += usize::from(depth == 0);
            }
            Event::End(_) => depth = depth.checked_sub(1)?,
            Event::Text(text) if depth == 0 => {
                text.trim_ascii().is_empty().then_some(())?;
            }
            Event::CData(_) | Event::GeneralRef(_) if depth == 0 => return None,
            // A document type can define entities that read files.
            Event::DocType(_) => return None,
            Event::Eof => return (depth == 0 && roots == 1).then_some(()),
            _ => {}
        }
    }
}

/// Checks that every attribute has a quoted value and a unique name.
fn attributes(element: &quick_xml::events::BytesStart<'_>) -> Option<()> {
    element
        .attributes()
        .all(|attribute| attribute.is_ok_and(|attribute| !attribute.value.contains('<')))
        .then_some(())
}

/// Whether a value can be written as text.
pub(super) fn is_scalar(value: &Value) -> bool {
    matches!(
        value.kind(),
        ValueKind::None | ValueKind::Bool | ValueKind::Number | ValueKind::String
    )
}
