//! What a record comes to, for whoever counts: a push and a check of a file count by the same words.

use buywire_schemas::catalog::Item;
use buywire_schemas::catalog::issue::{Issue, Scope, Severity};

use super::validate::Checked;

/// What one draft comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordOutcome<'a> {
    /// An item that may be taken.
    Item(&'a Item),
    /// The item with this id is to be removed.
    Removed(&'a str),
    /// Nothing, and nothing is wrong: a change of an item that is not there.
    Ignored,
    /// An error, with the id if it can be read.
    Invalid(Option<&'a str>),
}

impl Checked {
    /// What it comes to.
    #[must_use]
    pub fn outcome(&self) -> RecordOutcome<'_> {
        if let Some(item) = &self.item {
            return RecordOutcome::Item(item);
        }
        if let Some(id) = &self.deleted {
            return RecordOutcome::Removed(id);
        }
        let is_error = |issue: &Issue| issue.code.severity() == Severity::Error;
        match self.issues.iter().any(is_error) {
            true => RecordOutcome::Invalid(
                self.issues
                    .iter()
                    .find_map(|issue| issue.item_id.as_deref()),
            ),
            false => RecordOutcome::Ignored,
        }
    }
}

/// Whether a finding that is of no draft stands for a record that was read and is bad.
#[must_use]
pub fn is_record_error(issue: &Issue) -> bool {
    issue.code.scope() == Scope::Item && issue.code.severity() == Severity::Error
}
