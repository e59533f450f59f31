//! What is new and what is fixed from one report to the next: counts, by kind of finding.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Finding;
use crate::catalog::issue::Code;

/// How one kind of finding changed since the previous run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingChange {
    /// The finding's code.
    pub code: Code,
    /// The attribute's name in the feed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// How many more occurrences than before.
    pub new: u64,
    /// How many fewer occurrences than before.
    pub fixed: u64,
}

/// The changes from one report's list to the next, by kind of finding.
#[must_use]
pub fn diff_findings(before: &[Finding], now: &[Finding]) -> Vec<FindingChange> {
    type Kind<'a> = (Code, Option<&'a str>);
    let mut counts: BTreeMap<Kind<'_>, (u64, u64)> = BTreeMap::new();
    for one in before {
        counts
            .entry((one.code, one.attribute.as_deref()))
            .or_default()
            .0 += one.count;
    }
    for one in now {
        counts
            .entry((one.code, one.attribute.as_deref()))
            .or_default()
            .1 += one.count;
    }
    let changed = counts
        .into_iter()
        .filter(|(_, (before, now))| before != now);
    let changed = changed.map(|((code, attribute), (before, now))| FindingChange {
        code,
        attribute: attribute.map(str::to_owned),
        new: now.saturating_sub(before),
        fixed: before.saturating_sub(now),
    });
    changed.collect()
}
