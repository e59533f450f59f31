//! Which delimiter, quotes and line ends a table has, and where its rows end.

use memchr::{memchr, memchr2};

use super::super::kind::Quotes;
use super::super::limits::Hints;
use super::{Cut, cells, closing_quote};

/// In the order in which a tie is decided.
const DELIMITERS: [u8; 4] = [b'\t', b';', b'|', b','];
/// Rows that are looked at.
const ROWS_MAX: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) quotes: Quotes,
    /// Line feed, or carriage return where there is no line feed at all.
    line_end: u8,
}

impl Dialect {
    /// The dialect under which most rows are as wide as the header, and the header is widest. None
    /// if no delimiter makes two columns; a delimiter that was set may make one.
    pub(super) fn detect(sample: &[u8], ended: bool, hints: &Hints) -> Option<Self> {
        let has_lines = memchr(b'\n', sample).is_some() || memchr(b'\r', sample).is_none();
        let line_end = if has_lines { b'\n' } else { b'\r' };
        let columns_min = if hints.delimiter.is_some() { 1 } else { 2 };
        let mut best = None;
        let mut best_score = (0, 0);
        for delimiter in hints.delimiter.map_or(DELIMITERS.to_vec(), |set| vec![set]) {
            for quotes in possible(delimiter, hints.quoting) {
                let dialect = Self {
                    delimiter,
                    quotes: *quotes,
                    line_end,
                };
                let score = dialect.score(sample, ended);
                if score.1 >= columns_min && score > best_score {
                    (best, best_score) = (Some(dialect), score);
                }
            }
        }
        best
    }

    /// How many rows are as wide as the header, and how wide that is.
    fn score(self, sample: &[u8], ended: bool) -> (usize, usize) {
        let mut rest = sample;
        let mut columns = None;
        let mut alike = 0;
        for _ in 0..ROWS_MAX {
            let Cut::Row { raw, total } = self.row_end(rest, ended) else {
                break;
            };
            let row = rest.get(..raw).unwrap_or_default();
            rest = rest.get(total..).unwrap_or_default();
            if !self.is_blank(row) {
                let width = self.width(row);
                alike += usize::from(*columns.get_or_insert(width) == width);
            }
        }
        (alike, columns.unwrap_or_default())
    }

    fn width(self, row: &[u8]) -> usize {
        cells(row, self.delimiter, self.quotes).map_or(0, |cells| cells.len())
    }

    /// Nothing but delimiters, quotes and white space: spreadsheets write such rows at the end.
    pub(super) fn is_blank(self, row: &[u8]) -> bool {
        let blank =
            |byte: &u8| *byte == self.delimiter || *byte == b'"' || byte.is_ascii_whitespace();
        row.iter().all(blank) && {
            let cells = cells(row, self.delimiter, self.quotes);
            cells.is_ok_and(|cells| cells.iter().all(|cell| cell.trim().is_empty()))
        }
    }

    /// Where the first row ends. `ended`: nothing comes after these bytes.
    pub(super) fn row_end(self, bytes: &[u8], ended: bool) -> Cut {
        let mut from = 0;
        loop {
            let found = match self.quotes {
                Quotes::Csv => memchr2(b'"', self.line_end, bytes.get(from..).unwrap_or_default()),
                _ => memchr(self.line_end, bytes.get(from..).unwrap_or_default()),
            };
            let Some(at) = found.map(|found| from + found) else {
                return if ended {
                    self.row(bytes, bytes.len(), bytes.len())
                } else {
                    Cut::More
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
            let quoted = bytes.get(from..).unwrap_or_default();
            let Some(closing) = closing_quote(quoted) else {
                return if ended {
                    Cut::Unclosed { at }
                } else {
                    Cut::More
                };
            };
            let inside = quoted.get(..closing).unwrap_or_default();
            let Some(strays) = self.strays(quoted.get(closing + 1..).unwrap_or_default(), ended)
            else {
                return Cut::More;
            };
            if let Some(line) = memchr(self.line_end, inside).filter(|_| strays) {
                return self.row(bytes, from + line, from + line + 1);
            }
            from += closing + 1;
        }
    }

    /// Whether text stands between a closing quote and the next delimiter. None: it is not there yet.
    fn strays(self, after: &[u8], ended: bool) -> Option<bool> {
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
    fn row(self, bytes: &[u8], end: usize, total: usize) -> Cut {
        let crlf = self.line_end == b'\n' && end > 0 && bytes.get(end - 1) == Some(&b'\r');
        Cut::Row {
            raw: end - usize::from(crlf),
            total,
        }
    }
}

/// Cells between tabs are rarely quoted, those between other delimiters often are.
fn possible(delimiter: u8, setting: Option<bool>) -> &'static [Quotes] {
    match setting {
        Some(true) => &[Quotes::Csv],
        Some(false) => &[Quotes::Plain],
        None if delimiter == b'\t' => &[Quotes::SameLine, Quotes::Csv],
        None => &[Quotes::Csv],
    }
}
