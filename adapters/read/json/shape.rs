//! Where the records of a JSON document are.

use super::super::Splitter;
use super::super::fault::{Fault, excerpt};
use super::super::kind::Kind;
use super::super::limits::Hints;
use super::super::window::Window;
use super::scan::{Cut, value_end};
use super::{Array, Lines, malformed};

/// Keys whose arrays of objects are taken for the records, at the top or one or two objects deep.
const KNOWN: [&str; 11] = [
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
/// Lines that are looked at.
const LINES_MAX: usize = 100;
/// An object with one of these is an item or a list with a name, not just a wrapper.
const NAMING: [&str; 8] = [
    "id", "item_id", "sku", "title", "name", "@type", "@id", "handle",
];
/// What the servers of others answer when they have no feed.
const ERROR: [&str; 4] = ["error", "errors", "exception", "fault"];

/// Finds the records; leaves the window before the first one.
pub(in super::super) fn open(
    window: &mut Window,
    hints: &Hints,
) -> Result<(Kind, Splitter), Fault> {
    if window.peek()? == Some(b'[') {
        return Ok(array(window, Vec::new(), 0));
    }
    if are_lines(window, hints) {
        return Ok((Kind::JsonLines, Splitter::JsonLines(Lines::default())));
    }
    loop {
        let look = Look::at(window.bytes());
        if look.decides() || window.ended() {
            return decide(window, look);
        }
        window.more()?;
    }
}

fn array(window: &mut Window, path: Vec<String>, at: usize) -> (Kind, Splitter) {
    window.skip(at + 1);
    let array = Array::new(path.len());
    (Kind::JsonArray { path }, Splitter::JsonArray(array))
}

/// Two whole objects on lines of their own with no comma between are JSON lines and nothing else. A
/// first one is, where name or type says so.
fn are_lines(window: &Window, hints: &Hints) -> bool {
    let lines = window
        .bytes()
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii);
    let lines = lines.filter(|line| !line.is_empty()).take(LINES_MAX);
    let mut whole =
        lines.map(|line| line.starts_with(b"{") && value_end(line, true) == Cut::End(line.len()));
    let mut before = whole.next().unwrap_or_default();
    before && hints.say_json_lines()
        || whole.any(|is_whole| std::mem::replace(&mut before, is_whole) && is_whole)
}

fn decide(window: &mut Window, look: Look) -> Result<(Kind, Splitter), Fault> {
    let wrapper = !look.is_named();
    match look {
        Look {
            known: Some((path, at)),
            ..
        } => Ok(array(window, path, at)),
        Look {
            bad: Some((at, reason)),
            ..
        } => Err(Fault::JsonMalformed {
            line: window.line_at(at),
            reason,
        }),
        Look { end: Some(end), .. } if follows(window.bytes(), end) => {
            // A first line that is whole, and others that are not.
            match window.line_at(end) == window.line_at(0)
                && window.bytes().get(end..).is_some_and(starts_line)
            {
                true => Ok((Kind::JsonLines, Splitter::JsonLines(Lines::default()))),
                false => Err(malformed(
                    window,
                    "something follows the end of the document",
                )),
            }
        }
        Look { names, .. }
            if wrapper && names.iter().any(|name| ERROR.contains(&name.as_str())) =>
        {
            Err(Fault::NotAFeed {
                what: "an error message",
                begins: excerpt(window.bytes()),
            })
        }
        Look {
            first: Some((path, at)),
            ..
        } if wrapper => Ok(array(window, path, at)),
        Look { end: None, .. } => Err(malformed(window, "the document ends inside of a value")),
        Look { names, .. } if names.is_empty() => Err(Fault::NotAFeed {
            what: "an object without content",
            begins: excerpt(window.bytes()),
        }),
        Look { .. } => Ok((Kind::JsonObject, Splitter::JsonObject { given: false })),
    }
}

fn follows(bytes: &[u8], end: usize) -> bool {
    !bytes.get(end..).unwrap_or_default().trim_ascii().is_empty()
}

