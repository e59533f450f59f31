//! From a document to staged rows, on a thread of its own: record after record, nothing held but batches.
//!
//! A record whose bytes are known is not looked at again. One with any finding is always read again, because
//! its report needs its row and its value. Must not know the database.

mod lookups;

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufReader;

use buywire_adapters::feed::check::Checked;
use buywire_adapters::feed::{Feed, Raw, Step};
use buywire_adapters::read::Hints;
use buywire_schemas::catalog::issue::{Code, Issue, Scope, Severity};
use buywire_schemas::catalog::report::Findings;
use buywire_schemas::catalog::{Availability, Item, Standing};
use buywire_schemas::money::Currency;
use time::OffsetDateTime;
use tokio::sync::mpsc::Sender;

use self::lookups::{AT_ONCE, Changes, Pending};
pub(super) use self::lookups::{Find, FindSupplements};
use super::ids::Ids;
use super::known::Known;
use super::marks::Marks;
use super::settings::FeedSettings;
use super::spool::Spooled;
use crate::store::catalog::{Content, Kind, Mode, Rows, Staged};

/// Bytes of a batch: large enough for the socket, small enough that some of them wait.
const BATCH_BYTES: usize = 128 * 1024;
/// Items in one catalog: what 16 bytes each still fit into memory.
const ITEMS_MAX: u64 = 5_000_000;
/// Findings of each code that are kept one by one.
const ISSUES_MAX: usize = 1_000;
/// Read from the disk at once.
const READ_BYTES: usize = 256 * 1024;

/// What there is to read, and how.
pub(super) struct Document {
    pub spooled: Spooled,
    pub hints: Hints,
    pub settings: FeedSettings,
    pub mode: Mode,
    pub now: OffsetDateTime,
    /// The live items with these ids: an inventory or supplemental feed changes them. None when they cannot be had.
    pub find: Find,
    /// What the partner's supplemental feed has said, if it has said anything.
    pub supplements: Option<FindSupplements>,
}

/// What was read, beside the rows that were sent.
#[derive(Default)]
pub(super) struct Read {
    pub format: Option<String>,
    pub notes: Notes,
    pub known: Known,
    /// Of the records that were staged.
    pub ids: Ids,
    /// The currencies in which they have prices.
    pub currencies: BTreeSet<Currency>,
    /// Whether it speaks for the whole catalog: never when it tells of stock only.
    pub is_full: bool,
    /// Whether its items are whole ones, which can be compared with each other.
    pub is_whole: bool,
    /// Of whole items.
    pub marks: Marks,
    /// The live items could not be had: nothing may be made of what was read.
    pub is_cut_off: bool,
    /// Why the document is of no use; none when its end was reached and proven.
    pub fault: Option<Code>,
}

/// Findings: all of them counted, the first of each code kept.
#[derive(Default)]
pub(super) struct Notes {
    pub findings: Findings,
    pub issues: Vec<Issue>,
    kept: BTreeMap<Code, usize>,
}

/// Whoever takes the rows is gone.
struct NobodyListens;

struct Reader<'a> {
    read: Read,
    rows: Rows,
    n: i64,
    send: &'a Sender<Rows>,
    now: OffsetDateTime,
    supplements: Option<FindSupplements>,
    pending: Vec<Pending>,
}

impl Notes {
    /// Takes a finding.
    pub(super) fn add(&mut self, issue: Issue) {
        let issue = without_nul(issue);
        let kept = self.kept.entry(issue.code).or_default();
        if *kept < ISSUES_MAX {
            *kept += 1;
            self.issues.push(issue.clone());
        }
        self.findings.add(issue);
    }

    /// Counts findings that nobody looks at one by one.
    pub(super) fn add_more(&mut self, code: Code, attribute: &str, count: u64) {
        self.findings.add_more(code, Some(attribute), count);
    }
}

