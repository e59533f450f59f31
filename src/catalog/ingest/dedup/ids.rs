//! Detects ids that repeat or differ only in case, because the database would have to scan all staged rows.
//!
//! Takes 16 bytes per id, so that a million ids fit in memory. Pure.

use std::hash::{BuildHasher, RandomState};

/// The hashes of a document's ids.
#[derive(Debug, Default)]
pub(crate) struct IdHashes {
    /// Randomly seeded, so that no feed can provoke collisions.
    hasher: RandomState,
    hashes: Vec<u64>,
    /// Hashes of the ids in lower case.
    lowercase: Vec<u64>,
}

impl IdHashes {
    /// Adds an id.
    pub(crate) fn add(&mut self, id: &str) {
        let hash = self.hasher.hash_one(id);
        self.hashes.push(hash);
        self.lowercase
            .push(match id.bytes().any(|byte| byte.is_ascii_uppercase()) {
                true => self.hasher.hash_one(id.to_ascii_lowercase()),
                false => hash,
            });
    }

    /// False when certainly no two ids are equal; true when two probably are.
    pub(crate) fn may_repeat(&mut self) -> bool {
        distinct(&mut self.hashes) < self.hashes.len()
    }

    /// False when certainly no two ids differ only in case; true when some probably do.
    pub(crate) fn may_differ_in_case(&mut self) -> bool {
        distinct(&mut self.lowercase) < distinct(&mut self.hashes)
    }
}

fn distinct(hashes: &mut [u64]) -> usize {
    hashes.sort_unstable();
    hashes.chunk_by(|one, next| one == next).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_comes_twice_is_noticed_wherever_it_stands() {
        let mut ids = IdHashes::default();
        assert!(!ids.may_repeat());
        (0..1_000).for_each(|number| ids.add(&number.to_string()));
        assert!(!ids.may_repeat());
        ids.add("500");
        assert!(ids.may_repeat() && !ids.may_differ_in_case());
    }

    #[test]
    fn ids_that_differ_in_capital_letters_are_noticed() {
        let mut ids = IdHashes::default();
        for id in ["Shirt", "SHIRT-m", "Shirt", "mug"] {
            ids.add(id);
        }
        assert!(!ids.may_differ_in_case(), "one comes twice");
        ids.add("shirt-M");
        assert!(ids.may_differ_in_case());
    }
}
