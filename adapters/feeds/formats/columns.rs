//! Exports of shop systems: rows whose columns have a meaning of their own in each system.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use buywire_schemas::catalog::issue::Issue;

use super::escapes::{strip_cdata, strip_formula_guard};
use super::flat::{missing_column, names};
use super::format::Row;
use crate::draft::RawField;
use crate::read::{DocumentKind, Parsed};

/// Where each column is, by its name in the spelling of [`names::plain`]; of doubled ones the first.
#[derive(Debug, Default)]
pub(super) struct Columns {
    by_name: HashMap<String, (usize, Arc<str>)>,
}

impl Columns {
    /// The columns of a table; of another document none.
    pub fn new(kind: &DocumentKind) -> Self {
        let DocumentKind::Table { header, .. } = kind else {
            return Self::default();
        };
        let mut at = HashMap::new();
        for (column, name) in header.iter().enumerate() {
            let spelled = name.trim_start_matches('\u{feff}').into();
            at.entry(names::plain(name)).or_insert((column, spelled));
        }
        Self { by_name: at }
    }

    /// Whether there is such a column.
    pub fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The columns whose plain names begin so, in the order of the header.
    pub fn with_prefix(&self, prefix: &str) -> Vec<String> {
        let names = self
            .by_name
            .iter()
            .filter(|(name, _)| name.starts_with(prefix));
        let mut names: Vec<_> = names.map(|(name, (at, _))| (*at, name.clone())).collect();
        names.sort_unstable();
        names.into_iter().map(|(_, name)| name).collect()
    }

    /// Reports each of these that the header lacks. What it has in excess is of no interest: an
    /// export has dozens of columns that are not ours.
    pub fn report_missing(&self, required: &[&[&str]], issues: &mut Vec<Issue>) {
        for names in required {
            if names.iter().any(|name| self.has(name)) {
                continue;
            }
            let spelled = self
                .by_name
                .iter()
                .map(|(plain, (_, spelling))| (plain.as_str(), &**spelling));
            issues.push(missing_column(names, spelled));
        }
    }

    /// A row under these columns; none when the record is no row.
    pub fn cells<'a>(&'a self, row: &'a Row<'_>) -> Option<Cells<'a>> {
        self.parsed_cells(row.row, &row.parsed)
    }

    /// The same, of a record whose place does not matter.
    pub fn parsed_cells<'a>(&'a self, row: u64, parsed: &'a Parsed<'_>) -> Option<Cells<'a>> {
        let Parsed::Cells { cells, .. } = parsed else {
            return None;
        };
        Some(Cells {
            row,
            columns: self,
            cells,
        })
    }
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells<'a> {
    /// With the header as row 1.
    pub row: u64,
    columns: &'a Columns,
    cells: &'a [Cow<'a, str>],
}

impl<'a> Cells<'a> {
    /// A cell without the white space around it, and without what the export has put around it for a spreadsheet; none
    /// when it is empty or there is no such column.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        let (column, _) = self.columns.by_name.get(name)?;
        let text = self.cells.get(*column)?.trim();
        let text = strip_cdata(strip_formula_guard(text));
        (!text.is_empty()).then_some(text)
    }

    /// The first of these columns whose cell is not empty.
    pub fn field(&self, names: &[&str]) -> Option<RawField> {
        self.field_with(names, self.first_text(names)?)
    }

    /// A text under the name of the first of these columns whose cell is not empty, or else that
    /// exists: for what follows from it.
    pub fn field_with(&self, names: &[&str], text: impl Into<String>) -> Option<RawField> {
        let full = names.iter().find(|name| self.text(name).is_some());
        let there = || names.iter().find(|name| self.columns.has(name));
        let (_, spelled) = self.columns.by_name.get(*full.or_else(there)?)?;
        Some(RawField {
            name: spelled.clone(),
            text: text.into(),
        })
    }

    /// The texts of [`Self::field`].
    pub fn first_text(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| self.text(name))
    }
}
