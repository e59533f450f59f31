//! The sorted raw hashes of the live catalog's records, and which of them the feed has repeated.
//!
//! Takes 20 bytes per product, so that a million products fit in memory. Pure.

use std::collections::BTreeSet;

use buywire_feeds::validate::SignProofs;

/// Recognises live records by their hashes; see the module.
#[derive(Debug, Default)]
pub(crate) struct LiveHashes {
    /// Sorted; the hash of a record that made several products occurs once for each.
    hashes: Vec<u128>,
    /// The line of the feed's first record with this hash, kept at the first of equal hashes; 0 before that.
    lines: Vec<u32>,
    /// Products of recognised records, counted for each occurrence.
    recognised_products: u64,
    repeated: BTreeSet<u128>,
    repeats: Vec<(u128, u64)>,
}

impl LiveHashes {
    /// Starts with the hashes of the live catalog.
    pub(crate) fn new(mut hashes: Vec<u128>) -> Self {
        hashes.sort_unstable();
        let lines = vec![0; hashes.len()];
        Self {
            hashes,
            lines,
            ..Self::default()
        }
    }

    /// Returns the fingerprint of the live record with this hash, if there is one, and marks it as present in the feed.
    pub(crate) fn recognise(&mut self, hash: u128, line: u64) -> Option<u128> {
        let first = self.hashes.partition_point(|live| *live < hash);
        let fingerprint = *self.hashes.get(first)?;
        if fingerprint & !SignProofs::MASK != hash {
            return None;
        }
        let equal = self
            .hashes
            .get(first..)
            .unwrap_or_default()
            .iter()
            .take_while(|live| **live == fingerprint)
            .count();
        let first_line = self.lines.get_mut(first)?;
        self.recognised_products += equal as u64;
        if *first_line == 0 {
            *first_line = u32::try_from(line.max(1)).unwrap_or(u32::MAX);
            return Some(fingerprint);
        }
        if self.repeated.insert(fingerprint) {
            self.repeats.push((fingerprint, u64::from(*first_line)));
        }
        self.repeats.push((fingerprint, line));
        Some(fingerprint)
    }

    /// The number of products of recognised records, counted for each occurrence.
    pub(crate) fn recognised_products(&self) -> u64 {
        self.recognised_products
    }

    /// Every occurrence of records that occur more than once, with its line.
    pub(crate) fn repeats(&self) -> &[(u128, u64)] {
        &self.repeats
    }

    /// The line of a record's first occurrence.
    pub(crate) fn first_line(&self, hash: u128) -> Option<u64> {
        let first = self.hashes.partition_point(|live| *live < hash);
        let line = self.lines.get(first).copied().filter(|line| *line > 0);
        line.filter(|_| self.hashes.get(first) == Some(&hash))
            .map(u64::from)
    }

    /// The hashes of live records that the feed does not have, each once.
    pub(crate) fn absent(&self) -> impl Iterator<Item = u128> {
        let mut before = None;
        self.hashes
            .iter()
            .zip(&self.lines)
            .filter_map(move |(hash, line)| {
                let is_first = before.replace(*hash) != Some(*hash);
                (is_first && *line == 0).then_some(*hash)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_is_counted_by_product_and_the_rest_is_told() {
        let hash = |n: u128| n * (SignProofs::MASK + 1);
        // The sign proofs of a record are in the low bits of its hash.
        let three = hash(3) | 5;
        let mut live_hashes = LiveHashes::new(vec![hash(5), three, three, hash(9)]);
        for other in [4, 10, 1] {
            assert_eq!(live_hashes.recognise(hash(other), 2), None);
        }
        assert_eq!(live_hashes.recognise(hash(3), 5), Some(three));
        assert_eq!(live_hashes.recognised_products(), 2);
        assert_eq!(live_hashes.absent().collect::<Vec<_>>(), [hash(5), hash(9)]);
        let lines = [three, hash(9), hash(4)].map(|one| live_hashes.first_line(one));
        assert_eq!(lines, [Some(5), None, None]);
        for line in 6..9 {
            assert_eq!(live_hashes.recognise(hash(9), line), Some(hash(9)));
        }
        let repeats = [6, 7, 8].map(|line| (hash(9), line));
        assert_eq!(live_hashes.repeats(), repeats);
        assert_eq!(live_hashes.recognised_products(), 5);
        assert_eq!(live_hashes.absent().collect::<Vec<_>>(), [hash(5)]);
    }

    #[test]
    fn of_nothing_nothing_is_known() {
        let mut live_hashes = LiveHashes::default();
        assert_eq!(live_hashes.recognise(0, 1), None);
        assert_eq!(live_hashes.absent().count(), 0);
    }
}
