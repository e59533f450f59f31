//! Finds conflicts across items: repeated ids, groups, links and GTINs.
//!
//! For `feed check`, which has no database: everything is kept as hashes, about 100 bytes per
//! item, up to a limit beyond which items are no longer compared ([`CrossItemChecks::is_full`]).
//!
//! With a database, the same conflicts are found there, over the staged rows and the live ones beside
//! them. Items that share an id are not compared. Whether an id recurs is known only at the end: if
//! that matters, the document is read again with its [`DuplicateIds`].

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use buywire_schemas::catalog::Item;
use buywire_schemas::catalog::issue::{Code, EXCERPT_CHARS_MAX, Issue};
use buywire_schemas::money::Currency;
use twox_hash::{XxHash3_64, XxHash3_128};

/// A run with this many duplicates or fewer is never refused for them, whatever their share.
pub const DUPLICATE_IDS_MAX: u64 = 10;
/// A run with more duplicates than `DUPLICATE_IDS_MAX` is refused when they exceed this share of its records.
pub const DUPLICATE_IDS_PERCENT_MAX: u64 = 10;

/// Whether so many of a run's records share an id with another that the ids themselves must be wrong.
#[must_use]
pub const fn has_excess_duplicates(duplicates: u64, records: u64) -> bool {
    duplicates > DUPLICATE_IDS_MAX
        && duplicates.saturating_mul(100) > records.saturating_mul(DUPLICATE_IDS_PERCENT_MAX)
}

/// Keys are hashes already.
#[derive(Debug, Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = XxHash3_64::oneshot(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write_u128(&mut self, hash: u128) {
        // The lower half is as good a hash as the whole.
        self.0 = (hash & u128::from(u64::MAX)) as u64;
    }
}

type KeyMap<K, V> = HashMap<K, V, BuildHasherDefault<KeyHasher>>;

/// The first occurrence of an id.
#[derive(Debug, Clone, Copy)]
struct FirstRow {
    row: u64,
    is_reported: bool,
    is_good: bool,
}

/// The traits of a group's first variant.
#[derive(Debug, Clone, Copy)]
struct GroupTraits {
    currency: Currency,
    shared: u64,
}

/// The ids that occur more than once in a document.
#[derive(Debug, Clone, Default)]
pub struct DuplicateIds(HashSet<u128, BuildHasherDefault<KeyHasher>>);

/// Keeps items as hashes, and compares new ones with them.
#[derive(Debug)]
pub struct CrossItemChecks {
    items_max: usize,
    duplicates: u64,
    /// Of these, the valid ones.
    valid_duplicates: u64,
    duplicate_ids: DuplicateIds,
    has_new_duplicates: bool,
    ids: KeyMap<u128, FirstRow>,
    /// The first id of each lower-case spelling.
    spellings: KeyMap<u64, u128>,
    groups: KeyMap<u64, GroupTraits>,
    /// Hashes of group and link together.
    links: KeyMap<u64, ()>,
    gtins: KeyMap<u64, ()>,
}

impl CrossItemChecks {
    /// Keeps at most this many items.
    #[must_use]
    pub fn new(items_max: usize) -> Self {
        Self::with_duplicates(items_max, DuplicateIds::default())
    }

    /// The same, if the duplicate ids are already known.
    #[must_use]
    pub fn with_duplicates(items_max: usize, duplicate_ids: DuplicateIds) -> Self {
        Self {
            items_max,
            duplicates: 0,
            valid_duplicates: 0,
            duplicate_ids,
            has_new_duplicates: false,
            ids: KeyMap::default(),
            spellings: KeyMap::default(),
            groups: KeyMap::default(),
            links: KeyMap::default(),
            gtins: KeyMap::default(),
        }
    }

