//! XML: the elements of one name, at any depth.
//!
//! Around the records, every tag is matched, so that the document's end is proven by its closed
//! root. Inside a record, only its own name is searched (except in comments and CDATA): what is wrong
//! there costs that record when it is parsed, and splitting stays fast. In RSS and Atom, a record
//! without an end tag ends where the next one begins.

mod root;
mod tokens;
mod tree;

use super::Span;
use super::fault::Fault;
use super::window::Window;
use tokens::{RecordEnd, RecordName, Token, next_token, record_end};

pub(super) use root::detect_root;
pub(super) use tree::element;

/// Elements open around a record: a feed has two.
const DEPTH_MAX: usize = 64;

/// The records, and the elements open around them.
pub(super) struct ElementSplitter {
    record: RecordName,
    open: Vec<Vec<u8>>,
    has_root: bool,
    /// Records so far.
    count: u64,
    /// Whether records are identified by number: the first two begin on one line, so lines do not distinguish them.
    numbers_records: Option<bool>,
}

impl ElementSplitter {
    pub(super) fn next(&mut self, window: &mut Window) -> Result<Option<Span>, Fault> {
        loop {
            if self.record.starts_record(window.bytes()) {
                self.enter(window)?;
                return self.record(window).map(Some);
            }
            if next_token(window.bytes()) == Token::Incomplete {
                if window.read_more()? {
                    continue;
                }
                return self.end(window).map(|()| None);
            }
            let bytes = window.bytes();
            let length = match next_token(bytes) {
                Token::Incomplete => continue,
                Token::Doctype => {
                    return Err(Fault::XmlDoctypeRefused {
                        line: window.line_at(0),
                    });
                }
                Token::Invalid(reason) => return Err(malformed(window, reason)),
                Token::Skip(length) => length,
                Token::Text(length) => {
                    let text = &bytes[..length];
                    if self.open.is_empty() && !text.trim_ascii().is_empty() {
                        return Err(malformed(window, "text outside of the root element"));
                    }
                    length
                }
                Token::Start {
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
                Token::End { name, length } => match self.open.pop() {
                    Some(open) if open == name => length,
                    _ => return Err(malformed(window, "an end tag without its start tag")),
                },
            };
            window.skip(length);
        }
    }

    /// The root element was seen.
    fn enter(&mut self, window: &Window) -> Result<(), Fault> {
        if self.has_root && self.open.is_empty() {
            return Err(malformed(window, "a second root element"));
        }
        self.has_root = true;
        Ok(())
    }

    fn record(&mut self, window: &mut Window) -> Result<Span, Fault> {
        loop {
            let parent = self.open.last().map(Vec::as_slice);
            match record_end(window.bytes(), &self.record, parent) {
                RecordEnd::End(length) => {
                    if self.numbers_records.is_none() {
                        self.numbers_records = self.shares_line(window, length);
                        if self.numbers_records.is_none() && window.try_read_more()? {
                            continue;
                        }
                    }
                    self.count += 1;
                    let is_numbered = *self.numbers_records.get_or_insert(false);
                    return Ok(Span {
                        raw: 0..length,
                        total: length,
                        row: match is_numbered {
                            true => self.count,
                            false => window.line_at(0),
                        },
                    });
                }
                RecordEnd::Incomplete if window.read_more()? => {}
                RecordEnd::Incomplete => return Err(truncated(window, self.record.bytes())),
            }
        }
    }

    /// Whether another record begins on the first one's line. `None`: not enough text to decide.
    fn shares_line(&self, window: &Window, length: usize) -> Option<bool> {
        let (record, rest) = window.bytes().split_at_checked(length)?;
        let next = memchr::memchr(b'<', rest);
        let between = &rest[..next.unwrap_or(rest.len())];
        if record.contains(&b'\n') || between.contains(&b'\n') {
            return Some(false);
        }
        let tag = rest.get(next?..)?;
        let is_decidable = window.ended() || tag.len() > self.record.bytes().len() + 1;
        is_decidable.then(|| self.record.starts_record(tag))
    }

    /// Only the beginning of a token is left, or nothing.
    fn end(&self, window: &Window) -> Result<(), Fault> {
        match self.open.last() {
            Some(open) => Err(truncated(window, open)),
            None if !window.bytes().is_empty() || !self.has_root => Err(truncated(window, b"")),
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
