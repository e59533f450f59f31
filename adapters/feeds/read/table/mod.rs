//! Tables: rows of delimited cells under one header.
//!
//! Splitting and parsing follow the same rules: RFC 4180, as common readers relax it. If a quoted
//! cell that spans lines closes in the middle of text, or contains rows of this table, its opening quote
//! was never closed: the row ends with its first line and is invalid, and the next line is a row again.
//!
//! A table has no end marker. Its last row is accepted only with a line end, like all others: without it,
//! the row may be cut, and a cut price is a wrong price. The table ends where an error message or a web page begins.

mod cells;
mod preamble;
mod profile;
mod syntax;

use std::sync::Arc;

use super::Span;
use super::error_message::{self, LINE_START_BYTES, LineStart};
use super::fault::{Fault, excerpt};
use super::kind::DocumentKind;
use super::limits::Hints;
use super::truncation::Truncation as End;
use super::window::Window;
pub(super) use cells::cells;
use syntax::TableSyntax;

/// Concatenated files have it in the middle.
const BOM: &[u8] = "\u{feff}".as_bytes();
/// Bytes of a line examined for an error message.
const MESSAGE_BYTES_MAX: usize = 4 << 10;

/// The rows after the header.
pub(super) struct RowSplitter {
    syntax: TableSyntax,
    /// The number of the next row. The document's first row is row 1.
    row: u64,
    /// The header's bytes: concatenated files repeat it.
    header: Vec<u8>,
    /// The number of columns. 0 before the header is read.
    width: usize,
    /// The truncation, if any.
    pub(super) truncation: Option<End>,
}

/// Where a row ends.
#[derive(Debug, PartialEq, Eq)]
enum RowEnd {
    /// Its bytes without, and with, the line end.
    Row { raw: usize, total: usize },
    /// Not in these bytes.
    Incomplete,
    /// The text ends inside a quote that opens here.
    Unclosed { at: usize },
}

/// What a line is, other than a row.
enum RowCheck {
    Row,
    /// The table ends before it, because of this.
    EndsBefore(End),
    /// Too little follows to know.
    Incomplete,
}

/// Skips the preamble, detects delimiter and line end, and reads the header.
pub(super) fn open(
    window: &mut Window,
    hints: &Hints,
) -> Result<(DocumentKind, RowSplitter), Fault> {
    let no_header = |window: &Window| Fault::CsvNoHeader {
        begins: excerpt(window.bytes()),
    };
    let found = preamble::find_header(window.bytes(), window.ended(), hints);
    let Some(preamble) = found else {
        return Err(no_header(window));
    };
    if preamble.is_message {
        return Err(Fault::NotAFeed {
            what: "an error message",
            begins: excerpt(window.bytes()),
        });
    }
    window.skip(preamble.bytes);
    let mut rows = RowSplitter {
        syntax: preamble.syntax,
        row: preamble.rows + 1,
        header: Vec::new(),
        width: 0,
        truncation: None,
    };
    let span = rows.next(window)?.ok_or_else(|| no_header(window))?;
    let raw = window.bytes().get(span.raw).unwrap_or_default();
    let TableSyntax {
        delimiter, quotes, ..
    } = rows.syntax;
    let row = cells(raw, delimiter, quotes, 0).map_err(|_| no_header(window))?;
    let header: Vec<Arc<str>> = row
        .cells
        .iter()
        .map(|name| Arc::from(name.trim()))
        .collect();
    rows.width = header.len();
    rows.header = raw.to_vec();
    window.skip(span.total);
    rows.syntax.build_profile(window.bytes(), rows.width);
    Ok((
        DocumentKind::Table {
            delimiter,
            quotes,
            header,
        },
        rows,
    ))
}

