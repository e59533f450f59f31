//! What can be wrong with a feed or an item: one vocabulary for all formats.
//!
//! A [`Code`] is stable and has one severity and one sentence that says what
//! to do. An [`Issue`] is one finding, in the partner's own words: its row,
//! its attribute's name as the feed spells it, its value.

use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The item (or the whole run) is not taken.
    Error,
    /// It is taken, changed or doubted.
    Warning,
    /// Good to know.
    Info,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issue {
    /// From the vocabulary.
    pub code: Code,
    /// In the feed's own words, such as `g:price` or `Variant Price`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// The row of a table with its header as row 1, or the line where the item begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// The item's id, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<String>,
    /// At most 200 characters of what stood there; never a credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}
