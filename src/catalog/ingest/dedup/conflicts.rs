//! Detects possible conflicts across items in memory, because the database would have to scan all staged rows.
//!
//! Takes 8 bytes per GTIN, the number itself, so that there are no false matches, and 16 bytes per variant. Each list
//! is bounded by the items that a catalog can have: beyond that, GTINs are not compared further, and the database
//! looks for conflicts among variants. Pure.

use std::hash::{BuildHasher, RandomState};

use buywire_schemas::catalog::Item;

/// Entries per list, as many as a catalog can have items: 40 MB each.
const ENTRIES_MAX: usize = 5_000_000;
/// Entries by which a list grows: doubling would need three times its memory for a moment.
const RESERVE_STEP: usize = 1 << 18;
/// Bits of a group's hash that are replaced by the hash of the variant's traits.
const TRAITS_BITS: u32 = 24;

/// The hashes by which a document's items are compared.
#[derive(Debug, Default)]
pub(crate) struct ConflictIndex {
    /// Randomly seeded, so that no feed can provoke collisions.
    hasher: RandomState,
    gtins: Vec<u64>,
    /// Hashes of group and page together.
    pages: Vec<u64>,
    /// The hash of the group, with that of the traits in its low bits.
    traits: Vec<u64>,
}

impl ConflictIndex {
    /// Adds an item.
    pub(crate) fn add(&mut self, item: &Item) {
        let gtins = item.gtins.iter().filter_map(|gtin| gtin.parse().ok());
        gtins.for_each(|gtin| push_bounded(&mut self.gtins, gtin));
        let Some(group) = &item.group else {
            return;
        };
        let group = self.hasher.hash_one(group);
        let page = group.rotate_left(32) ^ item.page_hash();
        push_bounded(&mut self.pages, page);
        let group = group >> TRAITS_BITS << TRAITS_BITS;
        let traits = item.traits_hash() >> (u64::BITS - TRAITS_BITS);
        push_bounded(&mut self.traits, group | traits);
    }

    /// The GTINs that occur more than once, as 14 digits.
    pub(crate) fn duplicate_gtins(&mut self) -> Vec<String> {
        self.gtins.sort_unstable();
        let equal = self.gtins.chunk_by(|one, next| one == next);
        let repeated = equal.filter(|same| same.len() > 1);
        repeated
            .filter_map(|same| same.first())
            .map(|gtin| format!("{gtin:014}"))
            .collect()
    }

    /// False when certainly no two variants of a product share a page or differ in their traits; true when some
    /// probably do.
    pub(crate) fn variants_may_conflict(&mut self) -> bool {
        if self.pages.len() >= ENTRIES_MAX {
            return true;
        }
        self.pages.sort_unstable();
        if !self.pages.is_sorted_by(|one, next| one < next) {
            return true;
        }
        self.traits.sort_unstable();
        let differ = |one: &u64, next: &u64| one != next && (one ^ next) >> TRAITS_BITS == 0;
        !self.traits.is_sorted_by(|one, next| !differ(one, next))
    }
}

fn push_bounded(entries: &mut Vec<u64>, entry: u64) {
    if entries.len() >= ENTRIES_MAX {
        return;
    }
    if entries.len() == entries.capacity() {
        entries.reserve_exact(RESERVE_STEP);
    }
    entries.push(entry);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(group: Option<&str>, page: usize, brand: &str, gtin: &str) -> Item {
        let text = include_str!("../../../../schemas/examples/valid/catalog/shirt.json");
        let mut item: Item = serde_json::from_str(text).unwrap();
        item.group = group.map(str::to_owned);
        item.url = format!("https://shop.example/{page}");
        item.brand = Some(brand.to_owned());
        item.gtins = vec![gtin.to_owned()];
        item
    }

    #[test]
    fn a_gtin_that_comes_again_is_told_once_with_all_its_digits() {
        let mut index = ConflictIndex::default();
        for gtin in [
            "00000000000017",
            "04006381333931",
            "00000000000017",
            "00000000000024",
            "00000000000017",
        ] {
            index.add(&item(None, 1, "Ume", gtin));
        }
        assert_eq!(index.duplicate_gtins(), ["00000000000017"]);
        assert!(!index.variants_may_conflict(), "no item is a variant");
        assert_eq!(
            ConflictIndex::default().duplicate_gtins(),
            Vec::<String>::new()
        );
    }

    #[test]
    fn variants_are_noticed_that_share_a_page_or_differ() {
        let alike = || {
            let mut index = ConflictIndex::default();
            for n in 0..1_000 {
                let group = format!("g-{}", n / 4);
                index.add(&item(Some(&group), n, &format!("brand {}", n / 4), ""));
            }
            index
        };
        assert!(!alike().variants_may_conflict());
        for (page, brand) in [(40, "brand 10"), (5_000, "brand 11")] {
            let mut index = alike();
            index.add(&item(Some("g-10"), page, brand, ""));
            assert!(index.variants_may_conflict(), "{page} {brand}");
        }
        let mut index = alike();
        index.add(&item(Some("g-10"), 44, "brand 10", ""));
        assert!(
            !index.variants_may_conflict(),
            "the page of another product"
        );
    }
}
