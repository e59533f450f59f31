//! Turns a document into staged rows, on threads of its own: record by record, with only batches in memory.
//!
//! A record whose bytes match a live record is not parsed again. A record with a finding is always parsed again,
//! because the report needs its row and its value. Must not know the database.

pub(crate) mod dedup;
pub(crate) mod settings;

mod findings;
mod lookups;
mod records;

use std::collections::BTreeSet;
use std::io::{self, BufReader};
use std::sync::mpsc;
use std::thread;

use buywire_feeds::draft::Draft;
use buywire_feeds::read::Hints;
use buywire_feeds::validate::Checked;
use buywire_feeds::{FeedChecks, FeedReader, RecordOutcome, is_record_error};
use buywire_schemas::catalog::issue::{Code, Issue, Severity};
use buywire_schemas::catalog::{Item, ProductState};
use buywire_schemas::money::Currency;
use buywire_schemas::selection::search_key;
use time::OffsetDateTime;
use tokio::sync::mpsc::Sender;

pub(super) use self::findings::RunFindings;
use super::spool::Spooled;
use crate::catalog::ingest::dedup::conflicts::ConflictIndex;
use crate::catalog::ingest::dedup::ids::IdHashes;
use crate::catalog::ingest::dedup::live_hashes::LiveHashes;
use crate::catalog::ingest::lookups::ChangeContext;
pub(super) use crate::catalog::ingest::lookups::ItemLookup;
use crate::catalog::ingest::lookups::LOOKUP_ITEMS_MAX;
use crate::catalog::ingest::lookups::PendingItem;
pub(super) use crate::catalog::ingest::lookups::SupplementLookup;
use crate::catalog::ingest::records::BATCHES_AHEAD;
use crate::catalog::ingest::records::Record;
use crate::catalog::ingest::records::parse_records;
use crate::catalog::ingest::settings::FeedSettings;
use crate::store::catalog::{
    EncodedRows, ItemContent, Mode, SpillFile, SpillWriter, StagedKind, StagedRecord,
};

/// Bytes of a batch: large enough for the socket, small enough that several can wait.
const BATCH_BYTES: usize = 128 * 1024;
/// Bytes of one read from disk.
const READ_BYTES: usize = 256 * 1024;

/// The document to read, and how to read it.
pub(super) struct ReadInput {
    pub spooled: Spooled,
    pub hints: Hints,
    pub settings: FeedSettings,
    pub mode: Mode,
    pub now: OffsetDateTime,
    /// Looks up the live items that an inventory or supplemental feed changes.
    pub item_lookup: ItemLookup,
    /// Looks up the partner's supplements, if it has any.
    pub supplement_lookup: Option<SupplementLookup>,
}

/// The result of reading, apart from the rows that were sent.
#[derive(Default)]
pub(super) struct ReadResult {
    pub format: Option<String>,
    pub findings: RunFindings,
    pub live_hashes: LiveHashes,
    /// The item ids of the staged records.
    pub id_hashes: IdHashes,
    /// The currencies of the staged prices.
    pub currencies: BTreeSet<Currency>,
    /// Whether the feed describes the whole catalog; never true for a stock-only feed.
    pub is_full: bool,
    /// The document is truncated: records before the cut count, and items that it lacks are not absent.
    pub is_truncated: bool,
    /// Whether the feed has whole items, which can be compared with each other.
    pub items_complete: bool,
    /// The index of whole items for conflicts.
    pub conflict_index: ConflictIndex,
    /// A lookup failed: the result must not be used.
    pub lookup_failed: bool,
    /// Why the document cannot be used; `None` when its end was reached and proven.
    pub fault: Option<Code>,
}

struct DocumentReader<'a> {
    result: ReadResult,
    rows: EncodedRows,
    spill: SpillWriter,
    /// Why the spill file failed.
    spill_error: Option<io::Error>,
    /// The receiver of the rows is gone.
    receiver_gone: bool,
    n: i64,
    send: &'a Sender<EncodedRows>,
    now: OffsetDateTime,
    supplement_lookup: Option<SupplementLookup>,
    pending_items: Vec<PendingItem>,
    /// Set when rows among whole items may change live items.
    item_lookup: Option<ItemLookup>,
    pending_changes: Vec<Draft>,
}