/// Reads it all. Rows go to `send`, whole batches; the rest is returned.
pub(super) fn read(document: Document, known: Known, send: &Sender<Rows>) -> Read {
    let mut reader = Reader {
        read: Read {
            known,
            ..Read::default()
        },
        rows: Rows::default(),
        n: 0,
        send,
        now: document.now,
        supplements: None,
        pending: Vec::new(),
    };
    if let Err(issue) = reader.all(document) {
        reader.read.fault = Some(issue.code);
        reader.read.notes.add(issue);
    }
    reader.read
}

impl Reader<'_> {
    fn all(&mut self, document: Document) -> Result<(), Issue> {
        let Document {
            spooled,
            hints,
            settings,
            mode,
            now,
            find,
            supplements,
        } = document;
        let source = BufReader::with_capacity(READ_BYTES, spooled.file);
        let rules = settings.feed.rules.clone();
        let mut feed = Feed::open(source, &hints, settings.feed, now)?;
        self.read.format = Some(feed.format().name().to_owned());
        let issues = feed.issues().to_vec();
        let fatal = issues
            .iter()
            .find(|issue| issue.code.severity() == Severity::Error)
            .cloned();
        if let Some(fatal) = fatal {
            let others = issues.into_iter().filter(|issue| *issue != fatal);
            others.for_each(|issue| self.read.notes.add(issue));
            return Err(fatal);
        }
        issues
            .into_iter()
            .for_each(|issue| self.read.notes.add(issue));
        let changes = matches!(mode, Mode::Inventory | Mode::Supplemental)
            || mode == Mode::Full && feed.format().changes_stock_only();
        if changes {
            let how = Changes {
                mode,
                rules: &rules,
                now,
                find: &find,
            };
            return self.changes(&mut feed, &how);
        }
        self.supplements = supplements;
        self.read.is_full = mode == Mode::Full;
        self.read.is_whole = true;
        let may_skip = mode == Mode::Full && feed.is_self_contained();
        // Nobody is told that nobody listens: the other side knows why it went.
        let _ = self.records(&mut feed, may_skip)?;
        Ok(())
    }

    fn records(
        &mut self,
        feed: &mut Feed,
        may_skip: bool,
    ) -> Result<Result<(), NobodyListens>, Issue> {
        let mut raw = Raw::default();
        let mut steps = Vec::new();
        while feed.next_raw(&mut raw)? {
            if may_skip && self.read.known.see(raw.hash(), raw.row()) {
                continue;
            }
            feed.read(&raw, &mut steps);
            let may_skip_next = may_skip && steps.iter().all(is_plain) && is_one_product(&steps);
            let raw_hash = may_skip_next.then(|| raw.hash());
            for step in steps.drain(..) {
                self.step(step, raw.row(), raw_hash);
            }
            if self.rows.bytes() >= BATCH_BYTES
                && self.send.blocking_send(self.rows.take()).is_err()
            {
                return Ok(Err(NobodyListens));
            }
            if self.read.is_cut_off {
                return Ok(Ok(()));
            }
            if self.n.unsigned_abs() + self.read.known.products_seen() > ITEMS_MAX {
                return Err(Issue::new(Code::ItemLimit));
            }
        }
        feed.finish(&mut steps);
        for step in steps.drain(..) {
            self.step(step, raw.row(), None);
        }
        self.merge();
        Ok(self
            .send
            .blocking_send(self.rows.take())
            .map_err(|_| NobodyListens))
    }

    /// `line`: where the record begins, for what does not say it itself.
    fn step(&mut self, step: Step, line: u64, raw_hash: Option<u128>) {
        match step {
            Step::Item(checked) if self.supplements.is_some() => {
                let checked = *checked;
                self.pending.push(Pending {
                    checked,
                    line,
                    raw_hash,
                });
                if self.pending.len() >= AT_ONCE {
                    self.merge();
                }
            }
            Step::Item(checked) => self.checked(*checked, line, raw_hash, None),
            Step::Issue(issue) => {
                // A record that gave nothing but this is one that was read, and is bad.
                if issue.code.scope() == Scope::Item && issue.code.severity() == Severity::Error {
                    let line = issue.row.unwrap_or(line);
                    self.row(line, Kind::Bad, issue.item_id.as_deref(), None, None);
                }
                self.read.notes.add(issue);
            }
        }
    }

    fn checked(
        &mut self,
        checked: Checked,
        line: u64,
        raw_hash: Option<u128>,
        supplement: Option<&str>,
    ) {
        let Checked {
            item,
            deleted,
            issues,
        } = checked;
        let line = issues.iter().find_map(|issue| issue.row).unwrap_or(line);
        match (&item, &deleted) {
            (Some(item), _) => self.item(item, line, raw_hash, supplement),
            (None, Some(id)) => self.row(line, Kind::Removed, Some(id), None, None),
            (None, None) => {
                let is_bad = issues
                    .iter()
                    .any(|issue| issue.code.severity() == Severity::Error);
                let id = issues.iter().find_map(|issue| issue.item_id.as_deref());
                if !is_bad {
                    self.row(line, Kind::Ignored, None, None, None);
                    return issues
                        .into_iter()
                        .for_each(|issue| self.read.notes.add(issue));
                }
                self.row(line, Kind::Bad, id, None, None);
            }
        }
        issues
            .into_iter()
            .for_each(|issue| self.read.notes.add(issue));
    }

    fn item(&mut self, item: &Item, line: u64, raw_hash: Option<u128>, supplement: Option<&str>) {
        let (json, hash) = item.canonical();
        self.read.currencies.insert(item.price.currency);
        if self.read.is_whole {
            self.read.marks.see(item);
        }
        let gtins = item.gtins.join(" ");
        let is_variant = item.group.is_some();
        let content = Content {
            group: item.group.as_deref(),
            title: &item.title,
            price: item.price.amount,
            currency: item.price.currency.code(),
            availability: availability(item.offer(Standing::default(), self.now).availability),
            category: item
                .categories
                .first()
                .map(|category| category.value.as_str()),
            json: &json,
            hash,
            gtins: Some(gtins.as_str()).filter(|gtins| !gtins.is_empty()),
            page_hash: is_variant.then(|| item.page_hash()),
            traits_hash: is_variant.then(|| item.traits_hash()),
            supplement,
        };
        self.row(line, Kind::Item, Some(&item.id), Some(content), raw_hash);
    }

    fn row(
        &mut self,
        line: u64,
        kind: Kind,
        item_id: Option<&str>,
        content: Option<Content<'_>>,
        raw_hash: Option<u128>,
    ) {
        // What the database cannot keep is no id of anything in it.
        let item_id = item_id.filter(|id| !id.contains('\0'));
        if let Some(id) = item_id {
            self.read.ids.add(id);
        }
        self.rows.push(&Staged {
            n: self.n,
            line,
            kind,
            item_id,
            content,
            raw_hash,
        });
        self.n += 1;
    }
}

/// Whether it gave an item and there was nothing to say.
fn is_plain(step: &Step) -> bool {
    matches!(step, Step::Item(checked) if checked.item.is_some() && checked.issues.is_empty())
}

/// Whether it gave one item, or variants under one group: by it the store finds those that share a record.
fn is_one_product(steps: &[Step]) -> bool {
    let mut groups = steps.iter().filter_map(|step| match step {
        Step::Item(checked) => Some(checked.item.as_ref()?.group.as_deref()),
        Step::Issue(_) => None,
    });
    let first = groups.next().flatten();
    groups.all(|group| group.is_some() && group == first)
}

/// As on the wire.
pub(super) const fn availability(known: Availability) -> &'static str {
    match known {
        Availability::InStock => "in_stock",
        Availability::LimitedStock => "limited_stock",
        Availability::Preorder => "preorder",
        Availability::Backorder => "backorder",
        Availability::OutOfStock => "out_of_stock",
        Availability::Discontinued => "discontinued",
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
