//! Reading that needs what is known of items: a thousand of them are looked up at once.
//!
//! Inventory and supplemental feeds change items that are there; of whole items it is asked what the supplement says.

use std::collections::BTreeMap;

use buywire_adapters::feed::check::{Checked, Supplement, plain_id};
use buywire_adapters::feed::draft::Draft;
use buywire_adapters::feed::{Checks, Feed, Raw};
use buywire_schemas::catalog::Item;
use buywire_schemas::catalog::issue::{Issue, Severity};

use super::Reader;
use crate::store::catalog::{Kind, Mode};

/// Items that are asked for at once.
pub(super) const AT_ONCE: usize = 1_000;

/// Asks for live items by their ids.
pub(in super::super) type Find = Box<dyn Fn(&[String]) -> Option<BTreeMap<String, Item>> + Send>;
/// Asks what the supplement says of items, by their ids.
pub(in super::super) type FindSupplements =
    Box<dyn Fn(&[String]) -> Option<BTreeMap<String, Supplement>> + Send>;

/// A whole item that waits for what the supplement says of it.
pub(super) struct Pending {
    pub checked: Checked,
    pub line: u64,
    pub raw_hash: Option<u128>,
}

/// What a feed of changes is read with.
pub(super) struct Changes<'a> {
    pub mode: Mode,
    pub checks: &'a Checks,
    pub find: &'a Find,
}

impl Reader<'_> {
    /// A feed that changes items that are there.
    pub(super) fn changes(&mut self, feed: &mut Feed, how: &Changes<'_>) -> Result<(), Issue> {
        let mut raw = Raw::default();
        let (mut drafts, mut issues) = (Vec::new(), Vec::new());
        let mut ended = None;
        while ended.is_none() {
            let next = feed.next_raw(&mut raw);
            drafts.extend(match &next {
                Ok(true) => feed.drafts(&raw, &mut issues),
                Ok(false) => feed.last_drafts(&mut issues),
                Err(_) => Vec::new(),
            });
            ended = match next {
                Ok(true) => None,
                Ok(false) => Some(Ok(())),
                Err(fault) => Some(Err(fault)),
            };
            issues
                .drain(..)
                .for_each(|issue| self.issue(issue, raw.row()));
            if drafts.len() >= AT_ONCE || ended.is_some() {
                let Some(items) = (how.find)(&ids(&drafts)) else {
                    self.read.is_cut_off = true;
                    return Ok(());
                };
                self.change(&mut drafts, items, how);
                if self.send.blocking_send(self.rows.take()).is_err() {
                    return Ok(());
                }
            }
        }
        self.read.is_cut = feed.is_cut();
        ended.unwrap_or(Ok(()))
    }

    fn change(
        &mut self,
        drafts: &mut Vec<Draft>,
        mut items: BTreeMap<String, Item>,
        how: &Changes<'_>,
    ) {
        for draft in drafts.drain(..) {
            let line = draft.row;
            if how.mode != Mode::Supplemental {
                let checked = how.checks.change(draft, |id| items.remove(id));
                self.checked(checked, line, None, None);
                continue;
            }
            let (checked, said) = how.checks.supplement(draft, |id| items.get(id).cloned());
            let said = serde_json::to_string(&said).unwrap_or_default();
            self.checked(checked, line, None, Some(&said));
        }
    }

    /// Rows among whole items that speak of price and stock alone. One that cannot be read changes nothing: what the
    /// item was sold for before still holds, so it is not taken off sale.
    pub(super) fn change_some(&mut self, checks: &Checks) {
        let changing = std::mem::take(&mut self.changing);
        let Some(find) = self.find.as_ref().filter(|_| !changing.is_empty()) else {
            return;
        };
        let Some(mut items) = find(&ids(&changing)) else {
            self.read.is_cut_off = true;
            return;
        };
        for draft in changing {
            let line = draft.row;
            let checked = checks.change(draft, |id| items.remove(id));
            let is_refused = |issue: &Issue| issue.code.severity() == Severity::Error;
            if !checked.issues.iter().any(is_refused) {
                self.item_or_wait(checked, line, None);
                continue;
            }
            self.row(line, Kind::Bad, None, None, None);
            for issue in checked.issues {
                self.read.notes.add(issue);
            }
        }
    }

    /// Whole items that wait: what the supplement says of them is said over what they say.
    pub(super) fn merge(&mut self) {
        let waiting = std::mem::take(&mut self.pending);
        let Some(find) = &self.supplements else {
            return;
        };
        let items = waiting.iter().filter_map(|one| one.checked.item.as_ref());
        let ids: Vec<_> = items.map(|item| item.id.clone()).collect();
        let Some(said) = find(&ids) else {
            self.read.is_cut_off = true;
            return;
        };
        for mut one in waiting {
            if let Some(item) = &mut one.checked.item
                && let Some(said) = said.get(&item.id)
            {
                said.apply(item);
            }
            self.checked(one.checked, one.line, one.raw_hash, None);
        }
    }
}

/// As the checks will read them.
fn ids(drafts: &[Draft]) -> Vec<String> {
    let said = drafts.iter().filter_map(|draft| draft.id.as_ref());
    said.map(|said| plain_id(&said.text).to_owned()).collect()
}
