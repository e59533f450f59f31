//! The output of a mapper: drafts and findings, both bounded.

use std::collections::HashSet;

use buywire_schemas::catalog::issue::{Code, EXCERPT_CHARS_MAX, Issue};

use crate::draft::Draft;

/// Variants of one record. Shopify allows 2,048, the most of all.
pub const DRAFTS_MAX: usize = 2_048;
/// Unknown names reported per document. A document with more of them is not a feed.
const NAMES_MAX: usize = 50;

/// Filled by a mapper, emptied by its caller after each record.
#[derive(Debug, Default)]
pub struct MapOutput {
    /// The drafts, in feed order.
    pub drafts: Vec<Draft>,
    /// The mapper's findings. Validation adds the rest.
    pub issues: Vec<Issue>,
    unknown_names: HashSet<String>,
}

impl MapOutput {
    /// Whether the record's drafts are at their bound.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.drafts.len() >= DRAFTS_MAX
    }

    /// Adds an item. Items beyond the limit are one finding of their record.
    pub fn push(&mut self, draft: Draft) {
        if self.is_full() {
            self.report_overflow(draft.row);
            return;
        }
        self.drafts.push(draft);
    }

    /// The record has more variants than are read.
    pub fn report_overflow(&mut self, row: u64) {
        let is_reported =
            |issue: &Issue| issue.code == Code::TooManyValues && issue.row == Some(row);
        if !self.issues.iter().any(is_reported) {
            self.issues.push(Issue {
                attribute: Some("variants".to_owned()),
                row: Some(row),
                value: Some(format!("more than {DRAFTS_MAX}")),
                ..Issue::new(Code::TooManyValues)
            });
        }
    }

    /// Reports a name that no alias knows, once per document.
    pub fn report_unknown_name(&mut self, name: &str) {
        if self.unknown_names.len() < NAMES_MAX && self.unknown_names.insert(name.to_owned()) {
            self.issues.push(unknown_name(name));
        }
    }

    /// The drafts and the findings since the last time.
    pub fn take(&mut self) -> (Vec<Draft>, Vec<Issue>) {
        (
            std::mem::take(&mut self.drafts),
            std::mem::take(&mut self.issues),
        )
    }
}

/// The finding for a name that no alias knows.
pub(super) fn unknown_name(name: &str) -> Issue {
    Issue {
        attribute: Some(excerpt(name)),
        ..Issue::new(Code::HeaderUnknown)
    }
}

/// The excerpt of a text that a finding may contain.
pub(super) fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT_CHARS_MAX).collect()
}
