//! Whether ids come twice, or differ only in capital letters: told before the database is asked, which costs it a walk
//! through all that was read.
//!
//! Sixteen bytes an id, so that a million of them fits beside everything else. Pure.

use std::hash::{BuildHasher, RandomState};

/// The ids of a document.
#[derive(Debug, Default)]
pub(crate) struct IdHashes {
    /// Nobody outside can find ids that look alike.
    hasher: RandomState,
    hashes: Vec<u64>,
    /// Of the same ids in small letters.
    lowercase: Vec<u64>,
}

impl IdHashes {
    /// Takes one.
    pub(crate) fn add(&mut self, id: &str) {
        let hash = self.hasher.hash_one(id);
        self.hashes.push(hash);
        self.lowercase
            .push(match id.bytes().any(|byte| byte.is_ascii_uppercase()) {
                true => self.hasher.hash_one(id.to_ascii_lowercase()),
                false => hash,
            });
    }

    /// False: no two of them are equal. True: most likely two are.
    pub(crate) fn may_repeat(&mut self) -> bool {
        distinct(&mut self.hashes) < self.hashes.len()
    }

    /// False: none of them differ only in capital letters. True: most likely some do.
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
