//! The path of a document: open it, detect its format, then map and validate record after record.
//!
//! ```text
//! let mut feed = FeedReader::open(source, &hints, settings, now)?;
//! let mut raw = RawRecord::default();
//! while feed.next_record(&mut raw)? {            // a record, or the rows of one product
//!     if known(raw.hash()) { continue; }      // only if feed.is_self_contained()
//!     feed.read(&raw, &mut steps);
//! }
//! feed.finish(&mut steps);                    // the document's end is proven now
//! ```
//!
//! Promises: only the current records are in memory; a bad record is an issue and the
//! next one is read; a damaged document is an error after the records before the damage. A truncated table
//! gives the rows before the cut, and reports it.

mod deferred;
mod faults;
mod namespaces;
mod raw;
mod steps;

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, OnceLock};

use buywire_schemas::catalog::Item;
use buywire_schemas::catalog::issue::{Code, Issue};
use time::OffsetDateTime;

use self::deferred::DeferredRecords;
pub use self::deferred::{NewScratch, Scratch};
pub use self::raw::RawRecord;
pub use self::steps::FeedStep;
use super::draft::Draft;
use super::formats::{self, Format, FormatRules, MapOutput, Mapper};
use super::validate::{Checked, Rules, SignProofs, Supplement, sign_proofs};
use crate::read::{self, Document, DocumentKind, Fault, Hints};

/// Records from which the format is detected.
const SAMPLE_RECORDS: usize = 20;
/// Bytes of these records. A record is always complete.
const SAMPLE_BYTES: usize = 1 << 20;
/// Rows of one product: 2,048 variants, and as many more rows with images.
const GROUP_ROWS_MAX: usize = 4_096;
/// Bytes of one product's rows.
const GROUP_BYTES_MAX: usize = 16 << 20;

/// A partner's settings for its feed.
#[derive(Debug, Clone, Default)]
pub struct ReaderSettings {
    /// A format's name. `None`: detect it.
    pub format: Option<String>,
    /// Settings for the formats.
    pub format_rules: FormatRules,
    /// Settings for validation.
    pub rules: Rules,
    /// Creates the file for deferred records. `None`: defer only what fits into memory.
    pub scratch: Option<NewScratch>,
}

/// Reads a document to items.
pub struct FeedReader {
    document: Document,
    kind: Arc<DocumentKind>,
    format: &'static dyn Format,
    mapper: Box<dyn Mapper + Send>,
    checks: FeedChecks,
    issues: Vec<Issue>,
    preamble_hash: u128,
    /// Records read ahead to detect the format, or to find a product's end.
    lookahead: VecDeque<(u64, Vec<u8>)>,
    output: MapOutput,
    /// The sign proofs so far.
    proofs: SignProofs,
    /// The sign proofs of the last record.
    last_proofs: SignProofs,
    deferred: DeferredRecords,
    /// Whether the current record was deferred.
    is_replaying: bool,
    /// The truncation, after which nothing is read.
    truncation: Option<Issue>,
    /// Whether an unescaped `&` was reported. It is reported once.
    ampersand_reported: bool,
}

/// Validates the drafts of one feed, perhaps on another thread than the reader's.
#[derive(Debug, Clone)]
pub struct FeedChecks {
    rules: Arc<Rules>,
    /// The sign proofs of the whole document, set before the first record that needs them.
    proven: Arc<OnceLock<Rules>>,
    now: OffsetDateTime,
}

impl FeedChecks {
    /// Validates one item.
    #[must_use]
    pub fn check(&self, draft: Draft) -> Checked {
        super::validate::check(draft, self.rules(), self.now)
    }

    /// Validates a change of an existing item. `find` returns the current item.
    #[must_use]
    pub fn check_change(&self, draft: Draft, find: impl FnOnce(&str) -> Option<Item>) -> Checked {
        super::validate::check_change(draft, self.rules(), self.now, find)
    }

    /// Validates a supplement to an existing item. `find` returns the current item.
    #[must_use]
    pub fn check_supplement(
        &self,
        draft: Draft,
        find: impl FnOnce(&str) -> Option<Item>,
    ) -> (Checked, Supplement) {
        super::validate::check_supplement(draft, self.rules(), find)
    }

    fn rules(&self) -> &Rules {
        self.proven.get().unwrap_or(&self.rules)
    }
}

