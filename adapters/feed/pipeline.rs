//! The whole way of a document: opened, its format found, record after record mapped and checked.
//!
//! ```text
//! let mut feed = Feed::open(source, &hints, settings, now)?;
//! let mut raw = Raw::default();
//! while feed.next_raw(&mut raw)? {            // a record, or the rows of one product
//!     if known(raw.hash()) { continue; }      // only if feed.is_self_contained()
//!     feed.read(&raw, &mut steps);
//! }
//! feed.finish(&mut steps);                    // the document's end is proven now
//! ```
//!
//! Promises: nothing is held but the records being looked at; a bad record is an issue and the
//! next one is read; a damaged document is an error after the records before the damage. A table that was cut
//! gives the rows before the cut, and says that it was.

mod faults;
mod held;
mod namespaces;
mod raw;
mod steps;

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, OnceLock};

use buywire_schemas::catalog::Item;
use buywire_schemas::catalog::issue::{Code, Issue};
use time::OffsetDateTime;

use self::held::Held;
pub use self::held::{NewScratch, Scratch};
pub use self::raw::Raw;
pub use self::steps::Step;
use super::check::{Checked, Proofs, Rules, Supplement, look};
use super::draft::Draft;
use super::formats::{self, Format, FormatRules, Harvest, Mapper};
use crate::read::{self, Document, Fault, Hints, Kind};

/// Records that decide on the format.
const SAMPLE_RECORDS: usize = 20;
/// So much of them is held at most; a record is held whole.
const SAMPLE_BYTES: usize = 1 << 20;
/// Rows of one product: 2,048 variants, and as many more rows with images.
const GROUP_ROWS_MAX: usize = 4_096;
/// Bytes of one product's rows.
const GROUP_BYTES_MAX: usize = 16 << 20;

/// What a partner's settings say of its feed.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// A format's name; none: it is found out.
    pub format: Option<String>,
    /// What the formats need.
    pub format_rules: FormatRules,
    /// What the checks need.
    pub rules: Rules,
    /// Where records wait that only the document's end can judge; none: as many as fit into memory do.
    pub scratch: Option<NewScratch>,
}

/// A document on its way to items.
pub struct Feed {
    document: Document,
    kind: Arc<Kind>,
    format: &'static dyn Format,
    mapper: Box<dyn Mapper + Send>,
    checks: Checks,
    issues: Vec<Issue>,
    preamble: u128,
    /// Records that were read to find the format, or to see where a product ends.
    ahead: VecDeque<(u64, Vec<u8>)>,
    harvest: Harvest,
    /// What the numbers so far prove.
    proofs: Proofs,
    /// What those of the last record did.
    last_proofs: Proofs,
    held: Held,
    /// The record at hand was held, and now it is its turn.
    is_held: bool,
    /// The document was found to be cut: nothing is read behind this.
    cut: Option<Issue>,
    /// That an `&` is not escaped is told once.
    ampersand_told: bool,
}

/// The checks of one feed, which may be made on another thread than the reading.
#[derive(Debug, Clone)]
pub struct Checks {
    rules: Arc<Rules>,
    /// The same, with what the whole document proves: there before the first record that needs it.
    proven: Arc<OnceLock<Rules>>,
    now: OffsetDateTime,
}

impl Checks {
    /// Judges one item.
    #[must_use]
    pub fn check(&self, draft: Draft) -> Checked {
        super::check::check(draft, self.rules(), self.now)
    }

    /// Judges a change of an item that exists. `find` gives the item as it is.
    #[must_use]
    pub fn change(&self, draft: Draft, find: impl FnOnce(&str) -> Option<Item>) -> Checked {
        super::check::check_change(draft, self.rules(), self.now, find)
    }

    /// Judges what a supplemental feed says of an item that exists. `find` gives the item as it is.
    #[must_use]
    pub fn supplement(
        &self,
        draft: Draft,
        find: impl FnOnce(&str) -> Option<Item>,
    ) -> (Checked, Supplement) {
        super::check::check_supplement(draft, self.rules(), find)
    }

    fn rules(&self) -> &Rules {
        self.proven.get().unwrap_or(&self.rules)
    }
}

