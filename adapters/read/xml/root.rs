//! What the root of an XML document says of its records.

use super::super::Splitter;
use super::super::fault::{Fault, excerpt};
use super::super::kind::Kind;
use super::super::window::Window;
use super::Elements;
use super::lex::{Lex, Name, lex};

/// Elements that are items in the feeds of this world, by local name and in lower case.
const RECORDS: [&str; 7] = [
    "item", "entry", "product", "offer", "listing", "shopitem", "article",
];
/// Roots, and beginnings, of web pages.
const PAGES: [&str; 14] = [
    "html", "head", "body", "title", "meta", "link", "script", "style", "div", "p", "h1", "center",
    "pre", "br",
];
/// Prefixes of one tag that are looked at.
const PREFIXES_MAX: usize = 32;
/// Roots of what servers answer when they have no feed.
const ERRORS: [&str; 5] = ["error", "errors", "fault", "envelope", "exception"];

/// Finds root and records' name; leaves the window where it is.
pub(in super::super) fn open(window: &mut Window) -> Result<(Kind, Splitter), Fault> {
    let look = Look::at(window.bytes());
    let not_a_feed = |what| Fault::NotAFeed {
        what,
        begins: excerpt(window.bytes()),
    };
    if look.page {
        return Err(not_a_feed("a web page"));
    }
    let root = look.root.clone().unwrap_or_default();
    let kind = local(&root).to_ascii_lowercase();
    if PAGES.contains(&kind.as_str()) {
        return Err(not_a_feed("a web page"));
    }
    if ERRORS.contains(&kind.as_str()) {
        return Err(not_a_feed("an error message"));
    }
    let itself = RECORDS.contains(&kind.as_str()).then(|| root.clone());
    let (record, nests) = match kind.as_str() {
        "rss" | "rdf" => (look.usual.unwrap_or_else(|| "item".to_owned()), false),
        "feed" => (look.usual.unwrap_or_else(|| "entry".to_owned()), false),
        _ => (
            itself
                .or(look.usual)
                .or(look.repeated)
                .or(look.child)
                .unwrap_or_default(),
            true,
        ),
    };
    let elements = Elements {
        record: Name::new(&record, nests),
        open: Vec::new(),
        root_seen: false,
        count: 0,
        by_number: None,
    };
    let prefixes = look.prefixes;
    let kind = Kind::Xml {
        root,
        record,
        prefixes,
    };
    Ok((kind, Splitter::Xml(elements)))
}

/// What the beginning shows.
#[derive(Default)]
struct Look {
    /// It has the document type of a web page.
    page: bool,
    root: Option<String>,
    /// The first element that has a usual name.
    usual: Option<String>,
    /// The root's first child that comes twice in a row.
    repeated: Option<String>,
    /// The root's first child.
    child: Option<String>,
    /// The prefixes of namespaces that are declared before the records.
    prefixes: Vec<String>,
}

impl Look {
    fn at(bytes: &[u8]) -> Self {
        let mut look = Self::default();
        let mut rest = bytes;
        let mut depth = 0_usize;
        let mut last_child = None;
        while look.usual.is_none() {
            let length = match lex(rest) {
                Lex::Text(length) | Lex::Skip(length) => length,
                Lex::Start {
                    name,
                    empty,
                    length,
                } => {
                    let name = String::from_utf8_lossy(name).into_owned();
                    if depth == 1 && last_child.as_ref() == Some(&name) {
                        look.repeated.get_or_insert(name.clone());
                    }
                    if depth == 1 {
                        last_child = Some(name.clone());
                    }
                    if look.usual.is_none() {
                        look.declare(rest.get(..length).unwrap_or_default());
                    }
                    look.start(name, depth);
                    depth += usize::from(!empty);
                    length
                }
                Lex::End { length, .. } => {
                    depth = depth.saturating_sub(1);
                    length
                }
                Lex::Doctype => {
                    look.page = is_page_type(rest);
                    break;
                }
                Lex::More | Lex::Bad(_) => break,
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        look
    }

    /// `xmlns:g="…"` in a start tag.
    fn declare(&mut self, tag: &[u8]) {
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

    fn start(&mut self, name: String, depth: usize) {
        match depth {
            0 => {
                self.root.get_or_insert(name);
            }
            _ if RECORDS.contains(&local(&name).to_ascii_lowercase().as_str()) => {
                self.usual = Some(name)
            }
            1 => {
                self.child.get_or_insert(name);
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
