//! From a document to staged rows, on threads of its own: record after record, nothing held but batches.
//!
//! A record whose bytes are known is not looked at again. One with any finding is always read again, because
//! its report needs its row and its value. Must not know the database.

mod lookups;
mod notes;
mod records;

use std::collections::BTreeSet;
use std::io::{self, BufReader};
use std::sync::mpsc;
use std::thread;

use buywire_adapters::feed::check::Checked;
use buywire_adapters::feed::draft::Draft;
use buywire_adapters::feed::{Checks, Feed, Outcome, costs_its_record};
use buywire_adapters::read::Hints;
use buywire_schemas::catalog::issue::{Code, Issue, Severity};
use buywire_schemas::catalog::{Item, Standing};
use buywire_schemas::money::Currency;
use buywire_schemas::selection::searchable;
use time::OffsetDateTime;
use tokio::sync::mpsc::Sender;

use self::lookups::{AT_ONCE, Changes, Pending};
pub(super) use self::lookups::{Find, FindSupplements};
pub(super) use self::notes::Notes;
use self::records::{BATCHES_AHEAD, Record, take_apart};
use super::ids::Ids;
use super::known::Known;
use super::marks::Marks;
use super::settings::FeedSettings;
use super::spool::Spooled;
use crate::store::catalog::{Aside, Content, Contents, Kind, Mode, Rows, Staged};

/// Bytes of a batch: large enough for the socket, small enough that some of them wait.
const BATCH_BYTES: usize = 128 * 1024;
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
    /// The document was cut: what stands before the cut counts, and nothing is missing from it.
    pub is_cut: bool,
    /// Whether its items are whole ones, which can be compared with each other.
    pub is_whole: bool,
    /// Of whole items.
    pub marks: Marks,
    /// The live items could not be had: nothing may be made of what was read.
    pub is_cut_off: bool,
    /// Why the document is of no use; none when its end was reached and proven.
    pub fault: Option<Code>,
}

struct Reader<'a> {
    read: Read,
    rows: Rows,
    aside: Aside,
    /// Why nothing more can be set aside.
    full: Option<io::Error>,
    /// Whoever takes the rows is gone.
    is_unheard: bool,
    n: i64,
    send: &'a Sender<Rows>,
    now: OffsetDateTime,
    supplements: Option<FindSupplements>,
    pending: Vec<Pending>,
    /// Of some items among whole ones: those that change live items.
    find: Option<Find>,
    changing: Vec<Draft>,
}

