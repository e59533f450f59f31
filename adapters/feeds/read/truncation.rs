//! The truncation of a document without an end marker.

use super::error_message;
use super::fault::excerpt;

/// The evidence of a truncation. Everything before it is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truncation {
    /// The record that is ignored.
    pub row: u64,
    /// The error message at that place. `None`: the last record has no line end, unlike all others.
    pub message: Option<String>,
}

impl Truncation {
    pub(super) fn unterminated(row: u64) -> Self {
        Self { row, message: None }
    }

    /// Evidence that a record too short for its table is, or contains, an error message.
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
