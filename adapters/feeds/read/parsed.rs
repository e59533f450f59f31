//! One record, taken apart: cells, elements or JSON.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

/// A record, by the kind of its document.
#[derive(Debug)]
pub enum Parsed<'a> {
    /// One row of a table. Shorter than the header when cells are missing, longer when there are too many.
    Cells {
        /// The names as the header spells them.
        header: &'a [Arc<str>],
        /// The cells, quotes resolved.
        cells: Vec<Cow<'a, str>>,
        /// Whether a quote stood where none may, so that the text was read as it looks.
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
    /// As it is written, prefix included, such as `g:price`.
    pub name: String,
    /// As they are written.
    pub attributes: Vec<(String, String)>,
    /// Its own text and CDATA, joined; white space at both ends removed.
    pub text: String,
    /// Its elements, in order.
    pub children: Vec<Element>,
    /// Of a record: whether an `&` stands in it that begins no reference.
    pub has_bare_ampersand: bool,
}
