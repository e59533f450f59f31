//! What the columns of a table hold, as far as it shows whether a line is a row of its own.
//!
//! A quote that is never closed takes the rows after it into its cell, up to the next stray quote, and the row that
//! comes out has one item's id and another's price. No reader can tell by the quotes; but what was taken in still looks
//! like rows of this table: as many cells, with links and numbers where the others have them.

use memchr::memchr_iter;

use super::super::kind::Quotes;
use super::cells::cells;

/// Lines that are looked at to learn what the columns hold.
const LINES_MAX: usize = 100;
/// The longest cell that may be a number with its unit or currency.
const NUMBER_BYTES_MAX: usize = 24;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Link,
    Number,
    Text,
}

/// The columns of one table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Profile {
    delimiter: u8,
    columns: Vec<Class>,
}

impl Profile {
    /// Learnt from the lines of the beginning that are as wide as the header, quoted ones included.
    pub(super) fn learn(sample: &[u8], delimiter: u8, line_end: u8, width: usize) -> Self {
        let mut counts = vec![[0_usize; 3]; width];
        for line in sample.split(|byte| *byte == line_end).take(LINES_MAX) {
            let Ok(row) = cells(line, delimiter, Quotes::Csv, 0) else {
                continue;
            };
            if row.cells.len() != width {
                continue;
            }
            for (count, cell) in counts.iter_mut().zip(&row.cells) {
                let class = class(cell.trim().as_bytes());
                if let Some(count) = class.and_then(|class| count.get_mut(class as usize)) {
                    *count += 1;
                }
            }
        }
        let of_column = |[links, numbers, texts]: &[usize; 3]| match () {
            () if links > numbers && links > texts => Class::Link,
            () if numbers > links && numbers > texts => Class::Number,
            () => Class::Text,
        };
        Self {
            delimiter,
            columns: counts.iter().map(of_column).collect(),
        }
    }

    /// How many columns the header has.
    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    /// Whether this line, by itself, is a row: nothing in it is where another thing should be, and links or several
    /// numbers are where they should be.
    pub(super) fn is_row(&self, line: &[u8]) -> bool {
        let fit = self.fit(line);
        fit.is_some_and(|fit| fit.links > 0 || fit.numbers > 1)
    }

    /// The same with less to go by: one number.
    pub(super) fn may_be_row(&self, line: &[u8]) -> bool {
        self.fit(line)
            .is_some_and(|fit| fit.links + fit.numbers > 0)
    }

    /// Whether the first line of a row whose quote is open holds all of a row, its links included: what follows in its
    /// cell is not the rest of it.
    pub(super) fn is_whole(&self, line: &[u8]) -> bool {
        if !self.columns.contains(&Class::Link) {
            return false;
        }
        let cells = || line.split(|byte| *byte == self.delimiter);
        cells().count() >= self.width()
            && cells().any(|cell| class(cell.trim_ascii()) == Some(Class::Link))
    }

    fn fit(&self, line: &[u8]) -> Option<Fit> {
        if memchr_iter(self.delimiter, line).count() + 1 < self.width() {
            return None;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let row = match cells(line, self.delimiter, Quotes::Csv, 0) {
            Ok(row) => row,
            // The quote in question opens here.
            Err(_) => cells(line, self.delimiter, Quotes::Plain, 0).ok()?,
        };
        let mut fit = Fit::default();
        if row.cells.len() != self.width() {
            return None;
        }
        for (column, cell) in self.columns.iter().zip(&row.cells) {
            match (column, class(cell.trim().as_bytes())) {
                (_, None) => {}
                (Class::Link, Some(Class::Link)) => fit.links += 1,
                (Class::Number, Some(Class::Number)) => fit.numbers += 1,
                (Class::Link, Some(_)) | (_, Some(Class::Link)) => return None,
                _ => {}
            }
        }
        Some(fit)
    }
}

/// Cells that hold what their columns hold.
#[derive(Debug, Default)]
struct Fit {
    links: usize,
    numbers: usize,
}

/// None when it is empty.
fn class(cell: &[u8]) -> Option<Class> {
    if cell.is_empty() {
        return None;
    }
    if cell.starts_with(b"http://") || cell.starts_with(b"https://") {
        return Some(Class::Link);
    }
    let digits = cell.iter().filter(|byte| byte.is_ascii_digit()).count();
    // A number, and at most a currency: `15.00 USD`, `EUR 1.499,90`.
    let letters = cell
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    let is_number = digits > 0 && letters <= 3 && cell.len() <= NUMBER_BYTES_MAX;
    Some(if is_number {
        Class::Number
    } else {
        Class::Text
    })
}
