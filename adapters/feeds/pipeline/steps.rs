//! The pipeline's output, one step at a time.

use buywire_schemas::catalog::issue::{Code, Issue};

use super::{RawRecord, faults};
use crate::formats::Row;
use crate::read::{DocumentKind, Parsed, Truncation};
use crate::validate::Checked;

/// One output of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedStep {
    /// An item, or why it was rejected.
    Item(Box<Checked>),
    /// A finding without an item: an unreadable record, an unknown name.
    Issue(Issue),
}

/// The parsed rows of one product.
pub(super) struct ParsedRows<'a> {
    pub rows: Vec<Row<'a>>,
    /// One of them is an error message, not a row: the document ends before it.
    pub truncation: Option<Issue>,
    /// The first of them with an unescaped `&`.
    pub ampersand: Option<u64>,
}

/// Parses records. Unparsable ones become issues, and so does a row that does not fit
/// its header. A row that is too wide is not mapped, because its cells are under the wrong names.
pub(super) fn parse_rows<'a>(
    kind: &'a DocumentKind,
    raw: &'a RawRecord,
    issues: &mut Vec<Issue>,
) -> ParsedRows<'a> {
    let (mut rows, mut ampersand) = (Vec::new(), None);
    for (row, bytes) in raw.records() {
        let parsed = match kind.parse(bytes) {
            Ok(parsed) => parsed,
            Err(fault) => {
                issues.push(faults::of_record(&fault, row));
                continue;
            }
        };
        let width_issue = row_width_issue(&parsed);
        if width_issue == Some(Code::RowPadded)
            && let Some(truncation) = Truncation::in_record(row, bytes)
        {
            return ParsedRows {
                rows,
                truncation: Some(faults::of_truncation(&truncation)),
                ampersand,
            };
        }
        if matches!(&parsed, Parsed::Element(element) if element.has_bare_ampersand) {
            ampersand = ampersand.or(Some(row));
        }
        let found = width_issue.into_iter().chain(stray_quote(&parsed));
        issues.extend(found.map(|code| Issue {
            row: Some(row),
            ..Issue::new(code)
        }));
        if width_issue != Some(Code::RowTooWide) {
            rows.push(Row { row, parsed });
        }
    }
    ParsedRows {
        rows,
        truncation: None,
        ampersand,
    }
}

fn row_width_issue(parsed: &Parsed<'_>) -> Option<Code> {
    let Parsed::Cells { header, cells, .. } = parsed else {
        return None;
    };
    let mut beyond = cells.iter().skip(header.len());
    if beyond.any(|cell| !cell.trim().is_empty()) {
        return Some(Code::RowTooWide);
    }
    (cells.len() < header.len()).then_some(Code::RowPadded)
}

fn stray_quote(parsed: &Parsed<'_>) -> Option<Code> {
    let is_stray = matches!(
        parsed,
        Parsed::Cells {
            has_stray_quote: true,
            ..
        }
    );
    is_stray.then_some(Code::QuoteUnescaped)
}
