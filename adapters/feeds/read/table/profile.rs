//! What a table's columns contain, as far as it shows whether a line is a separate row.
//!
//! An unclosed quote takes the following rows into its cell, up to the next stray quote, and the resulting row
//! has one item's id and another's price. The quotes do not show it, but the cell's contents still look
//! like rows of this table: the same number of cells, with links and numbers in the same places.

use memchr::memchr_iter;

use super::super::kind::Quoting;
use super::cells::cells;

/// Lines examined to learn what the columns contain.
const LINES_MAX: usize = 100;
/// The longest cell that may be a number with its unit or currency.
const NUMBER_BYTES_MAX: usize = 24;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CellClass {
    Link,
    Number,
    Text,
}

/// The columns of one table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ColumnProfile {
    delimiter: u8,
    columns: Vec<CellClass>,
}

impl ColumnProfile {
    /// Learns from the first lines that are as wide as the header, including quoted ones.
    pub(super) fn from_sample(sample: &[u8], delimiter: u8, line_end: u8, width: usize) -> Self {
        let mut counts = vec![[0_usize; 3]; width];
        for line in sample.split(|byte| *byte == line_end).take(LINES_MAX) {
            let Ok(row) = cells(line, delimiter, Quoting::Csv, 0) else {
                continue;
            };
            if row.cells.len() != width {
                continue;
            }
            for (count, cell) in counts.iter_mut().zip(&row.cells) {
                let class = classify_cell(cell.trim().as_bytes());
                if let Some(count) = class.and_then(|class| count.get_mut(class as usize)) {
                    *count += 1;
                }
            }
        }
        let of_column = |[links, numbers, texts]: &[usize; 3]| match () {
            () if links > numbers && links > texts => CellClass::Link,
            () if numbers > links && numbers > texts => CellClass::Number,
            () => CellClass::Text,
        };
        Self {
            delimiter,
            columns: counts.iter().map(of_column).collect(),
        }
    }

    /// The number of columns.
    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    /// Whether this line is a row by itself: no cell contradicts its column, and links or several
    /// numbers are where they should be.
    pub(super) fn is_row(&self, line: &[u8]) -> bool {
        let fit = self.match_row(line);
        fit.is_some_and(|fit| fit.links > 0 || fit.numbers > 1)
    }

    /// The same with weaker evidence: one number.
    pub(super) fn may_be_row(&self, line: &[u8]) -> bool {
        self.match_row(line)
            .is_some_and(|fit| fit.links + fit.numbers > 0)
    }

    /// Whether the first line of a row with an open quote is already a complete row, including its links: the rest of its
    /// cell then does not belong to it.
    pub(super) fn is_complete_row(&self, line: &[u8]) -> bool {
        if !self.columns.contains(&CellClass::Link) {
            return false;
        }
        let cells = || line.split(|byte| *byte == self.delimiter);
        cells().count() >= self.width()
            && cells().any(|cell| classify_cell(cell.trim_ascii()) == Some(CellClass::Link))
    }

    fn match_row(&self, line: &[u8]) -> Option<RowMatch> {
        if memchr_iter(self.delimiter, line).count() + 1 < self.width() {
            return None;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let row = match cells(line, self.delimiter, Quoting::Csv, 0) {
            Ok(row) => row,
            // The quote in question opens here.
            Err(_) => cells(line, self.delimiter, Quoting::Plain, 0).ok()?,
        };
        let mut fit = RowMatch::default();
        if row.cells.len() != self.width() {
            return None;
        }
        for (column, cell) in self.columns.iter().zip(&row.cells) {
            match (column, classify_cell(cell.trim().as_bytes())) {
                (_, None) => {}
                (CellClass::Link, Some(CellClass::Link)) => fit.links += 1,
                (CellClass::Number, Some(CellClass::Number)) => fit.numbers += 1,
                (CellClass::Link, Some(_)) | (_, Some(CellClass::Link)) => return None,
                _ => {}
            }
        }
        Some(fit)
    }
}

/// Cells that match their columns.
#[derive(Debug, Default)]
struct RowMatch {
    links: usize,
    numbers: usize,
}

/// `None` if it is empty.
fn classify_cell(cell: &[u8]) -> Option<CellClass> {
    if cell.is_empty() {
        return None;
    }
    if cell.starts_with(b"http://") || cell.starts_with(b"https://") {
        return Some(CellClass::Link);
    }
    let digits = cell.iter().filter(|byte| byte.is_ascii_digit()).count();
    // A number, and at most a currency: `15.00 USD`, `EUR 1.499,90`.
    let letters = cell
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    let is_number = digits > 0 && letters <= 3 && cell.len() <= NUMBER_BYTES_MAX;
    Some(if is_number {
        CellClass::Number
    } else {
        CellClass::Text
    })
}
