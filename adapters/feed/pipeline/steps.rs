//! What comes out, one step at a time.

use buywire_schemas::catalog::issue::{Code, Issue};

use super::{Raw, faults};
use crate::feed::check::Checked;
use crate::feed::formats::Row;
use crate::read::{Kind, Parsed};

/// One thing that a record gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// An item, or why it is none.
    Item(Box<Checked>),
    /// A finding that is of no item: a record that cannot be read, a name that nobody knows.
    Issue(Issue),
}

/// The records that can be taken apart; the others are issues, and so is a row that does not fit
/// its header. A row that is too wide is not mapped: its cells stand under the wrong names.
pub(super) fn parsed<'a>(kind: &'a Kind, raw: &'a Raw, issues: &mut Vec<Issue>) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for (row, bytes) in raw.records() {
        let parsed = match kind.parse(bytes) {
            Ok(parsed) => parsed,
            Err(fault) => {
                issues.push(faults::of_record(&fault, row));
                continue;
            }
        };
        let misfit = misfit(&parsed);
        if let Some(code) = misfit {
            let issue = Issue::new(code);
            issues.push(Issue {
                row: Some(row),
                ..issue
            });
        }
        if misfit != Some(Code::RowTooWide) {
            rows.push(Row { row, parsed });
        }
    }
    rows
}

fn misfit(parsed: &Parsed<'_>) -> Option<Code> {
    let Parsed::Cells { header, cells } = parsed else {
        return None;
    };
    let mut beyond = cells.iter().skip(header.len());
    if beyond.any(|cell| !cell.trim().is_empty()) {
        return Some(Code::RowTooWide);
    }
    (cells.len() < header.len()).then_some(Code::RowPadded)
}