/// Reads the whole document. Sends rows to `send` in batches, writes the items' contents to the spill file and returns
/// the rest.
pub(super) fn read(
    document: ReadInput,
    live_hashes: LiveHashes,
    spill: SpillWriter,
    send: &Sender<EncodedRows>,
) -> (ReadResult, io::Result<SpillFile>) {
    let mut reader = DocumentReader {
        result: ReadResult {
            live_hashes,
            ..ReadResult::default()
        },
        rows: EncodedRows::default(),
        spill,
        spill_error: None,
        receiver_gone: false,
        n: 0,
        send,
        now: document.now,
        supplement_lookup: None,
        pending_items: Vec::new(),
        item_lookup: None,
        pending_changes: Vec::new(),
    };
    if let Err(issue) = reader.read_all(document) {
        reader.result.fault = Some(issue.code);
        reader.result.findings.add(issue);
    }
    let spill_file = match reader.spill_error {
        Some(error) => Err(error),
        None => reader.spill.finish(),
    };
    (reader.result, spill_file)
}

impl DocumentReader<'_> {
    fn read_all(&mut self, document: ReadInput) -> Result<(), Issue> {
        let ReadInput {
            spooled,
            hints,
            settings,
            mode,
            now,
            item_lookup,
            supplement_lookup,
        } = document;
        let source = BufReader::with_capacity(READ_BYTES, spooled.file);
        let mut feed = FeedReader::open(source, &hints, settings.feed, now)?;
        self.result.format = Some(feed.format().name().to_owned());
        let issues = feed.issues().to_vec();
        let fatal = issues
            .iter()
            .find(|issue| issue.code.severity() == Severity::Error)
            .cloned();
        if let Some(fatal) = fatal {
            let others = issues.into_iter().filter(|issue| *issue != fatal);
            others.for_each(|issue| self.result.findings.add(issue));
            return Err(fatal);
        }
        issues
            .into_iter()
            .for_each(|issue| self.result.findings.add(issue));
        let changes = matches!(mode, Mode::Inventory | Mode::Supplemental)
            || mode == Mode::Full && feed.format().is_stock_only();
        if changes {
            let context = ChangeContext {
                mode,
                checks: &feed.checks(),
                item_lookup: &item_lookup,
            };
            return self.read_changes(&mut feed, &context);
        }
        self.supplement_lookup = supplement_lookup;
        self.item_lookup = Some(item_lookup).filter(|_| mode == Mode::Upsert);
        self.result.is_full = mode == Mode::Full;
        self.result.items_complete = true;
        let may_skip = mode == Mode::Full && feed.is_self_contained();
        let ended = self.read_records(&mut feed, may_skip);
        self.result.is_truncated = feed.is_truncated();
        self.result.is_full &= !self.result.is_truncated;
        ended
    }

    /// Parses on one thread and checks on another: both cost about the same, and the database is mostly idle.
    fn read_records(&mut self, feed: &mut FeedReader, may_skip: bool) -> Result<(), Issue> {
        let checks = feed.checks();
        let mut live_hashes = std::mem::take(&mut self.result.live_hashes);
        let (send, records) = mpsc::sync_channel(BATCHES_AHEAD);
        let parsed = thread::scope(|scope| {
            let parser = scope.spawn(|| parse_records(feed, &mut live_hashes, may_skip, send));
            for record in records.iter().flatten() {
                self.stage_record(record, &checks);
                if self.must_stop() {
                    break;
                }
            }
            drop(records);
            parser.join()
        });
        self.result.live_hashes = live_hashes;
        let ended = parsed.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // Records before the damage are counted, although none of them is applied.
        self.flush_changes(&checks);
        self.merge_supplements();
        self.flush();
        ended
    }

    /// Checks a record and stages its items.
    fn stage_record(&mut self, record: Record, checks: &FeedChecks) {
        let Record {
            row,
            raw_hash,
            issues,
            drafts,
        } = record;
        let has_issues = !issues.is_empty();
        issues
            .into_iter()
            .for_each(|issue| self.add_issue(issue, row));
        let (changes, drafts): (Vec<_>, Vec<_>) = match self.item_lookup {
            Some(_) => drafts.into_iter().partition(Draft::is_change),
            None => (Vec::new(), drafts),
        };
        self.pending_changes.extend(changes);
        if self.pending_changes.len() >= LOOKUP_ITEMS_MAX {
            self.flush_changes(checks);
        }
        let checked = drafts.into_iter().map(|draft| checks.check(draft));
        let checked: Vec<_> = checked.collect();
        let is_clean = !has_issues && checked.iter().all(is_clean) && is_one_product(&checked);
        let raw_hash = raw_hash.filter(|_| is_clean);
        for checked in checked {
            self.stage_or_defer(checked, row, raw_hash);
        }
        if self.rows.bytes() >= BATCH_BYTES {
            self.flush();
        }
    }

    /// Sends the current batch. A missing receiver is not an error here: the receiving side knows why it stopped.
    fn flush(&mut self) {
        self.receiver_gone |= self.send.blocking_send(self.rows.take()).is_err();
    }

    fn must_stop(&self) -> bool {
        self.receiver_gone || self.result.lookup_failed || self.spill_error.is_some()
    }

    /// Adds a finding. `line` is where the record begins, for findings without a row.
    fn add_issue(&mut self, issue: Issue, line: u64) {
        // A record without an item still counts as read, and as invalid.
        if is_record_error(&issue) {
            let line = issue.row.unwrap_or(line);
            self.push_row(line, StagedKind::Bad, issue.item_id.as_deref(), None, None);
        }
        self.result.findings.add(issue);
    }

    /// Stages an item like [`Self::stage_checked`], after its supplement if the partner has supplements.
    fn stage_or_defer(&mut self, checked: Checked, line: u64, raw_hash: Option<u128>) {
        if self.supplement_lookup.is_none() {
            return self.stage_checked(checked, line, raw_hash, None);
        }
        self.pending_items.push(PendingItem {
            checked,
            line,
            raw_hash,
        });
        if self.pending_items.len() >= LOOKUP_ITEMS_MAX {
            self.merge_supplements();
        }
    }

    fn stage_checked(
        &mut self,
        checked: Checked,
        line: u64,
        raw_hash: Option<u128>,
        supplement: Option<&str>,
    ) {
        let line = Some(checked.row).filter(|row| *row > 0).unwrap_or(line);
        match checked.outcome() {
            RecordOutcome::Item(item) => self.stage_item(item, line, raw_hash, supplement),
            RecordOutcome::Removed(id) => {
                self.push_row(line, StagedKind::Removed, Some(id), None, None)
            }
            RecordOutcome::Ignored => self.push_row(line, StagedKind::Ignored, None, None, None),
            RecordOutcome::Invalid(id) => self.push_row(line, StagedKind::Bad, id, None, None),
        }
        let issues = checked.issues.into_iter();
        issues.for_each(|issue| self.result.findings.add(issue));
    }

    fn stage_item(
        &mut self,
        item: &Item,
        line: u64,
        raw_hash: Option<u128>,
        supplement: Option<&str>,
    ) {
        let (json, hash) = item.canonical();
        self.result.currencies.insert(item.price.currency);
        if self.result.items_complete {
            self.result.conflict_index.add(item);
        }
        let gtins = item.gtins.join(" ");
        let is_variant = item.group.is_some();
        let offer = item.offer(ProductState::default(), self.now);
        let search = search_text(item);
        let content = ItemContent {
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
            has_sale_or_quantity: item.sale.is_some() || item.quantity.is_some(),
        };
        self.push_row(
            line,
            StagedKind::Item,
            Some(&item.id),
            Some(content),
            raw_hash,
        );
    }

    fn push_row(
        &mut self,
        line: u64,
        kind: StagedKind,
        item_id: Option<&str>,
        content: Option<ItemContent<'_>>,
        raw_hash: Option<u128>,
    ) {
        // An id with U+0000 cannot be stored, so no product has it.
        let item_id = item_id.filter(|id| !id.contains('\0'));
        if let Some(id) = item_id {
            self.result.id_hashes.add(id);
        }
        let row = StagedRecord {
            n: self.n,
            line,
            kind,
            item_id,
            content,
            raw_hash,
        };
        self.rows.push(&row);
        if let Err(error) = self.spill.push(&row) {
            self.spill_error.get_or_insert(error);
        }
        self.n += 1;
    }
}

/// Whether the record gave an item without findings.
fn is_clean(checked: &Checked) -> bool {
    checked.item.is_some() && checked.issues.is_empty()
}

/// Whether the record gave one item, or variants of one group: the store finds products of one record by their group.
fn is_one_product(checked: &[Checked]) -> bool {
    let items = checked.iter().filter_map(|one| one.item.as_ref());
    let mut groups = items.map(|item| item.group.as_deref());
    let first = groups.next().flatten();
    groups.all(|group| group.is_some() && group == first)
}

/// The text that `q` searches, besides the stored id: the title, and the id if it is not ASCII.
fn search_text(item: &Item) -> String {
    let mut words = search_key(&item.title);
    if !item.id.is_ascii() {
        words.push('\n');
        words.push_str(&search_key(&item.id));
    }
    words
}