impl RowSplitter {
    pub(super) fn next(&mut self, window: &mut Window) -> Result<Option<Span>, Fault> {
        loop {
            if self.truncation.is_some() || window.bytes().is_empty() && !window.read_more()? {
                return Ok(None);
            }
            if window.bytes().starts_with(BOM) {
                window.skip(BOM.len());
                continue;
            }
            match self.syntax.row_end(window.bytes(), window.ended()) {
                RowEnd::Incomplete => self.read_more(window)?,
                RowEnd::Unclosed { at } => {
                    return Err(Fault::CsvUnterminatedQuote {
                        line: window.line_at(at),
                    });
                }
                RowEnd::Row { raw, total } => {
                    let is_skipped = self.is_skipped(&window.bytes()[..raw]);
                    if !is_skipped && self.width > 0 {
                        match self.check_row(window.bytes(), raw, total, window.ended()) {
                            RowCheck::Row => {}
                            RowCheck::Incomplete if window.try_read_more()? => continue,
                            RowCheck::Incomplete => {}
                            RowCheck::EndsBefore(cut) => {
                                self.truncation = Some(cut);
                                return Ok(None);
                            }
                        }
                    }
                    let row = self.row;
                    self.row += 1;
                    if is_skipped {
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
    fn is_skipped(&self, row: &[u8]) -> bool {
        self.syntax.is_blank(row) || self.width > 0 && row == self.header.as_slice()
    }

    /// Whether the table ends with this row, or already before it.
    fn check_row(&self, bytes: &[u8], raw: usize, total: usize, ended: bool) -> RowCheck {
        let truncated_at = |what: &[u8]| RowCheck::EndsBefore(End::message(self.row, what));
        let row = &bytes[..raw];
        if bytes.get(total - 1) != Some(&self.syntax.line_end) {
            return RowCheck::EndsBefore(End::unterminated(self.row));
        }
        if self.is_message(row) {
            return truncated_at(row);
        }
        let after = &bytes[total..];
        if after.len() < LINE_START_BYTES && !ended {
            return RowCheck::Incomplete;
        }
        // The message that follows may have begun in this row, whose line end would then be the message's.
        match error_message::classify_line(after) {
            None => RowCheck::Row,
            Some(LineStart::Markup) if !error_message::ends_in_br(row) => RowCheck::Row,
            Some(LineStart::Markup) => truncated_at(after),
            Some(_) => match self.line(after, ended) {
                None => RowCheck::Incomplete,
                Some(line) if self.is_message(line) => truncated_at(line),
                Some(_) => RowCheck::Row,
            },
        }
    }

    /// The relevant part of the first of these lines. `None`: it is not complete.
    fn line<'a>(&self, bytes: &'a [u8], ended: bool) -> Option<&'a [u8]> {
        let bounded = bytes.get(..MESSAGE_BYTES_MAX).unwrap_or(bytes);
        match memchr::memchr(self.syntax.line_end, bounded) {
            Some(end) => bounded.get(..end),
            None => (ended || bounded.len() == MESSAGE_BYTES_MAX).then_some(bounded),
        }
    }

    /// A line that begins like an error message or a page, and does not have the cells of a row.
    fn is_message(&self, line: &[u8]) -> bool {
        let Some(beginning) = error_message::classify_line(line) else {
            return false;
        };
        let is_wide = self.syntax.width(line) >= self.width;
        match beginning {
            LineStart::Markup => !is_wide,
            LineStart::Message => !is_wide || error_message::has_line_number(line),
            LineStart::Word => error_message::has_line_number(line),
        }
    }

    /// A row that is too large usually has an open quote.
    fn read_more(&self, window: &mut Window) -> Result<(), Fault> {
        let Err(fault) = window.read_more() else {
            return Ok(());
        };
        match (&fault, self.syntax.row_end(window.bytes(), true)) {
            (Fault::RecordTooLarge { .. }, RowEnd::Unclosed { at }) => {
                Err(Fault::CsvUnterminatedQuote {
                    line: window.line_at(at),
                })
            }
            _ => Err(fault),
        }
    }
}
