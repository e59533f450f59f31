//! Finds the records of a JSON document.

use super::super::RecordSplitter;
use super::super::fault::{Fault, excerpt};
use super::super::kind::DocumentKind;
use super::super::limits::Hints;
use super::super::window::Window;
use super::scan::{ValueEnd, value_end};
use super::{ArraySplitter, LineSplitter, malformed};

/// Keys whose arrays of objects are the records, at the top or one or two objects deep.
const RECORD_KEYS: [&str; 11] = [
    "products",
    "items",
    "data",
    "entries",
    "listings",
    "results",
    "feed",
    "records",
    "rows",
    "itemListElement",
    "@graph",
];
/// Keys on the way to the records.
const PATH_MAX: usize = 3;
/// Lines examined.
const LINES_MAX: usize = 100;
/// An object with one of these is an item or a named list, not just a wrapper.
const IDENTITY_KEYS: [&str; 8] = [
    "id", "item_id", "sku", "title", "name", "@type", "@id", "handle",
];
/// Keys of servers' error responses.
const ERROR_KEYS: [&str; 4] = ["error", "errors", "exception", "fault"];

/// Finds the records, and leaves the window before the first one.
pub(crate) fn detect_shape(
    window: &mut Window,
    hints: &Hints,
) -> Result<(DocumentKind, RecordSplitter), Fault> {
    if window.peek()? == Some(b'[') {
        return Ok(array(window, Vec::new(), 0));
    }
    if is_json_lines(window, hints) {
        return Ok((
            DocumentKind::JsonLines,
            RecordSplitter::JsonLines(LineSplitter::default()),
        ));
    }
    loop {
        let scan = ShapeScan::new(window.bytes());
        if scan.is_decided() || window.ended() {
            return decide(window, scan);
        }
        window.read_more()?;
    }
}

fn array(window: &mut Window, path: Vec<String>, at: usize) -> (DocumentKind, RecordSplitter) {
    window.skip(at + 1);
    let array = ArraySplitter::new(&path);
    (
        DocumentKind::JsonArray { path },
        RecordSplitter::JsonArray(array),
    )
}

/// Two complete objects on separate lines without a comma between them are JSON Lines. A
/// single one is, if name or type says so.
fn is_json_lines(window: &Window, hints: &Hints) -> bool {
    let lines = window
        .bytes()
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii);
    let lines = lines.filter(|line| !line.is_empty()).take(LINES_MAX);
    let mut is_complete = lines
        .map(|line| line.starts_with(b"{") && value_end(line, true) == ValueEnd::End(line.len()));
    let mut previous = is_complete.next().unwrap_or_default();
    previous && hints.is_json_lines()
        || is_complete.any(|is_whole| std::mem::replace(&mut previous, is_whole) && is_whole)
}

fn decide(window: &mut Window, scan: ShapeScan) -> Result<(DocumentKind, RecordSplitter), Fault> {
    let wrapper = !scan.is_single_item();
    match scan {
        ShapeScan {
            record_array: Some((path, at)),
            ..
        } => Ok(array(window, path, at)),
        ShapeScan {
            invalid: Some((at, reason)),
            ..
        } => Err(Fault::JsonMalformed {
            line: window.line_at(at),
            reason,
        }),
        ShapeScan { end: Some(end), .. } if follows(window.bytes(), end) => {
            // The first line is complete, and others are not.
            match window.line_at(end) == window.line_at(0)
                && window.bytes().get(end..).is_some_and(starts_line)
            {
                true => Ok((
                    DocumentKind::JsonLines,
                    RecordSplitter::JsonLines(LineSplitter::default()),
                )),
                false => Err(malformed(
                    window,
                    "something follows the end of the document",
                )),
            }
        }
        ShapeScan { names, .. }
            if wrapper && names.iter().any(|name| ERROR_KEYS.contains(&name.as_str())) =>
        {
            Err(Fault::NotAFeed {
                what: "an error message",
                begins: excerpt(window.bytes()),
            })
        }
        ShapeScan {
            first_array: Some((path, at)),
            ..
        } if wrapper => Ok(array(window, path, at)),
        ShapeScan { end: None, .. } => Err(malformed(window, "the document ends inside a value")),
        ShapeScan { names, .. } if names.is_empty() => Err(Fault::NotAFeed {
            what: "an object without content",
            begins: excerpt(window.bytes()),
        }),
        ShapeScan { .. } => Ok((
            DocumentKind::JsonObject,
            RecordSplitter::JsonObject { is_read: false },
        )),
    }
}

