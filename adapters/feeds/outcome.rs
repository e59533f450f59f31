//! The outcome of a record: a push and `feed check` count in the same terms.

use buywire_schemas::catalog::Item;
use buywire_schemas::catalog::issue::{Issue, Scope, Severity};

use super::validate::Checked;

/// The outcome of one draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordOutcome<'a> {
    /// A valid item.
    Item(&'a Item),
    /// The feed deletes the item with this id.
    Removed(&'a str),
    /// Nothing to do: a change of an unknown item.
    Ignored,
    /// An error, with the id if it is readable.
    Invalid(Option<&'a str>),
}

impl Checked {
    /// The outcome.
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

/// Whether a finding without a draft stands for an invalid record.
#[must_use]
pub fn is_record_error(issue: &Issue) -> bool {
    issue.code.scope() == Scope::Item && issue.code.severity() == Severity::Error
}