/// Reads it all. Rows go to `send`, whole batches, and what items say is set aside; the rest is returned.
pub(super) fn read(
    document: Document,
    known: Known,
    aside: Aside,
    send: &Sender<Rows>,
) -> (Read, io::Result<Contents>) {
    let mut reader = Reader {
        read: Read {
            known,
            ..Read::default()
        },
        rows: Rows::default(),
        aside,
        full: None,
        is_unheard: false,
        n: 0,
        send,
        now: document.now,
        supplements: None,
        pending: Vec::new(),
        find: None,
        changing: Vec::new(),
    };
    if let Err(issue) = reader.all(document) {
        reader.read.fault = Some(issue.code);
        reader.read.notes.add(issue);
    }
    let contents = match reader.full {
        Some(error) => Err(error),
        None => reader.aside.finish(),
    };
    (reader.read, contents)
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
                checks: &feed.checks(),
                find: &find,
            };
            return self.changes(&mut feed, &how);
        }
        self.supplements = supplements;
        self.find = Some(find).filter(|_| mode == Mode::Upsert);
        self.read.is_full = mode == Mode::Full;
        self.read.is_whole = true;
        let may_skip = mode == Mode::Full && feed.is_self_contained();
        let ended = self.records(&mut feed, may_skip);
        self.read.is_cut = feed.is_cut();
        self.read.is_full &= !self.read.is_cut;
        ended
    }

    /// Taken apart on one thread and checked on another: both cost alike, and the database has little to do meanwhile.
    fn records(&mut self, feed: &mut Feed, may_skip: bool) -> Result<(), Issue> {
        let checks = feed.checks();
        let mut known = std::mem::take(&mut self.read.known);
        let (send, records) = mpsc::sync_channel(BATCHES_AHEAD);
        let taken = thread::scope(|scope| {
            let taking = scope.spawn(|| take_apart(feed, &mut known, may_skip, send));
            for record in records.iter().flatten() {
                self.record(record, &checks);
                if self.must_stop() {
                    break;
                }
            }
            drop(records);
            taking.join()
        });
        self.read.known = known;
        let ended = taken.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // What stands before the damage counts, though nothing of it is applied.
        self.change_some(&checks);
        self.merge();
        self.flush();
        ended
    }

    /// Checks what a record says, and stages it.
    fn record(&mut self, record: Record, checks: &Checks) {
        let Record {
            row,
            raw_hash,
            issues,
            drafts,
        } = record;
        let has_issues = !issues.is_empty();
        issues.into_iter().for_each(|issue| self.issue(issue, row));
        let (changes, drafts): (Vec<_>, Vec<_>) = match self.find {
            Some(_) => drafts.into_iter().partition(Draft::is_change),
            None => (Vec::new(), drafts),
        };
        self.changing.extend(changes);
        if self.changing.len() >= AT_ONCE {
            self.change_some(checks);
        }
        let checked = drafts.into_iter().map(|draft| checks.check(draft));
        let checked: Vec<_> = checked.collect();
        let is_plain = !has_issues && checked.iter().all(is_plain) && is_one_product(&checked);
        let raw_hash = raw_hash.filter(|_| is_plain);
        for checked in checked {
            self.item_or_wait(checked, row, raw_hash);
        }
        if self.rows.bytes() >= BATCH_BYTES {
            self.flush();
        }
    }

    /// Sends what is there. Nobody is told that nobody listens: the other side knows why it went.
    fn flush(&mut self) {
        self.is_unheard |= self.send.blocking_send(self.rows.take()).is_err();
    }

    fn must_stop(&self) -> bool {
        self.is_unheard || self.read.is_cut_off || self.full.is_some()
    }

    /// `line`: where the record begins, for what does not say it itself.
    fn issue(&mut self, issue: Issue, line: u64) {
        // A record that gave nothing but this is one that was read, and is bad.
        if costs_its_record(&issue) {
            let line = issue.row.unwrap_or(line);
            self.row(line, Kind::Bad, issue.item_id.as_deref(), None, None);
        }
        self.read.notes.add(issue);
    }

    /// As [`Self::checked`], but what a supplement may say something of waits for it.
    fn item_or_wait(&mut self, checked: Checked, line: u64, raw_hash: Option<u128>) {
        if self.supplements.is_none() {
            return self.checked(checked, line, raw_hash, None);
        }
        self.pending.push(Pending {
            checked,
            line,
            raw_hash,
        });
        if self.pending.len() >= AT_ONCE {
            self.merge();
        }
    }

    fn checked(
        &mut self,
        checked: Checked,
        line: u64,
        raw_hash: Option<u128>,
        supplement: Option<&str>,
    ) {
        let line = Some(checked.row).filter(|row| *row > 0).unwrap_or(line);
        match checked.outcome() {
            Outcome::Item(item) => self.item(item, line, raw_hash, supplement),
            Outcome::Removed(id) => self.row(line, Kind::Removed, Some(id), None, None),
            Outcome::Ignored => self.row(line, Kind::Ignored, None, None, None),
            Outcome::Bad(id) => self.row(line, Kind::Bad, id, None, None),
        }
        let issues = checked.issues.into_iter();
        issues.for_each(|issue| self.read.notes.add(issue));
    }

    fn item(&mut self, item: &Item, line: u64, raw_hash: Option<u128>, supplement: Option<&str>) {
        let (json, hash) = item.canonical();
        self.read.currencies.insert(item.price.currency);
        if self.read.is_whole {
            self.read.marks.see(item);
        }
        let gtins = item.gtins.join(" ");
        let is_variant = item.group.is_some();
        let offer = item.offer(Standing::default(), self.now);
        let search = words(item);
        let content = Content {
            group: item.group.as_deref(),
            search: &search,
            price: item.price.amount,
            currency: item.price.currency.code(),
            availability: offer.availability.as_str(),
            category: item
                .categories
                .first()
                .map(|category| category.value.as_str()),
            json: &json,
            hash,
            gtins: Some(gtins.as_str()).filter(|gtins| !gtins.is_empty()),
            url: Some(item.url.as_str()).filter(|_| is_variant),
            page_hash: is_variant.then(|| item.page_hash()),
            traits_hash: is_variant.then(|| item.traits_hash()),
            supplement,
            sketch: item.sketch(),
            buyable: offer.not_buyable.is_none(),
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
        let row = Staged {
            n: self.n,
            line,
            kind,
            item_id,
            content,
            raw_hash,
        };
        self.rows.push(&row);
        if let Err(error) = self.aside.push(&row) {
            self.full.get_or_insert(error);
        }
        self.n += 1;
    }
}

/// Whether it gave an item and there was nothing to say.
fn is_plain(checked: &Checked) -> bool {
    checked.item.is_some() && checked.issues.is_empty()
}

/// Whether it gave one item, or variants under one group: by it the store finds those that share a record.
fn is_one_product(checked: &[Checked]) -> bool {
    let items = checked.iter().filter_map(|one| one.item.as_ref());
    let mut groups = items.map(|item| item.group.as_deref());
    let first = groups.next().flatten();
    groups.all(|group| group.is_some() && group == first)
}

/// What is looked through for `q`, besides the id as it is stored: an id of other letters than ASCII's stands here too.
fn words(item: &Item) -> String {
    let mut words = searchable(&item.title);
    if !item.id.is_ascii() {
        words.push('\n');
        words.push_str(&searchable(&item.id));
    }
    words
}
