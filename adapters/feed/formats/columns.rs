//! Exports of shop systems: rows whose columns have a meaning of their own in each system.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use buywire_schemas::catalog::issue::Issue;

use super::Row;
use super::escapes::{without_cdata, without_guard};
use super::flat::{missing, names};
use crate::feed::draft::Said;
use crate::read::{Kind, Parsed};

/// Where each column is, by its name in the spelling of [`names::plain`]; of doubled ones the first.
#[derive(Debug, Default)]
pub(super) struct Columns {
    at: HashMap<String, (usize, Arc<str>)>,
}

impl Columns {
    /// The columns of a table; of another document none.
    pub fn of(kind: &Kind) -> Self {
        let Kind::Table { header, .. } = kind else {
            return Self::default();
        };
        let mut at = HashMap::new();
        for (column, name) in header.iter().enumerate() {
            let spelled = name.trim_start_matches('\u{feff}').into();
            at.entry(names::plain(name)).or_insert((column, spelled));
        }
        Self { at }
    }

    /// Whether there is such a column.
    pub fn has(&self, name: &str) -> bool {
        self.at.contains_key(name)
    }

    /// The columns whose plain names begin so, in the order of the header.
    pub fn beginning(&self, prefix: &str) -> Vec<String> {
        let names = self.at.iter().filter(|(name, _)| name.starts_with(prefix));
        let mut names: Vec<_> = names.map(|(name, (at, _))| (*at, name.clone())).collect();
        names.sort_unstable();
        names.into_iter().map(|(_, name)| name).collect()
    }

    /// Reports each of these that the header lacks. What it has in excess is of no interest: an
    /// export has dozens of columns that are not ours.
    pub fn require(&self, required: &[&[&str]], issues: &mut Vec<Issue>) {
        for names in required {
            if names.iter().any(|name| self.has(name)) {
                continue;
            }
            let spelled = self
                .at
                .iter()
                .map(|(plain, (_, said))| (plain.as_str(), &**said));
            issues.push(missing(names, spelled));
        }
    }

    /// A row under these columns; none when the record is no row.
    pub fn cells<'a>(&'a self, row: &'a Row<'_>) -> Option<Cells<'a>> {
        self.parsed(row.row, &row.parsed)
    }

    /// The same, of a record whose place does not matter.
    pub fn parsed<'a>(&'a self, row: u64, parsed: &'a Parsed<'_>) -> Option<Cells<'a>> {
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
        let (column, _) = self.columns.at.get(name)?;
        let text = self.cells.get(*column)?.trim();
        let text = without_cdata(without_guard(text));
        (!text.is_empty()).then_some(text)
    }

    /// The first of these columns whose cell is not empty.
    pub fn said(&self, names: &[&str]) -> Option<Said> {
        self.say(names, self.any(names)?)
    }

    /// A text under the name of the first of these columns whose cell is not empty, or else that
    /// exists: for what follows from it.
    pub fn say(&self, names: &[&str], text: impl Into<String>) -> Option<Said> {
        let full = names.iter().find(|name| self.text(name).is_some());
        let there = || names.iter().find(|name| self.columns.has(name));
        let (_, spelled) = self.columns.at.get(*full.or_else(there)?)?;
        Some(Said {
            name: spelled.clone(),
            text: text.into(),
        })
    }

    /// The texts of [`Self::said`].
    pub fn any(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| self.text(name))
    }
}
