//! Collects the findings of one item.

use buywire_schemas::catalog::issue::{Code, Issue, Severity};

use super::text::excerpt::excerpt;
use crate::draft::RawField;

/// The findings about one item, and the values that no field accepts.
#[derive(Debug, Default)]
pub(super) struct FindingsBuilder {
    row: u64,
    issues: Vec<Issue>,
    /// Unknown values, kept among the item's attributes under their names.
    unknown_values: Vec<(String, String)>,
}

impl FindingsBuilder {
    pub(super) fn for_row(row: u64) -> Self {
        Self {
            row,
            ..Self::default()
        }
    }

    /// Adds a finding about a raw field.
    pub(super) fn raise(&mut self, code: Code, raw: &RawField) {
        self.raise_value(code, &raw.name, &raw.text);
    }

    /// Adds a finding about a value and its attribute's name.
    pub(super) fn raise_value(&mut self, code: Code, name: &str, value: &str) {
        self.issues.push(Issue {
            code,
            attribute: Some(name.to_owned()),
            row: Some(self.row),
            item_id: None,
            value: Some(excerpt(value)),
        });
    }

    /// Adds a finding about an amount with several meanings. `readings` lists them.
    pub(super) fn raise_ambiguous(&mut self, code: Code, raw: &RawField, readings: &str) {
        self.raise_value(code, &raw.name, &format!("{}: {readings}", raw.text));
    }

    /// Adds a finding about a missing value. `field` is our name of it.
    pub(super) fn raise_missing(&mut self, code: Code, field: &str) {
        self.issues.push(Issue {
            attribute: Some(field.to_owned()),
            row: Some(self.row),
            ..Issue::new(code)
        });
    }

    /// Keeps an unknown value, as the feed has it.
    pub(super) fn retain_unknown(&mut self, raw: RawField) {
        self.raise(Code::UnknownEnum, &raw);
        self.unknown_values.push((raw.name.to_string(), raw.text));
    }

    pub(super) fn take_unknown_values(&mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.unknown_values)
    }

    pub(super) fn has_error(&self) -> bool {
        let error = |issue: &Issue| issue.code.severity() == Severity::Error;
        self.issues.iter().any(error)
    }

    /// All findings, each with the item's id.
    pub(super) fn into_issues(mut self, item_id: Option<&str>) -> Vec<Issue> {
        for issue in &mut self.issues {
            issue.item_id = item_id.map(str::to_owned);
        }
        self.issues
    }
}
