//! JSON: the elements of one array, one value a line, or one value.
//!
//! The splitter knows brackets and strings and nothing else of JSON, so that finding a record's end
//! costs little; whether the record is JSON is known when it is parsed. So a wrong word inside of a
//! record costs that record, and a wrong bracket the document.

mod numbers;
mod scan;
mod shape;

use memchr::memchr;
use serde_json::Value;

use super::Span;
use super::cut::Cut as End;
use super::fault::{Fault, RecordFault};
use super::message;
use super::window::Window;
use scan::{Cut, value_end};

pub(super) use shape::open;

/// A value takes up to 64 times the memory of the shortest text for it (`0,`). Beyond this many
/// characters that part or open values, a record is not taken apart.
const VALUES_MAX: usize = 200_000;

/// Between concatenated files it stands in the middle.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// The elements of an array and the proof that it, and what holds it, is closed.
pub(super) struct Array {
    /// How many objects are open around it.
    around: usize,
    /// Elements given so far.
    count: u64,
    closed: bool,
}

impl Array {
    fn new(around: usize) -> Self {
        Self {
            around,
            count: 0,
            closed: false,
        }
    }

    /// The window stands behind `[`, behind an element, or behind all.
    pub(super) fn next(&mut self, window: &mut Window) -> Result<Option<Span>, Fault> {
        if self.closed {
            return Ok(None);
        }
        match (window.peek()?, self.count) {
            (Some(b']'), _) => {
                window.skip(1);
                close(window, self.around)?;
                self.closed = true;
                return Ok(None);
            }
            (Some(b','), 1..) => {
                window.skip(1);
                window.peek()?;
            }
            (Some(_), 0) => {}
            (Some(_), _) => return Err(malformed(window, "expected `,` or `]` after an element")),
            (None, _) => return Err(malformed(window, "the document ends inside of its array")),
        }
        let length = whole_value(window)?;
        self.count += 1;
        Ok(Some(Span {
            raw: 0..length,
            total: length,
            row: self.count,
        }))
    }
}

/// Lines that are values, one each.
#[derive(Default)]
pub(super) struct Lines {
    /// Where they ended before their end.
    pub(super) cut: Option<End>,
}

impl Lines {
    /// The next line that is not blank. The last one must be whole: nothing else shows that the document is. A line that
    /// is an error message ends the document.
    pub(super) fn next(&mut self, window: &mut Window) -> Result<Option<Span>, Fault> {
        if self.cut.is_some() {
            return Ok(None);
        }
        while window.peek()?.is_some() && window.bytes().starts_with(MARK) {
            window.skip(MARK.len());
        }
        if window.bytes().is_empty() {
            return Ok(None);
        }
        loop {
            let bytes = window.bytes();
            let (length, total) = match memchr(b'\n', bytes) {
                Some(end) => (
                    bytes.get(..end).unwrap_or_default().trim_ascii_end().len(),
                    end + 1,
                ),
                None if !window.ended() => {
                    window.more()?;
                    continue;
                }
                None => (bytes.trim_ascii_end().len(), bytes.len()),
            };
            let raw = bytes.get(..length).unwrap_or_default();
            let row = window.line_at(0);
            if message::beginning(raw).is_some() {
                self.cut = Some(End::message(row, raw));
                return Ok(None);
            }
            let is_last = total == bytes.len() && !bytes.ends_with(b"\n");
            if is_last && value_end(raw, true) != Cut::End(length) {
                return Err(malformed(
                    window,
                    "the document ends inside of its last line",
                ));
            }
            return Ok(Some(Span {
                raw: 0..length,
                total,
                row,
            }));
        }
    }
}

/// The one value of the document, once; then nothing may follow.
pub(super) fn whole(window: &mut Window, given: &mut bool) -> Result<Option<Span>, Fault> {
    if std::mem::replace(given, true) {
        return end(window).map(|()| None);
    }
    let length = whole_value(window)?;
    Ok(Some(Span {
        raw: 0..length,
        total: length,
        row: window.line_at(0),
    }))
}

/// One value out of a record's bytes.
pub(super) fn value(raw: &[u8]) -> Result<Value, RecordFault> {
    let is_part = |byte: &&u8| matches!(byte, b',' | b'[' | b'{');
    if raw.len() > VALUES_MAX && raw.iter().filter(is_part).count() > VALUES_MAX {
        return Err(RecordFault::TooComplex);
    }
    let exact = numbers::large_ones_as_text(raw);
    let raw = exact.as_deref().unwrap_or(raw);
    // Looked at once for the whole record: the parser would look at each string by itself.
    let parsed = match std::str::from_utf8(raw) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(raw),
    };
    parsed.map_err(|error| RecordFault::JsonMalformed(error.to_string()))
}

/// The length of the value at the window's beginning, which is all there.
fn whole_value(window: &mut Window) -> Result<usize, Fault> {
    loop {
        match value_end(window.bytes(), window.ended()) {
            Cut::End(length) => return Ok(length),
            Cut::Bad { at, reason } => {
                return Err(Fault::JsonMalformed {
                    line: window.line_at(at),
                    reason,
                });
            }
            Cut::More => {
                if !window.more()? && window.ended() && value_end(window.bytes(), true) == Cut::More
                {
                    return Err(malformed(window, "the document ends inside of a value"));
                }
            }
        }
    }
}

/// The rest of the objects around the array, and that nothing follows them.
fn close(window: &mut Window, around: usize) -> Result<(), Fault> {
    for _ in 0..around {
        while window.peek()? != Some(b'}') {
            for expected in [b',', b'"', b':'] {
                if window.peek()? != Some(expected) {
                    return Err(malformed(
                        window,
                        "the object around the records is not closed",
                    ));
                }
                // The key, and after the colon the value, are whole values.
                let length = if expected == b'"' {
                    whole_value(window)?
                } else {
                    1
                };
                window.skip(length);
            }
            if window.peek()?.is_none() {
                return Err(malformed(window, "the document ends inside of an object"));
            }
            let length = whole_value(window)?;
            window.skip(length);
        }
        window.skip(1);
    }
    end(window)
}

/// Nothing but white space follows.
fn end(window: &mut Window) -> Result<(), Fault> {
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
