//! Tables: rows of delimited cells under one header.
//!
//! Splitting and taking apart follow the same rules, those of RFC 4180 as the usual readers relax
//! them: a quote opens a cell only at its beginning, `""` inside is a quote, and text after the
//! closing quote belongs to the cell. Where a quoted cell that spans lines is closed in the middle
//! of text, its opening quote was never closed: the row ends with its first line and is broken,
//! and the next line is a row again.

mod dialect;

use std::borrow::Cow;
use std::sync::Arc;

use memchr::memchr;

use super::Span;
use super::fault::{Fault, RecordFault, excerpt};
use super::kind::{Kind, Quotes};
use super::limits::Hints;
use super::window::Window;
use dialect::Dialect;

/// The rows after the header.
pub(super) struct Rows {
    dialect: Dialect,
    /// Of the next row; the header is row 1.
    row: u64,
}

/// Where a row ends.
#[derive(Debug, PartialEq, Eq)]
enum Cut {
    /// Its bytes without, and with, the line end.
    Row { raw: usize, total: usize },
    /// Not in these bytes.
    More,
    /// The text ends inside of a quote that opens here.
    Unclosed { at: usize },
}

/// Finds delimiter and line end, and reads the header.
pub(super) fn open(window: &mut Window, hints: &Hints) -> Result<(Kind, Rows), Fault> {
    let dialect = Dialect::detect(window.bytes(), window.ended(), hints);
    let no_header = |window: &Window| Fault::CsvNoHeader {
        begins: excerpt(window.bytes()),
    };
    let dialect = dialect.ok_or_else(|| no_header(window))?;
    let mut rows = Rows { dialect, row: 1 };
    let span = rows.next(window)?.ok_or_else(|| no_header(window))?;
    let raw = window.bytes().get(span.raw).unwrap_or_default();
    let cells = cells(raw, dialect.delimiter, dialect.quotes).map_err(|_| no_header(window))?;
    let header = cells.iter().map(|name| Arc::from(name.trim())).collect();
    window.skip(span.total);
    let Dialect {
        delimiter, quotes, ..
    } = dialect;
    Ok((
        Kind::Table {
            delimiter,
            quotes,
            header,
        },
        rows,
    ))
}

impl Rows {
    pub(super) fn next(&mut self, window: &mut Window) -> Result<Option<Span>, Fault> {
        loop {
            if window.bytes().is_empty() && !window.more()? {
                return Ok(None);
            }
            match self.dialect.row_end(window.bytes(), window.ended()) {
                Cut::More => {
                    self.more(window)?;
                }
                Cut::Unclosed { at } => {
                    return Err(Fault::CsvUnterminatedQuote {
                        line: window.line_at(at),
                    });
                }
                Cut::Row { raw, total } => {
                    let row = self.row;
                    self.row += 1;
                    if !self
                        .dialect
                        .is_blank(window.bytes().get(..raw).unwrap_or_default())
                    {
                        return Ok(Some(Span {
                            raw: 0..raw,
                            total,
                            row,
                        }));
                    }
                    window.skip(total);
                }
            }
        }
    }

    /// A row that is too large is most often one whose quote is open.
    fn more(&self, window: &mut Window) -> Result<(), Fault> {
        let Err(fault) = window.more() else {
            return Ok(());
        };
        match (&fault, self.dialect.row_end(window.bytes(), true)) {
            (Fault::RecordTooLarge { .. }, Cut::Unclosed { at }) => {
                Err(Fault::CsvUnterminatedQuote {
                    line: window.line_at(at),
                })
            }
            _ => Err(fault),
        }
    }
}

/// The cells of one row. As many as there are.
pub(super) fn cells(
    raw: &[u8],
    delimiter: u8,
    quotes: Quotes,
) -> Result<Vec<Cow<'_, str>>, RecordFault> {
    let text = String::from_utf8_lossy(raw);
    match text {
        Cow::Borrowed(text) => split(text, delimiter, quotes),
        // Never: the text was decoded. Then it is owned, and so are its cells.
        Cow::Owned(text) => {
            let cells = split(&text, delimiter, quotes)?;
            Ok(cells
                .into_iter()
                .map(|cell| Cow::Owned(cell.into_owned()))
                .collect())
        }
    }
}

fn split(text: &str, delimiter: u8, quotes: Quotes) -> Result<Vec<Cow<'_, str>>, RecordFault> {
    let mut cells = Vec::new();
    let mut rest = Some(text);
    while let Some(text) = rest {
        let (cell, after) = cell(text, delimiter, quotes)?;
        cells.push(cell);
        rest = after;
    }
    Ok(cells)
}

/// The first cell, and what follows its delimiter, if there is one.
fn cell(
    text: &str,
    delimiter: u8,
    quotes: Quotes,
) -> Result<(Cow<'_, str>, Option<&str>), RecordFault> {
    let quoted = if quotes == Quotes::Plain {
        None
    } else {
        text.strip_prefix('"')
    };
    let Some(quoted) = quoted else {
        return Ok(plain(text, delimiter));
    };
    match (closing_quote(quoted.as_bytes()), quotes) {
        (None, Quotes::Csv) => Err(RecordFault::CsvUnterminatedQuote),
        (None, _) => Ok(plain(text, delimiter)),
        (Some(at), _) => {
            let (inside, after) = (part(quoted, 0, at), part(quoted, at + 1, quoted.len()));
            let (tail, rest) = plain(after, delimiter);
            let inside = unquote(inside);
            match (tail.is_empty(), quotes) {
                (true, _) => Ok((inside, rest)),
                (false, Quotes::Csv) if quoted_lines(quoted, at) && !tail.trim().is_empty() => {
                    Err(RecordFault::CsvUnterminatedQuote)
                }
                (false, Quotes::Csv) => Ok((inside + tail, rest)),
                (false, _) => Ok(plain(text, delimiter)),
            }
        }
    }
}

/// Up to the delimiter.
fn plain(text: &str, delimiter: u8) -> (Cow<'_, str>, Option<&str>) {
    match memchr(delimiter, text.as_bytes()) {
        Some(at) => (
            Cow::Borrowed(part(text, 0, at)),
            Some(part(text, at + 1, text.len())),
        ),
        None => (Cow::Borrowed(text), None),
    }
}

/// The places are next to ASCII bytes, so that the part exists.
fn part(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or_default()
}

fn unquote(inside: &str) -> Cow<'_, str> {
    match memchr(b'"', inside.as_bytes()) {
        Some(_) => Cow::Owned(inside.replace("\"\"", "\"")),
        None => Cow::Borrowed(inside),
    }
}

/// Where a quoted cell closes, its opening quote being gone already.
fn closing_quote(quoted: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'"', quoted.get(from..)?)?;
        if quoted.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        from = at + 2;
    }
}

fn quoted_lines(quoted: &str, at: usize) -> bool {
    memchr(b'\n', part(quoted, 0, at).as_bytes()).is_some()
}
