//! The findings of a run: all are counted, and the first of each code are kept row by row.

use std::collections::BTreeMap;

use buywire_schemas::catalog::issue::{Code, Issue};
use buywire_schemas::catalog::report::Findings;

/// Findings kept row by row, per code.
const ISSUES_MAX: usize = 1_000;

/// Counts all findings and keeps the first of each code.
#[derive(Default)]
pub(crate) struct RunFindings {
    pub summary: Findings,
    pub issues: Vec<Issue>,
    stored_by_code: BTreeMap<Code, usize>,
}

impl RunFindings {
    /// Adds a finding.
    pub(crate) fn add(&mut self, issue: Issue) {
        let issue = without_nul(issue);
        let stored = self.stored_by_code.entry(issue.code).or_default();
        if *stored < ISSUES_MAX {
            *stored += 1;
            self.issues.push(issue.clone());
        }
        self.summary.add(issue);
    }

    /// Counts findings that are not listed row by row.
    pub(crate) fn add_more(&mut self, code: Code, attribute: &str, count: u64) {
        self.summary.add_count(code, Some(attribute), count);
    }
}

/// PostgreSQL's text type rejects U+0000, and a report must be stored whatever the feed contains.
fn without_nul(issue: Issue) -> Issue {
    let clean = |text: Option<String>| text.map(|text| text.replace('\0', "\u{fffd}"));
    Issue {
        attribute: clean(issue.attribute),
        item_id: clean(issue.item_id),
        value: clean(issue.value),
        ..issue
    }
}