impl FeedReader {
    /// Opens a document and detects its format. `now` decides what is past.
    ///
    /// # Errors
    /// A run-level issue: the document is unreadable, has no records, or matches no format.
    pub fn open(
        source: impl Read + Send + 'static,
        hints: &Hints,
        settings: ReaderSettings,
        now: OffsetDateTime,
    ) -> Result<Self, Issue> {
        let mut document =
            read::open(source, hints).map_err(|fault| faults::of_document(&fault))?;
        let kind = document.kind().clone();
        let lookahead = read_sample(&mut document)?;
        if lookahead.is_empty() && !matches!(*kind, DocumentKind::Table { .. }) {
            return Err(Issue::new(Code::EmptyFeed));
        }
        let format = select_format(&kind, &lookahead, &settings)?;
        let mut issues = settings.rules.issues();
        issues.extend(namespaces::undeclared(&kind, &lookahead));
        let mapper = format.mapper(&kind, &settings.format_rules, &mut issues);
        let mut rules = settings.rules;
        rules.brand_expected = format.has_brands() && !settings.format_rules.partial;
        let preamble = raw::preamble_hash(&kind, format.name(), &settings.format_rules, &rules);
        Ok(Self {
            document,
            kind,
            format,
            mapper,
            checks: FeedChecks {
                rules: Arc::new(rules),
                proven: Arc::default(),
                now,
            },
            issues,
            preamble_hash: preamble,
            lookahead,
            output: MapOutput::default(),
            proofs: SignProofs::default(),
            last_proofs: SignProofs::default(),
            deferred: DeferredRecords::new(settings.scratch),
            is_replaying: false,
            truncation: None,
            ampersand_reported: false,
        })
    }

    /// The format that was declared or detected.
    #[must_use]
    pub fn format(&self) -> &'static dyn Format {
        self.format
    }

    /// Findings about the whole document before its first record: columns that are missing,
    /// duplicate or unknown.
    #[must_use]
    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }

    /// Whether an unchanged record gives the same result as before. If not, no record may be skipped.
    #[must_use]
    pub fn is_self_contained(&self) -> bool {
        self.mapper.is_self_contained()
    }

    /// Reads the next record, or the rows of the next product, without parsing. False at the
    /// document's proven end.
    ///
    /// # Errors
    /// A run-level issue: the document is damaged from here on.
    pub fn next_record(&mut self, raw: &mut RawRecord) -> Result<bool, Issue> {
        raw.begin(self.preamble_hash);
        if self.is_replaying || self.is_truncated() || !self.read_next(raw)? {
            return self.next_deferred(raw);
        }
        while self.mapper.groups_rows()
            && raw.rows() < GROUP_ROWS_MAX
            && raw.bytes() < GROUP_BYTES_MAX
        {
            if !self.next_continues_group(raw)? {
                break;
            }
            self.read_next(raw)?;
        }
        raw.seal();
        Ok(true)
    }

    /// Whether the document was truncated, known once it has ended. Then nothing may count as missing from it.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.truncation.is_some()
    }

    /// Parses, maps and validates a record. All steps belong to this record: if one of them has
    /// an issue, the record must be read again next time, or the issue would seem to be fixed.
    pub fn read(&mut self, raw: &RawRecord, steps: &mut Vec<FeedStep>) {
        let mut issues = Vec::new();
        let drafts = self.drafts(raw, &mut issues);
        self.push_checked(drafts, issues, steps);
    }

    /// The same without validation: for feeds that change existing items, whose records are not
    /// whole items, and for validation on another thread.
    ///
    /// A record whose numbers only the whole document explains gives its drafts at the document's end.
    pub fn drafts(&mut self, raw: &RawRecord, issues: &mut Vec<Issue>) -> Vec<Draft> {
        let mut found = Vec::new();
        let rows = steps::parse_rows(&self.kind, raw, &mut found);
        self.truncation = self.truncation.take().or(rows.truncation);
        if rows.ampersand.is_some() && !std::mem::replace(&mut self.ampersand_reported, true) {
            found.push(Issue {
                row: rows.ampersand,
                ..Issue::new(Code::AmpersandUnescaped)
            });
        }
        self.mapper.drafts(&rows.rows, &mut self.output);
        let drafts = self.take_output(&mut found);
        if self.is_replaying {
            // Its other findings were reported when it was first read.
            return drafts;
        }
        issues.append(&mut found);
        self.last_proofs = SignProofs::default();
        let mut must_defer = false;
        for draft in &drafts {
            let (proofs, is_ambiguous) = sign_proofs(draft, &self.checks.rules);
            self.last_proofs.merge(proofs);
            must_defer |= is_ambiguous;
        }
        self.proofs.merge(self.last_proofs);
        match must_defer && self.deferred.push(raw) {
            true => Vec::new(),
            false => drafts,
        }
    }

    /// The hash that recognises the record just parsed. It includes what its numbers prove.
    #[must_use]
    pub fn fingerprint(&self, raw: &RawRecord) -> u128 {
        raw.hash() | self.last_proofs.bits()
    }

    /// Adds the sign proofs of a recognised record, which is not parsed.
    pub fn merge_proofs(&mut self, fingerprint: u128) {
        self.proofs.merge(SignProofs::from_hash(fingerprint));
    }

    /// Emits what is left at the document's end. Call it once, after [`Self::next_record`] has
    /// returned false.
    pub fn finish(&mut self, steps: &mut Vec<FeedStep>) {
        let mut issues = Vec::new();
        let drafts = self.finish_drafts(&mut issues);
        self.push_checked(drafts, issues, steps);
    }

    /// Like [`Self::finish`], without validation.
    pub fn finish_drafts(&mut self, issues: &mut Vec<Issue>) -> Vec<Draft> {
        self.mapper.finish(&mut self.output);
        issues.extend(self.truncation.clone());
        self.take_output(issues)
    }

    /// The validator of this feed's drafts.
    #[must_use]
    pub fn checks(&self) -> FeedChecks {
        self.checks.clone()
    }

    /// At the document's end, its proofs are known, and the deferred records follow.
    fn next_deferred(&mut self, raw: &mut RawRecord) -> Result<bool, Issue> {
        self.is_replaying = true;
        self.checks.proven.get_or_init(|| Rules {
            proofs: self.proofs,
            ..Rules::clone(&self.checks.rules)
        });
        let next = self.deferred.next(raw);
        let fault = |error: std::io::Error| Fault::ReadFailed(error.to_string());
        let next = next.map_err(|error| faults::of_document(&fault(error)))?;
        if next {
            raw.seal();
        }
        Ok(next)
    }

    fn take_output(&mut self, issues: &mut Vec<Issue>) -> Vec<Draft> {
        let (drafts, found) = self.output.take();
        issues.extend(found);
        drafts
    }

    fn push_checked(&self, drafts: Vec<Draft>, issues: Vec<Issue>, steps: &mut Vec<FeedStep>) {
        steps.extend(issues.into_iter().map(FeedStep::Issue));
        let checked = drafts.into_iter().map(|draft| self.checks.check(draft));
        steps.extend(checked.map(|checked| FeedStep::Item(Box::new(checked))));
    }

    /// Moves the next record into `raw`.
    fn read_next(&mut self, raw: &mut RawRecord) -> Result<bool, Issue> {
        if let Some((row, bytes)) = self.lookahead.pop_front() {
            raw.add(row, &bytes);
            return Ok(true);
        }
        let next = self.document.next();
        let next = next.map_err(|fault| faults::of_document(&fault))?;
        if let Some(record) = next {
            raw.add(record.row, record.raw);
            return Ok(true);
        }
        self.truncation = self.document.truncation().map(faults::of_truncation);
        Ok(false)
    }

    /// Whether the record after those in `raw` belongs to the same product. A damaged record never does.
    fn next_continues_group(&mut self, raw: &RawRecord) -> Result<bool, Issue> {
        if self.lookahead.is_empty() {
            // A fault is reported in its turn: the rows before it are complete.
            let Ok(Some(record)) = self.document.next() else {
                return Ok(false);
            };
            self.lookahead.push_back((record.row, record.raw.to_vec()));
        }
        let (Some((_, last)), Some((_, next))) = (raw.last(), self.lookahead.front()) else {
            return Ok(false);
        };
        let (Ok(last), Ok(next)) = (self.kind.parse(last), self.kind.parse(next)) else {
            return Ok(false);
        };
        Ok(self.mapper.continues_group(&last, &next))
    }
}

