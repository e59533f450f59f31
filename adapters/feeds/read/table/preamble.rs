//! Skips what precedes a table's header: template comments, a spreadsheet's delimiter line, a title.

use super::super::error_message::{self, LineStart};
use super::super::limits::Hints;
use super::RowEnd;
use super::syntax::TableSyntax;

/// Lines skipped before the header.
const LINES_MAX: usize = 10;
/// The fewest columns of a table whose header is below other lines.
const COLUMNS_MIN: usize = 3;

/// The path to the header.
pub(super) struct Preamble {
    /// Up to the header, or to blank rows before it.
    pub bytes: usize,
    /// The skipped rows.
    pub rows: u64,
    pub syntax: TableSyntax,
    /// The text is the message of a program that failed.
    pub is_message: bool,
}

/// Finds the header. `None` if there is none.
pub(super) fn find_header(sample: &[u8], ended: bool, hints: &Hints) -> Option<Preamble> {
    let mut hints = hints.clone();
    let (mut bytes, mut rows, mut title_lines) = (0, 0, 0);
    let mut is_message = false;
    for _ in 0..LINES_MAX {
        let rest = &sample[bytes..];
        let line = lines(rest, 1);
        let (length, count) = if let Some(delimiter) = delimiter(line) {
            hints.delimiter.get_or_insert(delimiter);
            (line.len(), 1)
        } else if is_comment(line) {
            comment(rest)
        } else {
            break;
        };
        bytes += length;
        rows += count;
    }
    loop {
        let rest = &sample[bytes..];
        let line = lines(rest, 1);
        is_message |= is_error_message(line);
        let syntax = TableSyntax::detect(rest, ended, &hints);
        let columns_min = if title_lines > 0 { COLUMNS_MIN } else { 1 };
        let dialect = syntax.filter(|dialect| {
            is_header(dialect, rest, ended) && width(dialect, rest, ended) >= columns_min
        });
        if let Some(dialect) = dialect {
            return Some(Preamble {
                bytes,
                rows,
                syntax: dialect,
                is_message,
            });
        }
        if title_lines == LINES_MAX || line.len() == rest.len() {
            return None;
        }
        bytes += line.len();
        rows += 1;
        title_lines += 1;
    }
}

/// The first lines, with their line ends.
fn lines(bytes: &[u8], count: usize) -> &[u8] {
    let line_end = if memchr::memchr(b'\n', bytes).is_some() {
        b'\n'
    } else {
        b'\r'
    };
    let ends = memchr::memchr_iter(line_end, bytes);
    let end = ends.take(count).last().map_or(bytes.len(), |at| at + 1);
    bytes.get(..end).unwrap_or(bytes)
}

/// `sep=;`, which spreadsheets obey.
fn delimiter(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii_end();
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let line = line.strip_suffix(b"\"").unwrap_or(line);
    let name = line
        .get(..4)
        .filter(|name| name.eq_ignore_ascii_case(b"sep="));
    match (name, line.get(4..)) {
        (Some(_), Some([delimiter])) => Some(*delimiter),
        // A tab at the end is whitespace.
        (Some(_), Some([])) => Some(b'\t'),
        _ => None,
    }
}

/// `# Required | A unique id`: a comment, not column names.
fn is_comment(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let cell = line
        .split(|byte| matches!(byte, b',' | b';' | b'\t'))
        .next();
    cell.is_some_and(|cell| cell.starts_with(b"#") && cell.trim_ascii_end().contains(&b' '))
}

/// A comment's length, including the lines that its quotes join into one row.
fn comment(bytes: &[u8]) -> (usize, u64) {
    for count in 1..=LINES_MAX {
        let row = lines(bytes, count);
        if memchr::memchr_iter(b'"', row).count().is_multiple_of(2) {
            return (row.len(), 1);
        }
    }
    (lines(bytes, 1).len(), 1)
}

fn is_error_message(line: &[u8]) -> bool {
    match error_message::classify_line(line) {
        Some(LineStart::Markup | LineStart::Message) => true,
        Some(LineStart::Word) => error_message::has_line_number(line),
        None => false,
    }
}

/// Whether the first non-blank row names columns, rather than being one title above many.
fn is_header(syntax: &TableSyntax, rest: &[u8], ended: bool) -> bool {
    let Some(row) = first_row(syntax, rest, ended) else {
        return true;
    };
    let row = super::cells(row, syntax.delimiter, syntax.quotes, 0);
    row.map_or(true, |row| {
        let named = row.cells.iter().filter(|cell| !cell.trim().is_empty());
        row.cells.len() < COLUMNS_MIN || named.count() > 1
    })
}

fn width(syntax: &TableSyntax, rest: &[u8], ended: bool) -> usize {
    first_row(syntax, rest, ended).map_or(0, |row| syntax.width(row))
}

fn first_row<'a>(syntax: &TableSyntax, rest: &'a [u8], ended: bool) -> Option<&'a [u8]> {
    let mut rest = rest;
    loop {
        let RowEnd::Row { raw, total } = syntax.row_end(rest, ended) else {
            return None;
        };
        let row = rest.get(..raw)?;
        if !syntax.is_blank(row) {
            return Some(row);
        }
        rest = rest.get(total..).filter(|rest| !rest.is_empty())?;
    }
}