    /// Whether later items are no longer compared.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.ids.len() >= self.items_max
    }

    /// Compares a valid item with those before it, and keeps it. Of an id
    /// that occurs twice, both rows are reported.
    pub fn check(&mut self, item: &Item, row: u64) -> Vec<Issue> {
        if self.is_full() {
            return Vec::new();
        }
        let mut issues = self.record_id(&item.id, row, true);
        if !issues.is_empty() || self.duplicate_ids.0.contains(&key(&item.id)) {
            return issues;
        }
        let mut raise = |code, attribute: &str, value: &str| {
            let issue = issue(code, attribute, &item.id, row, value);
            issues.push(issue);
        };
        let key = key(&item.id);
        let small = hash(&item.id.to_ascii_lowercase());
        if *self.spellings.entry(small).or_insert(key) != key {
            raise(Code::IdCaseConflict, "id", &item.id);
        }
        for gtin in &item.gtins {
            if self.gtins.insert(hash(gtin), ()).is_some() {
                raise(Code::GtinDuplicateAcrossItems, "gtin", gtin);
            }
        }
        let Some(group) = &item.group else {
            return issues;
        };
        let own = GroupTraits {
            currency: item.price.currency,
            shared: item.traits_hash(),
        };
        let first = *self.groups.entry(hash(group)).or_insert(own);
        if first.currency != own.currency {
            raise(Code::GroupCurrencyConflict, "price", own.currency.code());
        }
        if first.shared != own.shared {
            raise(Code::GroupAttributeConflict, "group", group);
        }
        let page = hash(&format!("{group}\n{}", item.url));
        if self.links.insert(page, ()).is_some() {
            raise(Code::LinkSharedByVariants, "url", &item.url);
        }
        issues
    }

    /// Keeps the id of a record, valid or not.
    pub fn record_id(&mut self, id: &str, row: u64, is_good: bool) -> Vec<Issue> {
        let mut issues = Vec::new();
        if self.is_full() {
            return issues;
        }
        let key = key(id);
        let Some(first) = self.ids.get_mut(&key) else {
            let first = FirstRow {
                row,
                is_reported: false,
                is_good,
            };
            self.ids.insert(key, first);
            return issues;
        };
        if !std::mem::replace(&mut first.is_reported, true) {
            self.has_new_duplicates |= self.duplicate_ids.0.insert(key);
            self.duplicates += 1;
            self.valid_duplicates += u64::from(first.is_good);
            issues.push(issue(Code::IdDuplicate, "id", id, first.row, id));
        }
        self.duplicates += 1;
        self.valid_duplicates += u64::from(is_good);
        issues.push(issue(Code::IdDuplicate, "id", id, row, id));
        issues
    }

    /// The number of items that share their id with another.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// The number of these that are otherwise valid. None of them is accepted.
    #[must_use]
    pub fn valid_duplicates(&self) -> u64 {
        self.valid_duplicates
    }

    /// Whether there are duplicates that were not known before.
    #[must_use]
    pub fn has_new_duplicates(&self) -> bool {
        self.has_new_duplicates
    }

    /// The duplicate ids so far.
    #[must_use]
    pub fn duplicate_ids(&self) -> &DuplicateIds {
        &self.duplicate_ids
    }

    /// The finding about the whole run, if any, given the number of its records.
    #[must_use]
    pub fn finish(&self, read: u64) -> Option<Issue> {
        has_excess_duplicates(self.duplicates, read).then(|| Issue {
            value: Some(format!("{} of {read}", self.duplicates)),
            ..Issue::new(Code::DuplicateIdsExcess)
        })
    }
}

fn key(id: &str) -> u128 {
    XxHash3_128::oneshot(id.as_bytes())
}

fn hash(text: &str) -> u64 {
    XxHash3_64::oneshot(text.as_bytes())
}

/// A finding about an id or a value of a valid item, which is clean and contains no credentials.
fn issue(code: Code, attribute: &str, id: &str, row: u64, value: &str) -> Issue {
    Issue {
        code,
        attribute: Some(attribute.to_owned()),
        row: Some(row),
        item_id: Some(id.to_owned()),
        value: Some(value.chars().take(EXCERPT_CHARS_MAX).collect()),
    }
}