/// The first records. Damage after the first is reported in its turn.
fn read_sample(document: &mut Document) -> Result<VecDeque<(u64, Vec<u8>)>, Issue> {
    let mut lookahead = VecDeque::new();
    let mut bytes = 0;
    while lookahead.len() < SAMPLE_RECORDS && bytes < SAMPLE_BYTES {
        match document.next() {
            Ok(Some(record)) => {
                bytes += record.raw.len();
                lookahead.push_back((record.row, record.raw.to_vec()));
            }
            Ok(None) => break,
            Err(fault) if lookahead.is_empty() => return Err(faults::of_document(&fault)),
            Err(_) => break,
        }
    }
    Ok(lookahead)
}

fn select_format(
    kind: &DocumentKind,
    lookahead: &VecDeque<(u64, Vec<u8>)>,
    settings: &ReaderSettings,
) -> Result<&'static dyn Format, Issue> {
    let Some(name) = &settings.format else {
        let first = lookahead.iter().filter_map(|(_, raw)| kind.parse(raw).ok());
        let first: Vec<_> = first.collect();
        return formats::detect(kind, &first, &settings.format_rules);
    };
    formats::by_name(name).ok_or_else(|| Issue {
        value: Some(name.chars().take(100).collect()),
        ..Issue::new(Code::FormatUnknown)
    })
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
