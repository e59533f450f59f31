//! What only shows across items: ids, groups, links and GTINs that come more than once.
//!
//! For `feed check`, which has no database: everything is remembered as hashes, about 100 bytes an
//! item, up to a limit, after which later items are no longer compared ([`Across::is_full`]).
//!
//! With a database the same is found there, in the same terms, over the staged rows and what is live beside
//! them. Here an item is compared before it is known whether its id comes again: of copies the first is
//! compared with the others, there none is.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use buywire_schemas::catalog::Item;
use buywire_schemas::catalog::issue::{Code, EXCERPT_CHARS_MAX, Issue};
use buywire_schemas::money::Currency;
use twox_hash::{XxHash3_64, XxHash3_128};

/// Of so many items with an id of another, a run is refused when they are also this share.
const EXCESS_ITEMS_MIN: u64 = 10;
/// One of so many.
const EXCESS_SHARE: u64 = 10;

/// Keys are hashes already.
#[derive(Debug, Default)]
struct Already(u64);

impl Hasher for Already {
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

type Seen<K, V> = HashMap<K, V, BuildHasherDefault<Already>>;

/// Where an id was first.
#[derive(Debug, Clone, Copy)]
struct First {
    row: u64,
    said: bool,
}

/// What the first variant of a group says for all.
#[derive(Debug, Clone, Copy)]
struct Group {
    currency: Currency,
    shared: u64,
}

/// Remembers items, as hashes.
#[derive(Debug)]
pub struct Across {
    items_max: usize,
    items: u64,
    duplicates: u64,
    ids: Seen<u128, First>,
    groups: Seen<u64, Group>,
    /// Of group and link, together.
    links: Seen<u64, ()>,
    gtins: Seen<u64, ()>,
}

impl Across {
    /// Remembers at most so many items.
    #[must_use]
    pub fn new(items_max: usize) -> Self {
        Self {
            items_max,
            items: 0,
            duplicates: 0,
            ids: Seen::default(),
            groups: Seen::default(),
            links: Seen::default(),
            gtins: Seen::default(),
        }
    }

    /// Whether later items are no longer compared.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.ids.len() >= self.items_max
    }

    /// Compares an item that passed the checks with those before it, and remembers it. Of an id
    /// that comes twice both rows are said.
    pub fn look(&mut self, item: &Item, row: u64) -> Vec<Issue> {
        let mut issues = Vec::new();
        if self.is_full() {
            return issues;
        }
        self.items += 1;
        self.look_at_id(item, row, &mut issues);
        if !issues.is_empty() {
            return issues;
        }
        let mut raise = |code, attribute: &str, value: &str| {
            let issue = issue(code, attribute, item, row, value);
            issues.push(issue);
        };
        for gtin in &item.gtins {
            if self.gtins.insert(hash(gtin), ()).is_some() {
                raise(Code::GtinDuplicateAcrossItems, "gtin", gtin);
            }
        }
        let Some(group) = &item.group else {
            return issues;
        };
        let own = Group {
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

    fn look_at_id(&mut self, item: &Item, row: u64, issues: &mut Vec<Issue>) {
        let key = XxHash3_128::oneshot(item.id.as_bytes());
        let Some(first) = self.ids.get_mut(&key) else {
            self.ids.insert(key, First { row, said: false });
            return;
        };
        if !first.said {
            first.said = true;
            self.duplicates += 1;
            issues.push(issue(Code::IdDuplicate, "id", item, first.row, &item.id));
        }
        self.duplicates += 1;
        issues.push(issue(Code::IdDuplicate, "id", item, row, &item.id));
    }

    /// Items that share their id with another, all copies counted.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// What is to be said of the whole run, after its last item.
    #[must_use]
    pub fn finish(&self) -> Option<Issue> {
        let excess = self.duplicates > EXCESS_ITEMS_MIN
            && self.duplicates.saturating_mul(EXCESS_SHARE) > self.items;
        excess.then(|| Issue {
            value: Some(format!("{} of {}", self.duplicates, self.items)),
            ..Issue::new(Code::DuplicateIdsExcess)
        })
    }
}

fn hash(text: &str) -> u64 {
    XxHash3_64::oneshot(text.as_bytes())
}

/// A finding about a value of an item that passed: it is clean and holds no credential.
fn issue(code: Code, attribute: &str, item: &Item, row: u64, value: &str) -> Issue {
    Issue {
        code,
        attribute: Some(attribute.to_owned()),
        row: Some(row),
        item_id: Some(item.id.clone()),
        value: Some(value.chars().take(EXCERPT_CHARS_MAX).collect()),
    }
}