fn follows(bytes: &[u8], end: usize) -> bool {
    !bytes[end..].trim_ascii().is_empty()
}

fn starts_line(rest: &[u8]) -> bool {
    let next = rest
        .iter()
        .find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
    next == Some(&b'\n')
}

/// Keys and the position of the array's bracket.
type ArrayPosition = (Vec<String>, usize);

/// What the beginning of an object shows.
#[derive(Default)]
struct ShapeScan {
    /// The first array of objects under a known key.
    record_array: Option<ArrayPosition>,
    /// The first array of objects at the top.
    first_array: Option<ArrayPosition>,
    /// The keys at the top.
    names: Vec<String>,
    /// Where the object ends.
    end: Option<usize>,
    /// The position and reason of malformed JSON.
    invalid: Option<(usize, &'static str)>,
}

impl ShapeScan {
    fn new(bytes: &[u8]) -> Self {
        let mut scan = Self::default();
        scan.end = scan.object(bytes, 0, &mut Vec::new());
        scan
    }

    /// Whether more text would not change the answer.
    fn is_decided(&self) -> bool {
        let array = self.first_array.is_some() && !self.is_single_item();
        self.end.is_some() || self.record_array.is_some() || self.invalid.is_some() || array
    }

    fn is_single_item(&self) -> bool {
        self.names
            .iter()
            .any(|name| IDENTITY_KEYS.contains(&name.as_str()))
    }

    /// Walks the object at `at` and returns its end. `None` if the text ends first or is malformed, or if more
    /// is known than needed.
    fn object(&mut self, bytes: &[u8], at: usize, path: &mut Vec<String>) -> Option<usize> {
        let mut at = skip_whitespace(bytes, at + 1);
        if bytes.get(at)? == &b'}' {
            return Some(at + 1);
        }
        loop {
            at = self.key(bytes, at, path)?;
            at = match bytes.get(at)? {
                b'{' if path.len() < PATH_MAX => self.object(bytes, at, path)?,
                b'[' if self.is_record_array(bytes, at, path) => return None,
                _ => self.value(bytes, at)?,
            };
            path.pop();
            at = skip_whitespace(bytes, at);
            match bytes.get(at)? {
                b'}' => return Some(at + 1),
                b',' => at = skip_whitespace(bytes, at + 1),
                _ => return self.set_invalid(at, "expected `,` or `}`"),
            }
        }
    }

    /// Reads a key and returns the position of its value.
    fn key(&mut self, bytes: &[u8], at: usize, path: &mut Vec<String>) -> Option<usize> {
        if bytes.get(at)? != &b'"' {
            return self.set_invalid(at, "expected a key");
        }
        let end = self.value(bytes, at)?;
        let Ok(key) = serde_json::from_slice::<String>(bytes.get(at..end)?) else {
            return self.set_invalid(at, "expected a key");
        };
        if path.is_empty() {
            self.names.push(key.clone());
        }
        path.push(key);
        let colon = skip_whitespace(bytes, end);
        if bytes.get(colon)? != &b':' {
            return self.set_invalid(colon, "expected `:`");
        }
        Some(skip_whitespace(bytes, colon + 1))
    }

    /// Whether the array at `at` certainly contains the records.
    fn is_record_array(&mut self, bytes: &[u8], at: usize, path: &[String]) -> bool {
        let first = bytes.get(skip_whitespace(bytes, at + 1));
        // A list inside an item, such as a product's SKUs, is not the list of records.
        let reachable = path.len() == 1 || !self.is_single_item();
        let is_record_key = path
            .last()
            .is_some_and(|key| RECORD_KEYS.contains(&key.as_str()));
        if is_record_key && reachable && matches!(first, Some(b'{' | b']')) {
            self.record_array = Some((path.to_vec(), at));
            return true;
        }
        if first == Some(&b'{') && path.len() == 1 && self.first_array.is_none() {
            self.first_array = Some((path.to_vec(), at));
        }
        false
    }

    fn value(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        match value_end(bytes.get(at..)?, false) {
            ValueEnd::End(length) => Some(at + length),
            ValueEnd::Incomplete => None,
            ValueEnd::Invalid { at: wrong, reason } => self.set_invalid(at + wrong, reason),
        }
    }

    fn set_invalid(&mut self, at: usize, reason: &'static str) -> Option<usize> {
        self.invalid = Some((at, reason));
        None
    }
}

/// The position of the first non-whitespace byte from `at` on.
fn skip_whitespace(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    at + rest.len() - rest.trim_ascii_start().len()
}