impl Feed {
    /// Opens a document and finds its format. `now` decides what is past.
    ///
    /// # Errors
    /// A run-level issue: it cannot be read, has no records, or is of no known format.
    pub fn open(
        source: impl Read + Send + 'static,
        hints: &Hints,
        settings: Settings,
        now: OffsetDateTime,
    ) -> Result<Self, Issue> {
        let mut document =
            read::open(source, hints).map_err(|fault| faults::of_document(&fault))?;
        let kind = document.kind().clone();
        let ahead = sample(&mut document)?;
        if ahead.is_empty() && !matches!(*kind, Kind::Table { .. }) {
            return Err(Issue::new(Code::EmptyFeed));
        }
        let format = choose(&kind, &ahead, &settings)?;
        let mut issues = settings.rules.issues();
        issues.extend(namespaces::undeclared(&kind, &ahead));
        let mapper = format.mapper(&kind, &settings.format_rules, &mut issues);
        let mut rules = settings.rules;
        rules.brand_expected = format.speaks_of_brands() && !settings.format_rules.partial;
        let preamble = raw::preamble(&kind, format.name(), &settings.format_rules, &rules);
        Ok(Self {
            document,
            kind,
            format,
            mapper,
            checks: Checks {
                rules: Arc::new(rules),
                proven: Arc::default(),
                now,
            },
            issues,
            preamble,
            ahead,
            harvest: Harvest::default(),
            proofs: Proofs::default(),
            last_proofs: Proofs::default(),
            held: Held::new(settings.scratch),
            is_held: false,
            cut: None,
            ampersand_told: false,
        })
    }

