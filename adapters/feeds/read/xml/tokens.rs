//! Tags, comments and CDATA, by their first and last bytes.

use memchr::{memchr, memchr2, memmem};

/// The token at the first bytes, with its length.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// The token does not end in these bytes.
    Incomplete,
    /// Text up to the next tag, or as much as is loaded.
    Text(usize),
    /// A comment, CDATA or processing instruction.
    Skip(usize),
    Doctype,
    Start {
        name: &'a [u8],
        empty: bool,
        length: usize,
    },
    End {
        name: &'a [u8],
        length: usize,
    },
    Invalid(&'static str),
}

/// Where a record ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RecordEnd {
    End(usize),
    Incomplete,
}

/// The records' element name.
pub(super) struct RecordName {
    bytes: Vec<u8>,
    /// Whether records may be nested. Never in RSS and Atom.
    may_nest: bool,
}

impl RecordName {
    pub(super) fn new(name: &str, nests: bool) -> Self {
        Self {
            bytes: name.as_bytes().to_vec(),
            may_nest: nests,
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether a record's start tag is first.
    pub(super) fn starts_record(&self, bytes: &[u8]) -> bool {
        bytes
            .strip_prefix(b"<")
            .is_some_and(|name| is_named(name, &self.bytes))
    }
}

/// The first token.
pub(super) fn next_token(bytes: &[u8]) -> Token<'_> {
    match bytes {
        [] | [b'<'] => Token::Incomplete,
        [b'<', b'!', rest @ ..] => match special_end(bytes) {
            Some(Special::End(length)) => Token::Skip(length),
            Some(Special::Open) => Token::Incomplete,
            None if is_partial_special(rest) => Token::Incomplete,
            None => Token::Doctype,
        },
        [b'<', b'?', ..] => {
            memmem::find(bytes, b"?>").map_or(Token::Incomplete, |at| Token::Skip(at + 2))
        }
        [b'<', b'/', ..] => match memchr(b'>', bytes) {
            Some(at) => Token::End {
                name: bytes[2..at].trim_ascii_end(),
                length: at + 1,
            },
            None => Token::Incomplete,
        },
        [b'<', ..] => match tag_end(bytes, 1) {
            Tag::Incomplete => Token::Incomplete,
            Tag::Invalid(_) => Token::Invalid("`<` inside of a tag"),
            Tag::End { at, empty } => match name(bytes, 1) {
                [] => Token::Invalid("a tag without a name"),
                name => Token::Start {
                    name,
                    empty,
                    length: at,
                },
            },
        },
        text => Token::Text(memchr(b'<', text).unwrap_or(text.len())),
    }
}

/// The end of the record whose start tag is first. `parent` is the element around it.
pub(super) fn record_end(bytes: &[u8], record: &RecordName, parent: Option<&[u8]>) -> RecordEnd {
    let mut depth = 0_usize;
    let mut from = 0;
    loop {
        let Some(at) = find(bytes, b'<', from) else {
            return RecordEnd::Incomplete;
        };
        let rest = &bytes[at + 1..];
        from = at + 1;
        match rest {
            [] => return RecordEnd::Incomplete,
            [b'!', after @ ..] => match special_end(&bytes[at..]) {
                Some(Special::End(length)) => from = at + length,
                Some(Special::Open) => return RecordEnd::Incomplete,
                None if is_partial_special(after) => return RecordEnd::Incomplete,
                None => {}
            },
            [b'/', name @ ..] if is_named(name, &record.bytes) => {
                let Some(end) = find(bytes, b'>', from) else {
                    return RecordEnd::Incomplete;
                };
                depth -= 1;
                from = end + 1;
                if depth == 0 {
                    return RecordEnd::End(from);
                }
            }
            [b'/', name @ ..]
                if !record.may_nest && parent.is_some_and(|parent| is_named(name, parent)) =>
            {
                return RecordEnd::End(at);
            }
            name if is_named(name, &record.bytes) => {
                if depth > 0 && !record.may_nest {
                    return RecordEnd::End(at);
                }
                match tag_end(bytes, from) {
                    Tag::Incomplete => return RecordEnd::Incomplete,
                    Tag::Invalid(at) => {
                        depth += 1;
                        from = at;
                    }
                    Tag::End { at, empty: true } if depth == 0 => return RecordEnd::End(at),
                    Tag::End { at, empty } => {
                        depth += usize::from(!empty);
                        from = at;
                    }
                }
            }
            // A name that may continue beyond the loaded bytes.
            name if name.len() <= record.bytes.len() + 1 && memchr(b'>', name).is_none() => {
                return RecordEnd::Incomplete;
            }
            _ => {}
        }
    }
}

enum Special {
    End(usize),
    Open,
}

/// The end of the comment or CDATA that is first.
fn special_end(bytes: &[u8]) -> Option<Special> {
    let (begin, end): (&[u8], &[u8]) = match bytes {
        [b'<', b'!', b'-', b'-', ..] => (b"<!--", b"-->"),
        _ if bytes.starts_with(b"<![CDATA[") => (b"<![CDATA[", b"]]>"),
        _ => return None,
    };
    let inside = &bytes[begin.len()..];
    Some(match memmem::find(inside, end) {
        Some(at) => Special::End(begin.len() + at + end.len()),
        None => Special::Open,
    })
}

/// Whether these bytes after `<!` can become a comment or CDATA.
fn is_partial_special(rest: &[u8]) -> bool {
    b"--".starts_with(rest) || b"[CDATA[".starts_with(rest)
}

enum Tag {
    End {
        at: usize,
        empty: bool,
    },
    Incomplete,
    /// A tag begins inside the tag.
    Invalid(usize),
}

/// The position after the `>` of the tag whose name begins at `from`.
fn tag_end(bytes: &[u8], from: usize) -> Tag {
    let mut from = from;
    loop {
        let rest = &bytes[from..];
        let Some(at) = rest
            .iter()
            .position(|byte| matches!(byte, b'>' | b'<' | b'"' | b'\''))
        else {
            return Tag::Incomplete;
        };
        let at = from + at;
        match bytes.get(at) {
            Some(b'>') => {
                let empty = at.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'/');
                return Tag::End { at: at + 1, empty };
            }
            Some(b'<') => return Tag::Invalid(at),
            quote => {
                let quote = quote.copied().unwrap_or_default();
                let Some(close) = memchr2(quote, b'<', &bytes[at + 1..]) else {
                    return Tag::Incomplete;
                };
                let close = at + 1 + close;
                if bytes.get(close) == Some(&b'<') {
                    return Tag::Invalid(close);
                }
                from = close + 1;
            }
        }
    }
}

fn find(bytes: &[u8], byte: u8, from: usize) -> Option<usize> {
    memchr(byte, bytes.get(from..)?).map(|at| from + at)
}

fn ends_name(byte: u8) -> bool {
    matches!(byte, b'>' | b'/') || byte.is_ascii_whitespace()
}

/// The name that begins at `from`.
fn name(bytes: &[u8], from: usize) -> &[u8] {
    let rest = &bytes[from..];
    let length = rest
        .iter()
        .position(|byte| ends_name(*byte))
        .unwrap_or(rest.len());
    &rest[..length]
}

/// Whether these bytes begin with this whole name.
fn is_named(bytes: &[u8], name: &[u8]) -> bool {
    bytes.starts_with(name) && bytes.get(name.len()).is_some_and(|byte| ends_name(*byte))
}
