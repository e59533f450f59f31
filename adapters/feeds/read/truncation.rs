//! Where a document that has no end of its own was found to be cut.

use super::error_message;
use super::fault::excerpt;

/// What shows that there should be more. What stands before it is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truncation {
    /// The record that is not used.
    pub row: u64,
    /// The message that stands there; none: the last record has no line end, though all others have one.
    pub message: Option<String>,
}

impl Truncation {
    pub(super) fn unterminated(row: u64) -> Self {
        Self { row, message: None }
    }

    /// What shows that a record too short for its table is an error message, or holds one.
    #[must_use]
    pub fn in_record(row: u64, record: &[u8]) -> Option<Self> {
        error_message::contains_message(record).then(|| Self::message(row, record))
    }

    pub(super) fn message(row: u64, what: &[u8]) -> Self {
        Self {
            row,
            message: Some(excerpt(what)),
        }
    }
}
