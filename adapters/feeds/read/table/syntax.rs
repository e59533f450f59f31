//! Detects a table's delimiter, quotes and line ends, and finds where its rows end.

use std::ops::Range;

use memchr::{memchr, memchr2};

use super::super::error_message;
use super::super::kind::Quoting;
use super::super::limits::Hints;
use super::RowEnd;
use super::cells::{cells, closing_quote};
use super::profile::ColumnProfile;

/// In order of preference.
const DELIMITERS: [u8; 4] = [b'\t', b';', b'|', b','];
/// Rows examined.
const ROWS_MAX: usize = 100;
/// Lines of a quoted cell that are checked for being rows.
const QUOTED_LINES_MAX: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TableSyntax {
    pub(super) delimiter: u8,
    pub(super) quotes: Quoting,
    /// Line feed, or carriage return if there is no line feed.
    pub(super) line_end: u8,
    /// Empty while the syntax is being detected.
    pub(super) profile: ColumnProfile,
}

/// The result of a quote at the start of a cell.
enum QuotedCell {
    /// The cell is closed, and the row continues at this position.
    Closed(usize),
    /// It is never closed: the row ends with its first line, here.
    Open(usize),
    Incomplete,
    Unclosed,
}

impl TableSyntax {
    /// The syntax with which most rows are as wide as the header, and the header is widest. `None`
    /// if no delimiter gives two columns. A configured delimiter may give one.
    pub(super) fn detect(sample: &[u8], ended: bool, hints: &Hints) -> Option<Self> {
        let has_lines = memchr(b'\n', sample).is_some() || memchr(b'\r', sample).is_none();
        let line_end = if has_lines { b'\n' } else { b'\r' };
        let columns_min = if hints.delimiter.is_some() { 1 } else { 2 };
        let mut best = None;
        let mut best_score = (0, 0);
        for delimiter in hints.delimiter.map_or(DELIMITERS.to_vec(), |set| vec![set]) {
            for quotes in quoting_candidates(delimiter, hints.quoting) {
                let syntax = Self {
                    delimiter,
                    quotes: *quotes,
                    line_end,
                    profile: ColumnProfile::default(),
                };
                let score = syntax.score(sample, ended);
                if score.1 >= columns_min && score > best_score {
                    (best, best_score) = (Some(syntax), score);
                }
            }
        }
        best
    }

    /// Learns what the columns contain. From then on, rows inside an open quote are detected.
    pub(super) fn build_profile(&mut self, sample: &[u8], width: usize) {
        self.profile = ColumnProfile::from_sample(sample, self.delimiter, self.line_end, width);
    }

    /// The number of rows as wide as the header, and that width.
    fn score(&self, sample: &[u8], ended: bool) -> (usize, usize) {
        let mut rest = sample;
        let mut columns = None;
        let mut matching = 0;
        for _ in 0..ROWS_MAX {
            let RowEnd::Row { raw, total } = self.row_end(rest, ended) else {
                break;
            };
            let row = &rest[..raw];
            rest = &rest[total..];
            if !self.is_blank(row) {
                let width = self.width(row);
                matching += usize::from(*columns.get_or_insert(width) == width);
            }
        }
        (matching, columns.unwrap_or_default())
    }

    /// The number of cells of a row.
    pub(super) fn width(&self, row: &[u8]) -> usize {
        cells(row, self.delimiter, self.quotes, 0).map_or(0, |row| row.cells.len())
    }

    /// Only delimiters, quotes and whitespace: spreadsheets write such rows at the end.
    pub(super) fn is_blank(&self, row: &[u8]) -> bool {
        let blank =
            |byte: &u8| *byte == self.delimiter || *byte == b'"' || byte.is_ascii_whitespace();
        row.iter().all(blank) && {
            let cells = cells(row, self.delimiter, self.quotes, 0);
            cells.is_ok_and(|row| row.cells.iter().all(|cell| cell.trim().is_empty()))
        }
    }

    /// The end of the first row. `ended`: no bytes follow.
    pub(super) fn row_end(&self, bytes: &[u8], ended: bool) -> RowEnd {
        let mut from = 0;
        loop {
            let found = match self.quotes {
                Quoting::Csv => memchr2(b'"', self.line_end, &bytes[from..]),
                _ => memchr(self.line_end, &bytes[from..]),
            };
            let Some(at) = found.map(|found| from + found) else {
                return if ended {
                    self.row(bytes, bytes.len(), bytes.len())
                } else {
                    RowEnd::Incomplete
                };
            };
            if bytes.get(at) == Some(&self.line_end) {
                return self.row(bytes, at, at + 1);
            }
            from = at + 1;
            let opens = at == 0 || bytes.get(at - 1) == Some(&self.delimiter);
            if !opens {
                continue;
            }
            match self.quoted(bytes, from, ended) {
                QuotedCell::Closed(after) => from = after,
                QuotedCell::Open(line) => return self.row(bytes, line, line + 1),
                QuotedCell::Incomplete => return RowEnd::Incomplete,
                QuotedCell::Unclosed => return RowEnd::Unclosed { at },
            }
        }
    }

