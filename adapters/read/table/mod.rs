//! Tables: rows of delimited cells under one header.
//!
//! Splitting and taking apart follow the same rules, those of RFC 4180 as the usual readers relax them. Where a quoted
//! cell that spans lines is closed in the middle of text, or has taken in what are rows of this table, its opening quote
//! was never closed: the row ends with its first line and is broken, and the next line is a row again.
//!
//! A table has no end of its own. Its last row is taken only with a line end, as all others have one: without it
//! the row may be cut, and a price that is cut is another price. Where an error message or a web page begins, it ends.

mod cells;
mod dialect;
mod preamble;
mod profile;

use std::sync::Arc;

use super::Span;
use super::cut::Cut as End;
use super::fault::{Fault, excerpt};
use super::kind::Kind;
use super::limits::Hints;
use super::message::{self, BEGINNING_BYTES, Beginning};
use super::window::Window;
pub(super) use cells::cells;
use dialect::Dialect;

/// Between concatenated files it stands in the middle.
const MARK: &[u8] = "\u{feff}".as_bytes();
/// Bytes of a line that are looked at for an error message.
const MESSAGE_BYTES_MAX: usize = 4 << 10;

/// The rows after the header.
pub(super) struct Rows {
    dialect: Dialect,
    /// Of the next row; the first one of the document is row 1.
    row: u64,
    /// The header's bytes: concatenated files repeat it.
    header: Vec<u8>,
    /// How many columns the header has; 0 before it is read.
    width: usize,
    /// Where the table ended before its end.
    pub(super) cut: Option<End>,
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

/// What a row is beside a row.
enum Look {
    Row,
    /// The table ends before it, because of this.
    Ends(End),
    /// Too little follows to know.
    More,
}

/// Passes over what stands before the header, finds delimiter and line end, and reads the header.
pub(super) fn open(window: &mut Window, hints: &Hints) -> Result<(Kind, Rows), Fault> {
    let no_header = |window: &Window| Fault::CsvNoHeader {
        begins: excerpt(window.bytes()),
    };
    let before = preamble::find(window.bytes(), window.ended(), hints);
    let Some(before) = before else {
        return Err(no_header(window));
    };
    if before.is_message {
        return Err(Fault::NotAFeed {
            what: "an error message",
            begins: excerpt(window.bytes()),
        });
    }
    window.skip(before.bytes);
    let mut rows = Rows {
        dialect: before.dialect,
        row: before.rows + 1,
        header: Vec::new(),
        width: 0,
        cut: None,
    };
    let span = rows.next(window)?.ok_or_else(|| no_header(window))?;
    let raw = window.bytes().get(span.raw).unwrap_or_default();
    let Dialect {
        delimiter, quotes, ..
    } = rows.dialect;
    let row = cells(raw, delimiter, quotes, 0).map_err(|_| no_header(window))?;
    let header: Vec<Arc<str>> = row
        .cells
        .iter()
        .map(|name| Arc::from(name.trim()))
        .collect();
    rows.width = header.len();
    rows.header = raw.to_vec();
    window.skip(span.total);
    rows.dialect.learn(window.bytes(), rows.width);
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
            if self.cut.is_some() || window.bytes().is_empty() && !window.more()? {
                return Ok(None);
            }
            if window.bytes().starts_with(MARK) {
                window.skip(MARK.len());
                continue;
            }
            match self.dialect.row_end(window.bytes(), window.ended()) {
                Cut::More => self.more(window)?,
                Cut::Unclosed { at } => {
                    return Err(Fault::CsvUnterminatedQuote {
                        line: window.line_at(at),
                    });
                }
                Cut::Row { raw, total } => {
                    let is_nothing = self.is_nothing(window.bytes().get(..raw).unwrap_or_default());
                    if !is_nothing && self.width > 0 {
                        match self.look(window.bytes(), raw, total, window.ended()) {
                            Look::Row => {}
                            Look::More if window.more_if_there_is_room()? => continue,
                            Look::More => {}
                            Look::Ends(cut) => {
                                self.cut = Some(cut);
                                return Ok(None);
                            }
                        }
                    }
                    let row = self.row;
                    self.row += 1;
                    if is_nothing {
                        window.skip(total);
                        continue;
                    }
                    return Ok(Some(Span {
                        raw: 0..raw,
                        total,
                        row,
                    }));
                }
            }
        }
    }

    /// Blank, or the header once more.
    fn is_nothing(&self, row: &[u8]) -> bool {
        self.dialect.is_blank(row) || self.width > 0 && row == self.header.as_slice()
    }

    /// Whether the table ends with this row, or already before it.
    fn look(&self, bytes: &[u8], raw: usize, total: usize, ended: bool) -> Look {
        let cut = |what: &[u8]| Look::Ends(End::message(self.row, what));
        let row = bytes.get(..raw).unwrap_or_default();
        if bytes.get(total - 1) != Some(&self.dialect.line_end) {
            return Look::Ends(End::open(self.row));
        }
        if self.is_message(row) {
            return cut(row);
        }
        let after = bytes.get(total..).unwrap_or_default();
        if after.len() < BEGINNING_BYTES && !ended {
            return Look::More;
        }
        // The message that follows may have begun in this row: its line end would be the message's.
        match message::beginning(after) {
            None => Look::Row,
            Some(Beginning::Markup) if !message::ends_in_break(row) => Look::Row,
            Some(Beginning::Markup) => cut(after),
            Some(_) => match self.line(after, ended) {
                None => Look::More,
                Some(line) if self.is_message(line) => cut(line),
                Some(_) => Look::Row,
            },
        }
    }

    /// The first of these lines, as far as it matters; none: it is not all there.
    fn line<'a>(&self, bytes: &'a [u8], ended: bool) -> Option<&'a [u8]> {
        let bounded = bytes.get(..MESSAGE_BYTES_MAX).unwrap_or(bytes);
        match memchr::memchr(self.dialect.line_end, bounded) {
            Some(end) => bounded.get(..end),
            None => (ended || bounded.len() == MESSAGE_BYTES_MAX).then_some(bounded),
        }
    }

    /// A line that begins like an error message or a page, and has not the cells of a row.
    fn is_message(&self, line: &[u8]) -> bool {
        let Some(beginning) = message::beginning(line) else {
            return false;
        };
        let is_wide = self.dialect.width(line) >= self.width;
        match beginning {
            Beginning::Markup => !is_wide,
            Beginning::Message => !is_wide || message::names_a_line(line),
            Beginning::Word => message::names_a_line(line),
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
