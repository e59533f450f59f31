//! What the records gave: drafts and findings, both bounded.

use std::collections::HashSet;

use buywire_schemas::catalog::issue::{Code, EXCERPT_CHARS_MAX, Issue};

use crate::draft::Draft;

/// Variants that one record may have: Shopify allows 2,048, and nobody more.
pub const DRAFTS_MAX: usize = 2_048;
/// Unknown names that are reported per document: who sends more of them than this has sent no feed.
const NAMES_MAX: usize = 50;

/// Filled by a mapper, emptied by its caller after each record.
#[derive(Debug, Default)]
pub struct MapOutput {
    /// In the order of the feed.
    pub drafts: Vec<Draft>,
    /// What the mapper noticed; the checks find the rest.
    pub issues: Vec<Issue>,
    unknown_names: HashSet<String>,
}

impl MapOutput {
    /// Whether the record's drafts are at their bound.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.drafts.len() >= DRAFTS_MAX
    }

    /// One more item; beyond the bound it is counted as one finding of its record.
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

    /// A name that no alias knows; told once per document.
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

/// So much of a text as a finding may hold.
pub(super) fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT_CHARS_MAX).collect()
}
