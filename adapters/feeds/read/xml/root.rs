//! Finds the root and the record element of an XML document.

use super::super::RecordSplitter;
use super::super::fault::{Fault, excerpt};
use super::super::kind::DocumentKind;
use super::super::window::Window;
use super::ElementSplitter;
use super::tokens::{RecordName, Token, next_token};

/// Element names of items in common feeds, without prefix and in lower case.
const RECORDS: [&str; 7] = [
    "item", "entry", "product", "offer", "listing", "shopitem", "article",
];
/// Roots, and beginnings, of web pages.
const PAGES: [&str; 14] = [
    "html", "head", "body", "title", "meta", "link", "script", "style", "div", "p", "h1", "center",
    "pre", "br",
];
/// Prefixes examined of one tag.
const PREFIXES_MAX: usize = 32;
/// Root elements of servers' error responses.
const ERRORS: [&str; 5] = ["error", "errors", "fault", "envelope", "exception"];

/// Finds the root and the records' name. Does not move the window.
pub(crate) fn detect_root(window: &mut Window) -> Result<(DocumentKind, RecordSplitter), Fault> {
    let scan = RootScan::new(window.bytes());
    let not_a_feed = |what| Fault::NotAFeed {
        what,
        begins: excerpt(window.bytes()),
    };
    if scan.is_page {
        return Err(not_a_feed("a web page"));
    }
    let root = scan.root.clone().unwrap_or_default();
    let kind = local(&root).to_ascii_lowercase();
    if PAGES.contains(&kind.as_str()) {
        return Err(not_a_feed("a web page"));
    }
    if ERRORS.contains(&kind.as_str()) {
        return Err(not_a_feed("an error message"));
    }
    let itself = RECORDS.contains(&kind.as_str()).then(|| root.clone());
    let (record, nests) = match kind.as_str() {
        "rss" | "rdf" => (
            scan.item_element.unwrap_or_else(|| "item".to_owned()),
            false,
        ),
        "feed" => (
            scan.item_element.unwrap_or_else(|| "entry".to_owned()),
            false,
        ),
        _ => (
            itself
                .or(scan.item_element)
                .or(scan.repeated_child)
                .or(scan.first_child)
                .unwrap_or_default(),
            true,
        ),
    };
    let elements = ElementSplitter {
        record: RecordName::new(&record, nests),
        open: Vec::new(),
        has_root: false,
        count: 0,
        numbers_records: None,
    };
    let prefixes = scan.prefixes;
    let kind = DocumentKind::Xml {
        root,
        record,
        prefixes,
    };
    Ok((kind, RecordSplitter::Xml(elements)))
}

/// What the document's beginning shows.
#[derive(Default)]
struct RootScan {
    /// It has the document type of a web page.
    is_page: bool,
    root: Option<String>,
    /// The first element with a common item name.
    item_element: Option<String>,
    /// The root's first child that occurs twice in a row.
    repeated_child: Option<String>,
    /// The root's first child.
    first_child: Option<String>,
    /// The namespace prefixes declared before the records.
    prefixes: Vec<String>,
}

impl RootScan {
    fn new(bytes: &[u8]) -> Self {
        let mut scan = Self::default();
        let mut rest = bytes;
        let mut depth = 0_usize;
        let mut last_child = None;
        while scan.item_element.is_none() {
            let length = match next_token(rest) {
                Token::Text(length) | Token::Skip(length) => length,
                Token::Start {
                    name,
                    empty,
                    length,
                } => {
                    let name = String::from_utf8_lossy(name).into_owned();
                    if depth == 1 && last_child.as_ref() == Some(&name) {
                        scan.repeated_child.get_or_insert(name.clone());
                    }
                    if depth == 1 {
                        last_child = Some(name.clone());
                    }
                    if scan.item_element.is_none() {
                        scan.add_prefixes(&rest[..length]);
                    }
                    scan.add_element(name, depth);
                    depth += usize::from(!empty);
                    length
                }
                Token::End { length, .. } => {
                    depth = depth.saturating_sub(1);
                    length
                }
                Token::Doctype => {
                    scan.is_page = is_page_type(rest);
                    break;
                }
                Token::Incomplete | Token::Invalid(_) => break,
            };
            rest = &rest[length..];
        }
        scan
    }

    /// `xmlns:g="…"` in a start tag.
    fn add_prefixes(&mut self, tag: &[u8]) {
        let tag = String::from_utf8_lossy(tag);
        let declared = tag
            .split("xmlns:")
            .skip(1)
            .filter_map(|rest| rest.split('=').next());
        self.prefixes.extend(
            declared
                .take(PREFIXES_MAX)
                .map(|prefix| prefix.trim().to_owned()),
        );
    }

    fn add_element(&mut self, name: String, depth: usize) {
        match depth {
            0 => {
                self.root.get_or_insert(name);
            }
            _ if RECORDS.contains(&local(&name).to_ascii_lowercase().as_str()) => {
                self.item_element = Some(name)
            }
            1 => {
                self.first_child.get_or_insert(name);
            }
            _ => {}
        }
    }
}

/// Whether this document type is `html`.
fn is_page_type(bytes: &[u8]) -> bool {
    let beginning = String::from_utf8_lossy(bytes.get(..40).unwrap_or(bytes)).to_ascii_lowercase();
    let words: Vec<_> = beginning
        .split([' ', '\n', '\r', '\t', '>'])
        .filter(|word| !word.is_empty())
        .collect();
    words.starts_with(&["<!doctype", "html"])
}

/// The name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}