    /// A cell opened by a quote before `from`. If it spans lines, they are examined.
    fn quoted(&self, bytes: &[u8], from: usize, ended: bool) -> QuotedCell {
        let quoted = &bytes[from..];
        let closing = closing_quote(quoted);
        let inside = quoted.get(..closing.unwrap_or(quoted.len()));
        let line = memchr(self.line_end, inside.unwrap_or_default());
        let Some(line) = line.map(|line| from + line) else {
            return match closing {
                Some(closing) => QuotedCell::Closed(from + closing + 1),
                None if ended => QuotedCell::Unclosed,
                None => QuotedCell::Incomplete,
            };
        };
        let closes = closing.map(|closing| from + closing);
        match self.swallows_rows(bytes, from..line, closes, ended) {
            Some(true) => return QuotedCell::Open(line),
            None => return QuotedCell::Incomplete,
            Some(false) => {}
        }
        let Some(closing) = closing else {
            return if ended {
                QuotedCell::Unclosed
            } else {
                QuotedCell::Incomplete
            };
        };
        match self.has_stray_text(&quoted[closing + 1..], ended) {
            Some(true) => QuotedCell::Open(line),
            Some(false) => QuotedCell::Closed(from + closing + 1),
            None => QuotedCell::Incomplete,
        }
    }

    /// Whether an open quote contains rows: the lines after the first, of which `quoted` is the part
    /// after the quote. `None`: not enough text to decide. The line in which the quote closes counts only with a first
    /// line that is complete, and a first line whose last cell is quoted proves little.
    fn swallows_rows(
        &self,
        bytes: &[u8],
        quoted: Range<usize>,
        closing: Option<usize>,
        ended: bool,
    ) -> Option<bool> {
        if self.profile.width() < 2 {
            return Some(false);
        }
        let first = &bytes[..quoted.end];
        let has_more_cells = memchr(
            self.delimiter,
            bytes.get(quoted.clone()).unwrap_or_default(),
        )
        .is_some();
        let is_similar = has_more_cells && self.profile.may_be_row(first);
        let is_complete = is_similar || self.profile.is_complete_row(first);
        let mut start = quoted.end + 1;
        for _ in 0..QUOTED_LINES_MAX {
            if closing.is_some_and(|closing| start > closing) {
                return Some(false);
            }
            let rest = &bytes[start..];
            let length = match memchr(self.line_end, rest) {
                Some(length) => length,
                None if ended => rest.len(),
                None => return None,
            };
            let inner = &rest[..length];
            let is_inside = closing.is_none_or(|closing| start + length <= closing);
            let is_row = match is_inside {
                true => self.profile.is_row(inner) || is_similar && self.profile.may_be_row(inner),
                false => is_complete && self.profile.may_be_row(inner),
            };
            // A failing program's message in an open cell is not part of the cell either.
            let is_message = error_message::classify_line(inner).is_some()
                && error_message::contains_message(inner);
            if is_row || is_message {
                return Some(true);
            }
            start += length + 1;
            if start > bytes.len() {
                break;
            }
        }
        Some(false)
    }

    /// Whether there is text between a closing quote and the next delimiter. `None`: not loaded yet.
    fn has_stray_text(&self, after: &[u8], ended: bool) -> Option<bool> {
        let ends = |byte: u8| byte == self.delimiter || byte == self.line_end || byte == b'\r';
        let next = after
            .iter()
            .copied()
            .find(|byte| ends(*byte) || !byte.is_ascii_whitespace());
        match next {
            Some(byte) => Some(!ends(byte)),
            None if ended => Some(false),
            None => None,
        }
    }

    /// A carriage return before the line feed belongs to the line end.
    fn row(&self, bytes: &[u8], end: usize, total: usize) -> RowEnd {
        let crlf = self.line_end == b'\n' && end > 0 && bytes.get(end - 1) == Some(&b'\r');
        RowEnd::Row {
            raw: end - usize::from(crlf),
            total,
        }
    }
}

/// Cells separated by tabs are rarely quoted. Those separated by other delimiters often are.
fn quoting_candidates(delimiter: u8, setting: Option<bool>) -> &'static [Quoting] {
    match setting {
        Some(true) => &[Quoting::Csv],
        Some(false) => &[Quoting::Plain],
        None if delimiter == b'\t' => &[Quoting::SameLine, Quoting::Csv],
        None => &[Quoting::Csv],
    }
}
