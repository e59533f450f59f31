//! Reads records that need stored data: looks items up a thousand at a time.
//!
//! Inventory and supplemental feeds change live items; whole items are merged with their supplements.

use std::collections::BTreeMap;

use buywire_feeds::draft::Draft;
use buywire_feeds::validate::{Checked, Supplement, plain_id};
use buywire_feeds::{FeedChecks, FeedReader, RawRecord};
use buywire_schemas::catalog::Item;
use buywire_schemas::catalog::issue::{Issue, Severity};

use crate::catalog::ingest::DocumentReader;
use crate::store::catalog::{Mode, StagedKind};

/// Items of one lookup.
pub(crate) const LOOKUP_ITEMS_MAX: usize = 1_000;

/// Looks up live items by item id; `None` when the lookup fails.
pub(crate) type ItemLookup = Box<dyn Fn(&[String]) -> Option<BTreeMap<String, Item>> + Send>;
/// Looks up supplements by item id; `None` when the lookup fails.
pub(crate) type SupplementLookup =
    Box<dyn Fn(&[String]) -> Option<BTreeMap<String, Supplement>> + Send>;

/// A whole item that waits for its supplement.
pub(crate) struct PendingItem {
    pub checked: Checked,
    pub line: u64,
    pub raw_hash: Option<u128>,
}

/// What reading a feed of changes needs.
pub(crate) struct ChangeContext<'a> {
    pub mode: Mode,
    pub checks: &'a FeedChecks,
    pub item_lookup: &'a ItemLookup,
}

impl DocumentReader<'_> {
    /// Reads a feed that changes live items.
    pub(crate) fn read_changes(
        &mut self,
        feed: &mut FeedReader,
        context: &ChangeContext<'_>,
    ) -> Result<(), Issue> {
        let mut raw = RawRecord::default();
        let (mut drafts, mut issues) = (Vec::new(), Vec::new());
        let mut ended = None;
        while ended.is_none() {
            let next = feed.next_record(&mut raw);
            drafts.extend(match &next {
                Ok(true) => feed.drafts(&raw, &mut issues),
                Ok(false) => feed.finish_drafts(&mut issues),
                Err(_) => Vec::new(),
            });
            ended = match next {
                Ok(true) => None,
                Ok(false) => Some(Ok(())),
                Err(fault) => Some(Err(fault)),
            };
            issues
                .drain(..)
                .for_each(|issue| self.add_issue(issue, raw.row()));
            if drafts.len() >= LOOKUP_ITEMS_MAX || ended.is_some() {
                let Some(items) = (context.item_lookup)(&ids(&drafts)) else {
                    self.result.lookup_failed = true;
                    return Ok(());
                };
                self.stage_changes(&mut drafts, items, context);
                if self.send.blocking_send(self.rows.take()).is_err() {
                    return Ok(());
                }
            }
        }
        self.result.is_truncated = feed.is_truncated();
        ended.unwrap_or(Ok(()))
    }

    fn stage_changes(
        &mut self,
        drafts: &mut Vec<Draft>,
        mut items: BTreeMap<String, Item>,
        context: &ChangeContext<'_>,
    ) {
        for draft in drafts.drain(..) {
            let line = draft.row;
            if context.mode != Mode::Supplemental {
                let checked = context.checks.check_change(draft, |id| items.remove(id));
                self.stage_checked(checked, line, None, None);
                continue;
            }
            let (checked, supplement) = context
                .checks
                .check_supplement(draft, |id| items.get(id).cloned());
            let json = serde_json::to_string(&supplement).unwrap_or_default();
            self.stage_checked(checked, line, None, Some(&json));
        }
    }

    /// Stages the rows among whole items that only change price or stock. A row with an error changes nothing: the item
    /// keeps its previous price and stays on sale.
    pub(crate) fn flush_changes(&mut self, checks: &FeedChecks) {
        let changing = std::mem::take(&mut self.pending_changes);
        let Some(lookup) = self.item_lookup.as_ref().filter(|_| !changing.is_empty()) else {
            return;
        };
        let Some(mut items) = lookup(&ids(&changing)) else {
            self.result.lookup_failed = true;
            return;
        };
        for draft in changing {
            let line = draft.row;
            let checked = checks.check_change(draft, |id| items.remove(id));
            let is_refused = |issue: &Issue| issue.code.severity() == Severity::Error;
            if !checked.issues.iter().any(is_refused) {
                self.stage_or_defer(checked, line, None);
                continue;
            }
            self.push_row(line, StagedKind::Bad, None, None, None);
            for issue in checked.issues {
                self.result.findings.add(issue);
            }
        }
    }

    /// Stages the waiting items, each with its supplement laid over it.
    pub(crate) fn merge_supplements(&mut self) {
        let waiting = std::mem::take(&mut self.pending_items);
        let Some(lookup) = &self.supplement_lookup else {
            return;
        };
        let items = waiting.iter().filter_map(|one| one.checked.item.as_ref());
        let ids: Vec<_> = items.map(|item| item.id.clone()).collect();
        let Some(supplements) = lookup(&ids) else {
            self.result.lookup_failed = true;
            return;
        };
        for mut one in waiting {
            if let Some(item) = &mut one.checked.item
                && let Some(supplement) = supplements.get(&item.id)
            {
                supplement.apply(item);
            }
            self.stage_checked(one.checked, one.line, one.raw_hash, None);
        }
    }
}

/// The item ids, normalised as the checks do.
fn ids(drafts: &[Draft]) -> Vec<String> {
    let texts = drafts.iter().filter_map(|draft| draft.id.as_ref());
    texts
        .map(|output| plain_id(&output.text).to_owned())
        .collect()
}
