//! One parsed record: cells, elements or JSON.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

/// A record, by the kind of its document.
#[derive(Debug)]
pub enum Parsed<'a> {
    /// One row of a table. Shorter than the header if cells are missing, longer if there are too many.
    Cells {
        /// The names as the header spells them.
        header: &'a [Arc<str>],
        /// The cells, quotes resolved.
        cells: Vec<Cow<'a, str>>,
        /// Whether a misplaced quote was read literally.
        has_stray_quote: bool,
    },
    /// One element of an XML document.
    Element(Element),
    /// One value of a JSON document.
    Json(Value),
}

/// An XML element, entities resolved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// The name as written, including the prefix, such as `g:price`.
    pub name: String,
    /// The attributes as written.
    pub attributes: Vec<(String, String)>,
    /// Its own text and CDATA, joined, without surrounding whitespace.
    pub text: String,
    /// Its elements, in order.
    pub children: Vec<Element>,
    /// For a record: whether it contains an `&` that does not begin a reference.
    pub has_bare_ampersand: bool,
}
