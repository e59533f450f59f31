//! JSON: the elements of one array, one value per line, or one value.
//!
//! The splitter knows only brackets and strings, so that finding a record's end
//! is cheap. Parsing shows whether the record is valid JSON. So an invalid word inside a
//! record costs that record, and a wrong bracket costs the document.

mod numbers;
mod scan;
mod shape;

use memchr::memchr;
use serde_json::Value;

use super::Span;
use super::error_message;
use super::fault::{Fault, RecordFault};
use super::truncation::Truncation as End;
use super::window::Window;
use scan::{ValueEnd, value_end};

pub(super) use shape::detect_shape;

/// A value takes up to 64 times the memory of the shortest text for it (`0,`). Beyond this many
/// characters that separate or open values, a record is not parsed.
const VALUES_MAX: usize = 200_000;

/// What JSON:API has beside the records of `data`: the objects that they refer to. They are records too.
const RECORDS_PATH: &str = "data";
const INCLUDED_KEY: &[u8] = br#""included""#;

/// Concatenated files have it in the middle.
const BOM: &[u8] = "\u{feff}".as_bytes();

/// The elements of an array, and the proof that it and everything around it is closed.
pub(super) struct ArraySplitter {
    /// The number of objects open around it.
    wrapper_depth: usize,
    /// Whether the objects that the records refer to may follow.
    may_include: bool,
    /// Elements returned so far.
    count: u64,
    is_first: bool,
    closed: bool,
}

impl ArraySplitter {
    fn new(path: &[String]) -> Self {
        Self {
            wrapper_depth: path.len(),
            may_include: path == [RECORDS_PATH],
            count: 0,
            is_first: true,
            closed: false,
        }
    }

    /// Whether the window is after `[`, after an element, or after the array.
    pub(super) fn next(&mut self, window: &mut Window) -> Result<Option<Span>, Fault> {
        if self.closed {
            return Ok(None);
        }
        match (window.peek()?, self.is_first) {
            (Some(b']'), _) => {
                window.skip(1);
                let goes_on = finish_wrapper(window, self.wrapper_depth, self.may_include)?;
                self.may_include = false;
                self.is_first = true;
                self.closed = !goes_on;
                return self.next(window);
            }
            (Some(b','), false) => {
                window.skip(1);
                window.peek()?;
            }
            (Some(_), true) => {}
            (Some(_), _) => return Err(malformed(window, "expected `,` or `]` after an element")),
            (None, _) => return Err(malformed(window, "the document ends inside its array")),
        }
        let length = value_length(window)?;
        self.is_first = false;
        self.count += 1;
        Ok(Some(Span {
            raw: 0..length,
            total: length,
            row: self.count,
        }))
    }
}

/// One value per line.
#[derive(Default)]
pub(super) struct LineSplitter {
    /// The truncation, if any.
    pub(super) truncation: Option<End>,
}

impl LineSplitter {
    /// The next non-blank line. The last one must be complete, as the only sign that the document is. A line that
    /// is an error message ends the document.
    pub(super) fn next(&mut self, window: &mut Window) -> Result<Option<Span>, Fault> {
        if self.truncation.is_some() {
            return Ok(None);
        }
        while window.peek()?.is_some() && window.bytes().starts_with(BOM) {
            window.skip(BOM.len());
        }
        if window.bytes().is_empty() {
            return Ok(None);
        }
        loop {
            let bytes = window.bytes();
            let (length, total) = match memchr(b'\n', bytes) {
                Some(end) => (bytes[..end].trim_ascii_end().len(), end + 1),
                None if !window.ended() => {
                    window.read_more()?;
                    continue;
                }
                None => (bytes.trim_ascii_end().len(), bytes.len()),
            };
            let raw = &bytes[..length];
            let row = window.line_at(0);
            if error_message::classify_line(raw).is_some() {
                self.truncation = Some(End::message(row, raw));
                return Ok(None);
            }
            let is_last = total == bytes.len() && !bytes.ends_with(b"\n");
            if is_last && value_end(raw, true) != ValueEnd::End(length) {
                return Err(malformed(window, "the document ends inside its last line"));
            }
            return Ok(Some(Span {
                raw: 0..length,
                total,
                row,
            }));
        }
    }
}

/// The document's only value, after which nothing may follow.
pub(super) fn single_value(window: &mut Window, is_read: &mut bool) -> Result<Option<Span>, Fault> {
    if std::mem::replace(is_read, true) {
        return expect_end(window).map(|()| None);
    }
    let length = value_length(window)?;
    Ok(Some(Span {
        raw: 0..length,
        total: length,
        row: window.line_at(0),
    }))
}

/// Parses one value from a record's bytes.
pub(super) fn value(raw: &[u8]) -> Result<Value, RecordFault> {
    let is_part = |byte: &&u8| matches!(byte, b',' | b'[' | b'{');
    if raw.len() > VALUES_MAX && raw.iter().filter(is_part).count() > VALUES_MAX {
        return Err(RecordFault::TooComplex);
    }
    let exact = numbers::large_ones_as_text(raw);
    let raw = exact.as_deref().unwrap_or(raw);
    // Checked once for the whole record, where the parser would check each string.
    let parsed = match std::str::from_utf8(raw) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(raw),
    };
    parsed.map_err(|error| RecordFault::JsonMalformed(error.to_string()))
}

/// The length of the value at the window's beginning, fully loaded.
fn value_length(window: &mut Window) -> Result<usize, Fault> {
    loop {
        match value_end(window.bytes(), window.ended()) {
            ValueEnd::End(length) => return Ok(length),
            ValueEnd::Invalid { at, reason } => {
                return Err(Fault::JsonMalformed {
                    line: window.line_at(at),
                    reason,
                });
            }
            ValueEnd::Incomplete => {
                if !window.read_more()?
                    && window.ended()
                    && value_end(window.bytes(), true) == ValueEnd::Incomplete
                {
                    return Err(malformed(window, "the document ends inside a value"));
                }
            }
        }
    }
}

/// Reads the rest of the objects around the array, after which nothing may follow. Stops behind the bracket of the
/// included objects, and returns whether they go on.
fn finish_wrapper(window: &mut Window, depth: usize, may_include: bool) -> Result<bool, Fault> {
    for _ in 0..depth {
        while window.peek()? != Some(b'}') {
            let mut is_included = false;
            for expected in [b',', b'"', b':'] {
                if window.peek()? != Some(expected) {
                    return Err(malformed(
                        window,
                        "the object around the records is not closed",
                    ));
                }
                // The key, and the value after the colon, are complete values.
                let length = if expected == b'"' {
                    value_length(window)?
                } else {
                    1
                };
                let key = window.bytes().get(..length);
                is_included |= key == Some(INCLUDED_KEY);
                window.skip(length);
            }
            if may_include && is_included && window.peek()? == Some(b'[') {
                window.skip(1);
                return Ok(true);
            }
            if window.peek()?.is_none() {
                return Err(malformed(window, "the document ends inside an object"));
            }
            let length = value_length(window)?;
            window.skip(length);
        }
        window.skip(1);
    }
    expect_end(window).map(|()| false)
}

/// Nothing but white space follows.
fn expect_end(window: &mut Window) -> Result<(), Fault> {
    match window.peek()? {
        None => Ok(()),
        Some(_) => Err(malformed(
            window,
            "something follows the end of the document",
        )),
    }
}

fn malformed(window: &Window, reason: &'static str) -> Fault {
    Fault::JsonMalformed {
        line: window.line_at(0),
        reason,
    }
}
