//! Objects of one kind by id, in the order of their creation.
//!
//! Promises: no object is forgotten while a test may still need it. Whoever adds on request first looks whether the
//! collection is full; so it holds `OBJECTS_MAX` objects and what the last request added.

use std::collections::{HashMap, VecDeque};

/// Some 50 MB in all kinds together, and more than a long test makes.
pub(crate) const OBJECTS_MAX: usize = 20_000;

/// Objects of one kind.
#[derive(Debug)]
pub(crate) struct Collection<T> {
    objects: VecDeque<(String, T)>,
    /// Counted from the first object ever.
    positions: HashMap<String, usize>,
    forgotten: usize,
}

impl<T> Default for Collection<T> {
    fn default() -> Self {
        Self {
            objects: VecDeque::new(),
            positions: HashMap::new(),
            forgotten: 0,
        }
    }
}

impl<T> Collection<T> {
    pub(crate) fn insert(&mut self, id: &str, object: T) {
        let position = self.forgotten + self.objects.len();
        self.positions.insert(id.to_owned(), position);
        self.objects.push_back((id.to_owned(), object));
    }

    /// Inserts, and forgets the oldest object if there are too many.
    pub(crate) fn insert_newest(&mut self, id: &str, object: T) {
        if self.is_full()
            && let Some((oldest, _)) = self.objects.pop_front()
        {
            self.positions.remove(&oldest);
            self.forgotten += 1;
        }
        self.insert(id, object);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        let position = self.positions.get(id)?;
        let object = self.objects.get(position - self.forgotten);
        object.map(|(_, object)| object)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        let position = self.positions.get(id)?;
        let object = self.objects.get_mut(position - self.forgotten);
        object.map(|(_, object)| object)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.objects.len() >= OBJECTS_MAX
    }

    /// Newest first, as Stripe lists.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = (&str, &T)> {
        let objects = self.objects.iter().rev();
        objects.map(|(id, object)| (id.as_str(), object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_listed_newest_first_until_it_is_full() {
        let mut collection = Collection::default();
        for number in 0..OBJECTS_MAX {
            assert!(!collection.is_full());
            collection.insert(&number.to_string(), number);
        }
        assert!(collection.is_full());
        assert_eq!(collection.get("0"), Some(&0));
        assert_eq!(collection.newest_first().next(), Some(("19999", &19_999)));
    }

    #[test]
    fn the_oldest_is_forgotten_where_only_the_newest_count() {
        let mut collection = Collection::default();
        for number in 0..OBJECTS_MAX + 2 {
            collection.insert_newest(&number.to_string(), number);
        }
        assert_eq!((collection.get("1"), collection.get("2")), (None, Some(&2)));
        assert_eq!(collection.get_mut("20001"), Some(&mut 20_001));
    }
}
