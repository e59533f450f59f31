//! The report of one feed run: counts, and the findings by code.
//!
//! A run may have millions of findings, but its report stays small: every finding is counted, and the
//! first of each kind are shown. The full list is a separate download.

mod change;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

pub use self::change::{FindingChange, diff_findings};
use super::issue::{Code, Issue, Severity};
use crate::ids::RunId;

/// Findings shown of each kind.
const EXAMPLES_MAX: usize = 10;
/// Kinds that are distinguished by attribute. A feed can have any number of attribute names; beyond
/// this, findings are counted by code alone.
const KINDS_MAX: usize = 500;

/// The report of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunReport {
    /// The run's id.
    pub id: RunId,
    /// The run's status.
    pub status: RunStatus,
    /// Why the run is held, failed, discarded or superseded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The feed's format, such as `google`. `None` until it is detected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Numbers of items.
    pub items: ItemCounts,
    /// The findings, the most severe first.
    pub issues: Vec<Finding>,
    /// What is new and what is fixed since the previous run that was read to its end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FindingChange>,
    /// When the run started. `None` while it is queued.
    #[serde(
        with = "time::serde::rfc3339::option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub started_at: Option<OffsetDateTime>,
    /// When the run ended.
    #[serde(
        with = "time::serde::rfc3339::option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub finished_at: Option<OffsetDateTime>,
}

/// The status of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// The run is queued.
    Queued,
    /// The feed is being read.
    Running,
    /// The run was applied: the catalog matches the feed.
    Applied,
    /// The run waits for approval. The catalog is unchanged.
    Held,
    /// The run failed without changing anything.
    Failed,
    /// A dry run reported what it would do. The catalog is unchanged.
    DryRun,
    /// A held run was discarded.
    Discarded,
    /// A held run was superseded: a later run was applied.
    Superseded,
}

impl RunStatus {
    /// Every status, in the documented order.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Running,
        Self::Applied,
        Self::Held,
        Self::Failed,
        Self::DryRun,
        Self::Discarded,
        Self::Superseded,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Applied => "applied",
            Self::Held => "held",
            Self::Failed => "failed",
            Self::DryRun => "dry_run",
            Self::Discarded => "discarded",
            Self::Superseded => "superseded",
        }
    }
}

/// Numbers of items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemCounts {
    /// Items in the feed.
    pub read: u64,
    /// Items without an error.
    pub valid: u64,
    /// Items with an error. Their last valid data is kept, and they cannot be bought.
    pub invalid: u64,
    /// Items added to the catalog.
    pub inserted: u64,
    /// Items changed.
    pub updated: u64,
    /// Items unchanged.
    pub unchanged: u64,
    /// Items in the catalog that the feed does not contain.
    pub removed: u64,
}

/// One kind of finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The finding's code.
    pub code: Code,
    /// The code's severity.
    pub severity: Severity,
    /// The attribute's name in the feed. `None` when the finding concerns no attribute, or many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// The number of occurrences.
    pub count: u64,
    /// What to do.
    pub help: String,
    /// The first occurrences.
    pub examples: Vec<Example>,
}

/// One occurrence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The row of a table, whose header is row 1, or the line where the item begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// The item's id, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<String>,
    /// At most 200 characters of the value. Never a credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// Collects findings one by one, in bounded memory.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    by_kind: BTreeMap<FindingKind, Tally>,
}

/// A code and the attribute it concerns.
type FindingKind = (Code, Option<String>);

#[derive(Debug, Clone, Default)]
struct Tally {
    count: u64,
    examples: Vec<Example>,
}

impl Findings {
    /// Counts one finding, and keeps it if it is among the first of its kind.
    pub fn add(&mut self, issue: Issue) {
        let Issue {
            code,
            attribute,
            row,
            item_id,
            value,
        } = issue;
        let tally = self.tally_of((code, attribute));
        tally.count += 1;
        if tally.examples.len() < EXAMPLES_MAX {
            tally.examples.push(Example {
                row,
                item_id,
                value,
            });
        }
    }

    /// Counts findings of a kind without keeping any.
    pub fn add_count(&mut self, code: Code, attribute: Option<&str>, count: u64) {
        if count > 0 {
            self.tally_of((code, attribute.map(str::to_owned))).count += count;
        }
    }

    /// Adds what another collector counted, such as one of another thread.
    pub fn merge(&mut self, other: Self) {
        for (kind, Tally { count, examples }) in other.by_kind {
            let tally = self.tally_of(kind);
            tally.count += count;
            tally.examples.extend(examples);
            tally.examples.sort_by_key(|example| example.row);
            tally.examples.truncate(EXAMPLES_MAX);
        }
    }