fn starts_line(rest: &[u8]) -> bool {
    let next = rest
        .iter()
        .find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
    next == Some(&b'\n')
}

/// Keys and the place of the array's bracket.
type Place = (Vec<String>, usize);

/// What the beginning of an object shows.
#[derive(Default)]
struct Look {
    /// The first array of objects under a known key.
    known: Option<Place>,
    /// The first array of objects at the top.
    first: Option<Place>,
    /// The keys at the top.
    names: Vec<String>,
    /// Where the object ends.
    end: Option<usize>,
    /// What is no JSON.
    bad: Option<(usize, &'static str)>,
}

impl Look {
    fn at(bytes: &[u8]) -> Self {
        let mut look = Self::default();
        look.end = look.object(bytes, 0, &mut Vec::new());
        look
    }

    /// Whether more text would not change the answer.
    fn decides(&self) -> bool {
        let array = self.first.is_some() && !self.is_named();
        self.end.is_some() || self.known.is_some() || self.bad.is_some() || array
    }

    fn is_named(&self) -> bool {
        self.names
            .iter()
            .any(|name| NAMING.contains(&name.as_str()))
    }

    /// Walks the object at `at` and gives its end; none where the text ends first, is wrong, or more
    /// is known than was looked for.
    fn object(&mut self, bytes: &[u8], at: usize, path: &mut Vec<String>) -> Option<usize> {
        let mut at = blank(bytes, at + 1);
        if bytes.get(at)? == &b'}' {
            return Some(at + 1);
        }
        loop {
            at = self.key(bytes, at, path)?;
            at = match bytes.get(at)? {
                b'{' if path.len() < PATH_MAX => self.object(bytes, at, path)?,
                b'[' if self.is_found(bytes, at, path) => return None,
                _ => self.value(bytes, at)?,
            };
            path.pop();
            at = blank(bytes, at);
            match bytes.get(at)? {
                b'}' => return Some(at + 1),
                b',' => at = blank(bytes, at + 1),
                _ => return self.is_bad(at, "expected `,` or `}`"),
            }
        }
    }

    /// Reads a key and gives the place of its value.
    fn key(&mut self, bytes: &[u8], at: usize, path: &mut Vec<String>) -> Option<usize> {
        if bytes.get(at)? != &b'"' {
            return self.is_bad(at, "expected a key");
        }
        let end = self.value(bytes, at)?;
        let Ok(key) = serde_json::from_slice::<String>(bytes.get(at..end)?) else {
            return self.is_bad(at, "expected a key");
        };
        if path.is_empty() {
            self.names.push(key.clone());
        }
        path.push(key);
        let colon = blank(bytes, end);
        if bytes.get(colon)? != &b':' {
            return self.is_bad(colon, "expected `:`");
        }
        Some(blank(bytes, colon + 1))
    }

    /// Whether the array at `at` holds the records for certain.
    fn is_found(&mut self, bytes: &[u8], at: usize, path: &[String]) -> bool {
        let first = bytes.get(blank(bytes, at + 1));
        // A list inside of an item, such as a product's SKUs, is not the document's.
        let reachable = path.len() == 1 || !self.is_named();
        let known = path.last().is_some_and(|key| KNOWN.contains(&key.as_str()));
        if known && reachable && matches!(first, Some(b'{' | b']')) {
            self.known = Some((path.to_vec(), at));
            return true;
        }
        if first == Some(&b'{') && path.len() == 1 && self.first.is_none() {
            self.first = Some((path.to_vec(), at));
        }
        false
    }

    fn value(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        match value_end(bytes.get(at..)?, false) {
            Cut::End(length) => Some(at + length),
            Cut::More => None,
            Cut::Bad { at: wrong, reason } => self.is_bad(at + wrong, reason),
        }
    }

    fn is_bad(&mut self, at: usize, reason: &'static str) -> Option<usize> {
        self.bad = Some((at, reason));
        None
    }
}

/// The place of the first byte from `at` on that is no white space.
fn blank(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.len() - rest.trim_ascii_start().len()
}
