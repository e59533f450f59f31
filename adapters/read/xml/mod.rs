//! XML: the elements of one name, wherever they stand.
//!
//! Around the records every tag is matched, so that the end of the document is proven by its closed
//! root. Inside of a record only its own name is looked for (comments and CDATA apart): what is wrong
//! there costs that record when it is parsed, and splitting stays fast. In RSS and Atom a record
//! whose end tag is missing ends where the next one begins.

mod lex;
mod root;
mod tree;

use super::Span;
use super::fault::Fault;
use super::window::Window;
use lex::{Cut, Lex, Name, lex, record_end};

pub(super) use root::open;
pub(super) use tree::element;

/// Elements open around a record: a feed has two.
const DEPTH_MAX: usize = 64;

/// The records and what is open around them.
pub(super) struct Elements {
    record: Name,
    open: Vec<Vec<u8>>,
    root_seen: bool,
}

impl Elements {
    pub(super) fn next(&mut self, window: &mut Window) -> Result<Option<Span>, Fault> {
        loop {
            if self.record.begins(window.bytes()) {
                self.enter(window)?;
                return self.record(window).map(Some);
            }
            if lex(window.bytes()) == Lex::More {
                if window.more()? {
                    continue;
                }
                return self.end(window).map(|()| None);
            }
            let bytes = window.bytes();
            let length = match lex(bytes) {
                Lex::More => continue,
                Lex::Doctype => {
                    return Err(Fault::XmlDoctypeRefused {
                        line: window.line_at(0),
                    });
                }
                Lex::Bad(reason) => return Err(malformed(window, reason)),
                Lex::Skip(length) => length,
                Lex::Text(length) => {
                    let text = bytes.get(..length).unwrap_or_default();
                    if self.open.is_empty() && !text.trim_ascii().is_empty() {
                        return Err(malformed(window, "text outside of the root element"));
                    }
                    length
                }
                Lex::Start {
                    name,
                    empty,
                    length,
                } => {
                    let name = name.to_vec();
                    self.enter(window)?;
                    if self.open.len() == DEPTH_MAX {
                        return Err(malformed(window, "elements are nested deeper than 64"));
                    }
                    if !empty {
                        self.open.push(name);
                    }
                    length
                }
                Lex::End { name, length } => match self.open.pop() {
                    Some(open) if open == name => length,
                    _ => return Err(malformed(window, "an end tag without its start tag")),
                },
            };
            window.skip(length);
        }
    }

    /// There is one root.
    fn enter(&mut self, window: &Window) -> Result<(), Fault> {
        if self.root_seen && self.open.is_empty() {
            return Err(malformed(window, "a second root element"));
        }
        self.root_seen = true;
        Ok(())
    }

    fn record(&self, window: &mut Window) -> Result<Span, Fault> {
        let parent = self.open.last().map(Vec::as_slice);
        loop {
            match record_end(window.bytes(), &self.record, parent) {
                Cut::End(length) => {
                    return Ok(Span {
                        raw: 0..length,
                        total: length,
                        row: window.line_at(0),
                    });
                }
                Cut::More if window.more()? => {}
                Cut::More => return Err(truncated(window, self.record.bytes())),
            }
        }
    }

    /// All that is left is the beginning of a token, or nothing.
    fn end(&self, window: &Window) -> Result<(), Fault> {
        match self.open.last() {
            Some(open) => Err(truncated(window, open)),
            None if !window.bytes().is_empty() || !self.root_seen => Err(truncated(window, b"")),
            None => Ok(()),
        }
    }
}

fn truncated(window: &Window, open: &[u8]) -> Fault {
    let open = String::from_utf8_lossy(open).chars().take(200).collect();
    Fault::XmlTruncated {
        line: window.line_at(window.bytes().len()),
        open,
    }
}

fn malformed(window: &Window, reason: &'static str) -> Fault {
    Fault::XmlMalformed {
        line: window.line_at(0),
        column: window.column(),
        reason,
    }
}
