//! One record as a tree of elements.
//!
//! XML's five entities and numeric references are resolved. Anything else that begins with `&`
//! stays as written, including a bare `&`: feeds often contain both, and their text is still clear.
//! Nothing is ever looked up or expanded.

use std::borrow::Cow;

use memchr::memchr;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::fault::RecordFault;
use super::super::parsed::Element;

/// Nesting depth of a record. A product needs about four levels.
const DEPTH_MAX: usize = 64;
/// Elements and attributes in a record: an element takes up to 40 times the memory of its text.
const PARTS_MAX: usize = 50_000;

/// Parses a record's bytes.
pub(crate) fn element(raw: &[u8]) -> Result<Element, RecordFault> {
    let text = String::from_utf8_lossy(raw);
    let mut reader = Reader::from_str(&text);
    reader.config_mut().allow_dangling_amp = true;
    let mut open: Vec<Element> = Vec::new();
    let mut parts = 0;
    let mut has_bare_ampersand = false;
    loop {
        let closed = match reader.read_event().map_err(malformed)? {
            Event::Start(start) => {
                let element = start_element(&start, &mut parts)?;
                open.push(element);
                None
            }
            Event::Empty(start) => Some(start_element(&start, &mut parts)?),
            Event::End(_) => open.pop(),
            Event::Text(text) => {
                // A reference is a separate event.
                has_bare_ampersand |= memchr(b'&', text.as_bytes()).is_some();
                push(&mut open, &text)
            }
            Event::CData(text) => push(&mut open, &text),
            Event::GeneralRef(reference) => {
                push(&mut open, &resolve(&format!("&{};", &*reference)))
            }
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => None,
            Event::DocType(_) => {
                return Err(RecordFault::XmlMalformed(
                    "a DOCTYPE in an element".to_owned(),
                ));
            }
            Event::Eof => {
                return Err(RecordFault::XmlMalformed(
                    "the element is not closed".to_owned(),
                ));
            }
        };
        if open.len() > DEPTH_MAX || parts > PARTS_MAX {
            return Err(RecordFault::TooComplex);
        }
        let Some(mut element) = closed else {
            continue;
        };
        trim(&mut element.text);
        match open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => {
                element.has_bare_ampersand = has_bare_ampersand;
                return Ok(element);
            }
        }
    }
}

/// Creates an element from its start tag.
fn start_element(start: &BytesStart<'_>, parts: &mut usize) -> Result<Element, RecordFault> {
    let name = start.name().as_ref().to_owned();
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(malformed)?;
        attributes.push((
            attribute.key.as_ref().to_owned(),
            resolve(&attribute.value).into_owned(),
        ));
    }
    *parts += 1 + attributes.len();
    Ok(Element {
        name,
        attributes,
        ..Element::default()
    })
}

fn push(open: &mut [Element], text: &str) -> Option<Element> {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
    None
}

fn trim(text: &mut String) {
    text.truncate(text.trim_end().len());
    text.drain(..text.len() - text.trim_start().len());
}

fn malformed(error: impl ToString) -> RecordFault {
    RecordFault::XmlMalformed(error.to_string())
}

/// Text with its references resolved.
fn resolve(text: &str) -> Cow<'_, str> {
    let mut resolved = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        resolved.push_str(before);
        match after
            .split_once(';')
            .and_then(|(name, after)| Some((character(name)?, after)))
        {
            Some((character, after)) => {
                resolved.push(character);
                rest = after;
            }
            None => {
                resolved.push('&');
                rest = after;
            }
        }
    }
    if memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    resolved.push_str(rest);
    Cow::Owned(resolved)
}

/// The character of a reference. Zero is not a valid character.
fn character(name: &str) -> Option<char> {
    let code = match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => name.strip_prefix('#')?,
    };
    let code = match code.strip_prefix(['x', 'X']) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
        None => code.parse(),
    };
    char::from_u32(code.ok()?).filter(|character| *character != '\0')
}
