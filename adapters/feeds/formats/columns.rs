//! Columns of shop systems' exports, whose meaning differs from system to system.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use buywire_schemas::catalog::issue::Issue;

use super::escapes::{strip_cdata, strip_formula_guard};
use super::flat::{missing_column, names};
use super::format::Row;
use crate::draft::RawField;
use crate::read::{DocumentKind, Parsed};

/// The position of each column, by its name as spelled by [`names::plain`]. Of duplicates, the first.
#[derive(Debug, Default)]
pub(super) struct Columns {
    by_name: HashMap<String, (usize, Arc<str>)>,
}

impl Columns {
    /// The columns of a table. Empty for other documents.
    pub fn new(kind: &DocumentKind) -> Self {
        Self::translated(kind, |plain| plain)
    }

    /// The same, with each plain name in another language.
    pub fn translated(kind: &DocumentKind, translate: impl Fn(String) -> String) -> Self {
        let DocumentKind::Table { header, .. } = kind else {
            return Self::default();
        };
        let mut at = HashMap::new();
        for (column, name) in header.iter().enumerate() {
            let spelled = name.trim_start_matches('\u{feff}').into();
            at.entry(translate(names::plain(name)))
                .or_insert((column, spelled));
        }
        Self { by_name: at }
    }

    /// Whether the column exists.
    pub fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The columns whose plain names begin with this prefix, in header order.
    pub fn with_prefix(&self, prefix: &str) -> Vec<String> {
        let names = self
            .by_name
            .iter()
            .filter(|(name, _)| name.starts_with(prefix));
        let mut names: Vec<_> = names.map(|(name, (at, _))| (*at, name.clone())).collect();
        names.sort_unstable();
        names.into_iter().map(|(_, name)| name).collect()
    }

    /// Reports each of these columns that the header lacks. Extra columns are not reported: an
    /// export has dozens of unused columns.
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

    /// A row under these columns. `None` if the record is not a row.
    pub fn cells<'a>(&'a self, row: &'a Row<'_>) -> Option<Cells<'a>> {
        self.parsed_cells(row.row, &row.parsed)
    }

    /// The same, for a record whose position does not matter.
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
    /// The row number. The header is row 1.
    pub row: u64,
    columns: &'a Columns,
    cells: &'a [Cow<'a, str>],
}

impl<'a> Cells<'a> {
    /// A cell without surrounding whitespace and spreadsheet artifacts. `None`
    /// if it is empty or the column does not exist.
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

    /// A derived text, under the name of the first of these columns whose cell is not empty, or else that
    /// exists.
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
