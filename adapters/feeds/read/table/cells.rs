//! Parses one row: where its cells begin and end, and what quotes in them mean.
//!
//! As in RFC 4180 and common readers: a quote opens a cell only at its beginning, `""` inside is a quote,
//! and text after the closing quote belongs to the cell. If that gives a different number of cells than the header
//! and the row contains `\"`, it is read with backslash escapes, provided that gives the right number.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use super::super::fault::RecordFault;
use super::super::kind::Quoting;

/// The cells of a row, and whether it contains a misplaced quote.
#[derive(Debug)]
pub(crate) struct RowCells<'a> {
    pub(crate) cells: Vec<Cow<'a, str>>,
    pub(crate) has_stray_quote: bool,
}

/// The syntax of a row.
#[derive(Clone, Copy)]
struct CellSyntax {
    delimiter: u8,
    quotes: Quoting,
    /// Whether `\"` is a quote inside a quoted cell.
    backslashes: bool,
}

/// The cells of one row. `width`: the number of columns in the header, 0 if there is none yet.
pub(crate) fn cells(
    raw: &[u8],
    delimiter: u8,
    quotes: Quoting,
    width: usize,
) -> Result<RowCells<'_>, RecordFault> {
    match String::from_utf8_lossy(raw) {
        Cow::Borrowed(text) => split(text, delimiter, quotes, width),
        // Does not happen: the text was decoded. The fallback is owned, and so are its cells.
        Cow::Owned(text) => {
            let split = split(&text, delimiter, quotes, width)?;
            let owned = split.cells.into_iter();
            Ok(RowCells {
                cells: owned.map(|cell| Cow::Owned(cell.into_owned())).collect(),
                has_stray_quote: split.has_stray_quote,
            })
        }
    }
}

fn split(
    text: &str,
    delimiter: u8,
    quotes: Quoting,
    width: usize,
) -> Result<RowCells<'_>, RecordFault> {
    let syntax = CellSyntax {
        delimiter,
        quotes,
        backslashes: false,
    };
    let standard = syntax.split(text);
    let fits = standard
        .as_ref()
        .is_ok_and(|usual| usual.cells.len() == width);
    if fits || width == 0 || memmem::find(text.as_bytes(), b"\\\"").is_none() {
        return standard;
    }
    let with_backslashes = CellSyntax {
        backslashes: quotes == Quoting::Csv,
        ..syntax
    };
    match with_backslashes.split(text) {
        Ok(other) if other.cells.len() == width => Ok(other),
        _ => standard,
    }
}

impl CellSyntax {
    fn split(self, text: &str) -> Result<RowCells<'_>, RecordFault> {
        let mut all = RowCells {
            cells: Vec::new(),
            has_stray_quote: self.backslashes,
        };
        let mut rest = Some(text);
        while let Some(text) = rest {
            let (cell, after) = self.cell(text, &mut all.has_stray_quote)?;
            all.cells.push(cell);
            rest = after;
        }
        Ok(all)
    }

    /// The first cell, and what follows its delimiter, if there is one.
    fn cell<'a>(
        self,
        text: &'a str,
        has_stray_quote: &mut bool,
    ) -> Result<(Cow<'a, str>, Option<&'a str>), RecordFault> {
        let quoted = match self.quotes {
            Quoting::Plain => None,
            _ => text.strip_prefix('"'),
        };
        let Some(quoted) = quoted else {
            return Ok(self.unquoted_cell(text));
        };
        let is_csv = self.quotes == Quoting::Csv;
        let Some(at) = self.closing_quote(quoted.as_bytes()) else {
            return match is_csv {
                true => Err(RecordFault::CsvUnterminatedQuote),
                false => Ok(self.unquoted_cell(text)),
            };
        };
        let (inside, after) = (part(quoted, 0, at), part(quoted, at + 1, quoted.len()));
        let (tail, rest) = self.split_at_delimiter(after);
        if tail.is_empty() {
            return Ok((self.unquote(inside), rest));
        }
        if !is_csv {
            return Ok(self.unquoted_cell(text));
        }
        if tail.trim().is_empty() {
            return Ok((self.unquote(inside) + tail, rest));
        }
        if memchr(b'\n', inside.as_bytes()).is_some() {
            return Err(RecordFault::CsvUnterminatedQuote);
        }
        *has_stray_quote = true;
        Ok((literal_cell(inside, tail), rest))
    }

    /// Up to the delimiter.
    fn split_at_delimiter(self, text: &str) -> (&str, Option<&str>) {
        match memchr(self.delimiter, text.as_bytes()) {
            Some(at) => (part(text, 0, at), Some(part(text, at + 1, text.len()))),
            None => (text, None),
        }
    }

    fn unquoted_cell(self, text: &str) -> (Cow<'_, str>, Option<&str>) {
        let (cell, rest) = self.split_at_delimiter(text);
        (Cow::Borrowed(cell), rest)
    }

    fn unquote(self, inside: &str) -> Cow<'_, str> {
        match memchr(b'"', inside.as_bytes()) {
            Some(_) if self.backslashes => {
                Cow::Owned(inside.replace("\\\"", "\"").replace("\"\"", "\""))
            }
            Some(_) => Cow::Owned(inside.replace("\"\"", "\"")),
            None => Cow::Borrowed(inside),
        }
    }

    fn closing_quote(self, quoted: &[u8]) -> Option<usize> {
        if !self.backslashes {
            return closing_quote(quoted);
        }
        let mut from = 0;
        loop {
            let at = from + memchr(b'"', quoted.get(from..)?)?;
            let is_escaped = at > 0 && quoted.get(at - 1) == Some(&b'\\');
            match (is_escaped, quoted.get(at + 1)) {
                (true, _) => from = at + 1,
                (false, Some(b'"')) => from = at + 2,
                (false, _) => return Some(at),
            }
        }
    }
}

/// The end of a quoted cell, whose opening quote was already removed.
pub(super) fn closing_quote(quoted: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'"', quoted.get(from..)?)?;
        if quoted.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        from = at + 2;
    }
}

/// A cell with a quote in the middle, such as `"26" wheel"` or `"Say \"hi\" shirt"`. If it ends with a quote, that one
/// closes it, and those inside are text.
fn literal_cell<'a>(inside: &'a str, tail: &'a str) -> Cow<'a, str> {
    let closed = tail.trim_end().strip_suffix('"');
    if closed.is_none() && !inside.ends_with('\\') {
        return Cow::Borrowed(inside) + tail;
    }
    let text = format!("{inside}\"{}", closed.unwrap_or(tail));
    Cow::Owned(text.replace("\\\"", "\"").replace("\"\"", "\""))
}

/// The positions are next to ASCII bytes, so the slice exists.
fn part(text: &str, from: usize, to: usize) -> &str {
    &text[from..to]
}