    /// The format that was declared or found.
    #[must_use]
    pub fn format(&self) -> &'static dyn Format {
        self.format
    }

    /// What is to be said of the whole document before its first record: columns that are missing,
    /// doubled or unknown.
    #[must_use]
    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }

    /// Whether a record that has not changed gives what it gave before. If not, none may be skipped.
    #[must_use]
    pub fn is_self_contained(&self) -> bool {
        self.mapper.is_self_contained()
    }

    /// The next record, or the rows of the next product, not yet taken apart; false at the
    /// document's proven end.
    ///
    /// # Errors
    /// A run-level issue: the document is damaged from here on.
    pub fn next_raw(&mut self, raw: &mut Raw) -> Result<bool, Issue> {
        raw.begin(self.preamble);
        if self.is_held || self.is_cut() || !self.add_next(raw)? {
            return self.next_held(raw);
        }
        while self.mapper.groups() && raw.rows() < GROUP_ROWS_MAX && raw.bytes() < GROUP_BYTES_MAX {
            if !self.next_joins(raw)? {
                break;
            }
            self.add_next(raw)?;
        }
        raw.seal();
        Ok(true)
    }

    /// Whether the document was found to be cut, once it has ended: nothing may count as missing from it then.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.cut.is_some()
    }

    /// Takes a record apart, maps and checks it. All steps belong to this record: if one of them has
    /// an issue, the record must be read again the next time, or the issue would seem to be gone.
    pub fn read(&mut self, raw: &Raw, steps: &mut Vec<Step>) {
        let mut issues = Vec::new();
        let drafts = self.drafts(raw, &mut issues);
        self.check(drafts, issues, steps);
    }

    /// The same without the checks: for feeds that change items that exist, whose records are no
    /// whole items, and for checks on another thread.
    ///
    /// One whose numbers only the whole document explains gives its drafts at the document's end.
    pub fn drafts(&mut self, raw: &Raw, issues: &mut Vec<Issue>) -> Vec<Draft> {
        let mut found = Vec::new();
        let rows = steps::parsed(&self.kind, raw, &mut found);
        self.cut = self.cut.take().or(rows.cut);
        if rows.ampersand.is_some() && !std::mem::replace(&mut self.ampersand_told, true) {
            found.push(Issue {
                row: rows.ampersand,
                ..Issue::new(Code::AmpersandUnescaped)
            });
        }
        self.mapper.drafts(&rows.rows, &mut self.harvest);
        let drafts = self.take(&mut found);
        if self.is_held {
            // What else there is to say was said when it was read first.
            return drafts;
        }
        issues.append(&mut found);
        self.last_proofs = Proofs::default();
        let mut must_wait = false;
        for draft in &drafts {
            let (proofs, is_ambiguous) = look(draft, &self.checks.rules);
            self.last_proofs.join(proofs);
            must_wait |= is_ambiguous;
        }
        self.proofs.join(self.last_proofs);
        match must_wait && self.held.put(raw) {
            true => Vec::new(),
            false => drafts,
        }
    }

    /// By what the record that was just taken apart is recognised: with it comes what its numbers prove.
    #[must_use]
    pub fn fingerprint(&self, raw: &Raw) -> u128 {
        raw.hash() | self.last_proofs.bits()
    }

    /// Counts what a record proves that was recognised and is not taken apart.
    pub fn recognise(&mut self, fingerprint: u128) {
        self.proofs.join(Proofs::of_hash(fingerprint));
    }

    /// What is left to say at the document's end. To be called once, after [`Self::next_raw`] has
    /// returned false.
    pub fn finish(&mut self, steps: &mut Vec<Step>) {
        let mut issues = Vec::new();
        let drafts = self.last_drafts(&mut issues);
        self.check(drafts, issues, steps);
    }

    /// As [`Self::finish`], without the checks.
    pub fn last_drafts(&mut self, issues: &mut Vec<Issue>) -> Vec<Draft> {
        self.mapper.finish(&mut self.harvest);
        issues.extend(self.cut.clone());
        self.take(issues)
    }

    /// What checks this feed's drafts.
    #[must_use]
    pub fn checks(&self) -> Checks {
        self.checks.clone()
    }

    /// The document is at its end: what it proves is known, and the records that wait for it come.
    fn next_held(&mut self, raw: &mut Raw) -> Result<bool, Issue> {
        self.is_held = true;
        self.checks.proven.get_or_init(|| Rules {
            proofs: self.proofs,
            ..Rules::clone(&self.checks.rules)
        });
        let next = self.held.next(raw);
        let fault = |error: std::io::Error| Fault::ReadFailed(error.to_string());
        let next = next.map_err(|error| faults::of_document(&fault(error)))?;
        if next {
            raw.seal();
        }
        Ok(next)
    }

    fn take(&mut self, issues: &mut Vec<Issue>) -> Vec<Draft> {
        let (drafts, found) = self.harvest.take();
        issues.extend(found);
        drafts
    }

    fn check(&self, drafts: Vec<Draft>, issues: Vec<Issue>, steps: &mut Vec<Step>) {
        steps.extend(issues.into_iter().map(Step::Issue));
        let checked = drafts.into_iter().map(|draft| self.checks.check(draft));
        steps.extend(checked.map(|checked| Step::Item(Box::new(checked))));
    }

    /// Moves the next record into `raw`.
    fn add_next(&mut self, raw: &mut Raw) -> Result<bool, Issue> {
        if let Some((row, bytes)) = self.ahead.pop_front() {
            raw.add(row, &bytes);
            return Ok(true);
        }
        let next = self.document.next();
        let next = next.map_err(|fault| faults::of_document(&fault))?;
        if let Some(record) = next {
            raw.add(record.row, record.raw);
            return Ok(true);
        }
        self.cut = self.document.cut().map(faults::of_cut);
        Ok(false)
    }

    /// Whether the record after those in `raw` is of the same product. A damaged record is of none.
    fn next_joins(&mut self, raw: &Raw) -> Result<bool, Issue> {
        if self.ahead.is_empty() {
            // A fault is told when its turn comes: the rows before it are whole.
            let Ok(Some(record)) = self.document.next() else {
                return Ok(false);
            };
            self.ahead.push_back((record.row, record.raw.to_vec()));
        }
        let (Some((_, last)), Some((_, next))) = (raw.last(), self.ahead.front()) else {
            return Ok(false);
        };
        let (Ok(last), Ok(next)) = (self.kind.parse(last), self.kind.parse(next)) else {
            return Ok(false);
        };
        Ok(self.mapper.joins(&last, &next))
    }
}

/// The first records. Damage after the first of them is told when its turn comes.
fn sample(document: &mut Document) -> Result<VecDeque<(u64, Vec<u8>)>, Issue> {
    let mut ahead = VecDeque::new();
    let mut bytes = 0;
    while ahead.len() < SAMPLE_RECORDS && bytes < SAMPLE_BYTES {
        match document.next() {
            Ok(Some(record)) => {
                bytes += record.raw.len();
                ahead.push_back((record.row, record.raw.to_vec()));
            }
            Ok(None) => break,
            Err(fault) if ahead.is_empty() => return Err(faults::of_document(&fault)),
            Err(_) => break,
        }
    }
    Ok(ahead)
}

fn choose(
    kind: &Kind,
    ahead: &VecDeque<(u64, Vec<u8>)>,
    settings: &Settings,
) -> Result<&'static dyn Format, Issue> {
    let Some(name) = &settings.format else {
        let first = ahead.iter().filter_map(|(_, raw)| kind.parse(raw).ok());
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
