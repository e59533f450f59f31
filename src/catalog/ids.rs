//! Whether ids come twice: told before the database is asked, which costs it a walk through all that was read.
//!
//! Eight bytes an id, so that a million of them fits beside everything else. Pure.

use std::hash::{BuildHasher, RandomState};

/// The ids of a document.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// Nobody outside can find ids that look alike.
    keys: RandomState,
    hashes: Vec<u64>,
}

impl Ids {
    /// Takes one.
    pub(super) fn add(&mut self, id: &str) {
        self.hashes.push(self.keys.hash_one(id));
    }

    /// False: no two of them are equal. True: most likely two are.
    pub(super) fn may_repeat(&mut self) -> bool {
        self.hashes.sort_unstable();
        !self.hashes.is_sorted_by(|one, next| one < next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_comes_twice_is_noticed_wherever_it_stands() {
        let mut ids = Ids::default();
        assert!(!ids.may_repeat());
        (0..1_000).for_each(|number| ids.add(&number.to_string()));
        assert!(!ids.may_repeat());
        ids.add("500");
        assert!(ids.may_repeat());
    }
}
