//! What a run found: all of it counted, the first of each code kept one by one.

use std::collections::BTreeMap;

use buywire_schemas::catalog::issue::{Code, Issue};
use buywire_schemas::catalog::report::Findings;

/// Findings of each code that are kept one by one.
const ISSUES_MAX: usize = 1_000;

/// Findings: all of them counted, the first of each code kept.
#[derive(Default)]
pub(crate) struct RunFindings {
    pub summary: Findings,
    pub issues: Vec<Issue>,
    stored_by_code: BTreeMap<Code, usize>,
}

impl RunFindings {
    /// Takes a finding.
    pub(crate) fn add(&mut self, issue: Issue) {
        let issue = without_nul(issue);
        let stored = self.stored_by_code.entry(issue.code).or_default();
        if *stored < ISSUES_MAX {
            *stored += 1;
            self.issues.push(issue.clone());
        }
        self.summary.add(issue);
    }

    /// Counts findings that nobody looks at one by one.
    pub(crate) fn add_more(&mut self, code: Code, attribute: &str, count: u64) {
        self.summary.add_count(code, Some(attribute), count);
    }
}

/// PostgreSQL's text cannot hold U+0000, and a report should be kept whatever the feed holds.
fn without_nul(issue: Issue) -> Issue {
    let clean = |text: Option<String>| text.map(|text| text.replace('\0', "\u{fffd}"));
    Issue {
        attribute: clean(issue.attribute),
        item_id: clean(issue.item_id),
        value: clean(issue.value),
        ..issue
    }
}