    /// The number of findings of this severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> u64 {
        let tallies = self.by_kind.iter();
        let these = tallies.filter(|((code, _), _)| code.severity() == severity);
        these.map(|(_, tally)| tally.count).sum()
    }

    fn tally_of(&mut self, kind: FindingKind) -> &mut Tally {
        let full = self.by_kind.len() >= KINDS_MAX;
        let kind = match kind {
            (code, _) if full && !self.by_kind.contains_key(&kind) => (code, None),
            existing => existing,
        };
        self.by_kind.entry(kind).or_default()
    }

    /// The report's list: errors first, then by number of occurrences.
    #[must_use]
    pub fn into_list(self) -> Vec<Finding> {
        let mut list: Vec<Finding> = self
            .by_kind
            .into_iter()
            .map(|((code, attribute), tally)| Finding {
                code,
                severity: code.severity(),
                attribute,
                count: tally.count,
                help: code.help().to_owned(),
                examples: tally.examples,
            })
            .collect();
        list.sort_by_key(|finding| (finding.severity, std::cmp::Reverse(finding.count)));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(code: Code, attribute: &str, row: u64) -> Issue {
        Issue {
            attribute: Some(attribute.to_owned()),
            row: Some(row),
            ..Issue::new(code)
        }
    }

    #[test]
    fn every_finding_counts_and_the_first_are_shown() {
        let mut findings = Findings::default();
        for row in 2..=1_001 {
            findings.add(issue(Code::TitleTruncated, "title", row));
        }
        findings.add(issue(Code::PriceMissing, "g:price", 7));
        findings.add(issue(Code::PriceMissing, "price", 8));
        assert_eq!(findings.count(Severity::Warning), 1_000);
        let list = findings.into_list();
        let recorded: Vec<_> = list
            .iter()
            .map(|one| (one.code.as_str(), one.count))
            .collect();
        assert_eq!(
            recorded,
            [
                ("price_missing", 1),
                ("price_missing", 1),
                ("title_truncated", 1_000)
            ]
        );
        let rows: Vec<_> = list[2]
            .examples
            .iter()
            .filter_map(|example| example.row)
            .collect();
        assert_eq!(rows, (2..=11).collect::<Vec<_>>());
    }

    #[test]
    fn any_number_of_attribute_names_fits() {
        let mut findings = Findings::default();
        for row in 0..10_000 {
            findings.add(issue(Code::HeaderUnknown, &format!("column {row}"), row));
            findings.add(issue(Code::UnknownEnum, &format!("column {row}"), row));
        }
        assert_eq!(findings.count(Severity::Warning), 20_000);
        let list = findings.into_list();
        assert!(list.len() <= KINDS_MAX + Code::ALL.len(), "{}", list.len());
        let others = list.iter().filter(|one| one.attribute.is_none());
        assert_eq!(others.map(|one| one.count).sum::<u64>(), 20_000 - 500);
    }

    #[test]
    fn counts_of_two_threads_add_up() {
        let mut one = Findings::default();
        let mut other = Findings::default();
        for row in 0..20 {
            one.add(issue(Code::Expired, "expiration_date", 100 + row));
            other.add(issue(Code::Expired, "expiration_date", row));
        }
        one.merge(other);
        let list = one.into_list();
        assert_eq!(list[0].count, 40);
        assert!(
            list[0]
                .examples
                .iter()
                .all(|example| example.row < Some(10))
        );
    }

    #[test]
    fn a_status_is_written_as_it_is_named() {
        for status in RunStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
    }

    #[test]
    fn what_is_new_and_what_is_fixed_is_told_kind_by_kind() {
        let list = |rows: &[(Code, &str)]| {
            let mut findings = Findings::default();
            for (row, (code, attribute)) in (2..).zip(rows) {
                findings.add(issue(*code, attribute, row));
            }
            findings.into_list()
        };
        let before = list(&[
            (Code::Expired, "a"),
            (Code::Expired, "a"),
            (Code::TitleMissing, "t"),
        ]);
        let now = list(&[
            (Code::Expired, "a"),
            (Code::TitleMissing, "t"),
            (Code::PriceZero, "p"),
        ]);
        let notice = diff_findings(&before, &now);
        let notice: Vec<_> = notice
            .iter()
            .map(|one| (one.code, one.new, one.fixed))
            .collect();
        assert_eq!(notice, [(Code::PriceZero, 1, 0), (Code::Expired, 0, 1)]);
        assert_eq!(diff_findings(&now, &now), []);
    }
}
