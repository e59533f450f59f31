//! Changes of endpoints that the delivery room has not read yet: a set, however often the same one changes.
//!
//! Promises: noting a change never waits and never grows beyond a bound, so that whoever changes endpoints at
//! full speed delays nobody's orders. It only hastens: what is missed is found by polling.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use buywire_schemas::ids::{EndpointId, PartnerId};
use tokio::sync::Notify;

/// What one NOTIFY of 8,000 bytes holds with room to spare. Beyond it whatever changed lately is looked for.
const LISTED_MAX: usize = 200;

/// Something that an owner of endpoints must hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// An endpoint or its keys.
    Endpoint(EndpointId),
    /// A partner, and with it all its endpoints.
    Partner(PartnerId),
    /// The gateway's own keys.
    SigningKeys,
}

/// Which endpoints changed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ChangeSet {
    /// These.
    pub endpoints: BTreeSet<EndpointId>,
    /// All of these partners.
    pub partners: BTreeSet<PartnerId>,
    /// Others too: look for whatever changed lately.
    pub others: bool,
    /// The gateway's own keys. Operators only, and rarely: not kept waiting.
    pub signing_keys: bool,
}

impl ChangeSet {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_empty() && self.partners.is_empty() && !self.others && !self.signing_keys
    }

    fn add(&mut self, change: Changed) {
        let is_full = self.endpoints.len() + self.partners.len() >= LISTED_MAX;
        match change {
            Changed::Endpoint(id) if !is_full => drop(self.endpoints.insert(id)),
            Changed::Partner(id) if !is_full => drop(self.partners.insert(id)),
            Changed::Endpoint(_) | Changed::Partner(_) => self.others = true,
            Changed::SigningKeys => self.signing_keys = true,
        }
    }

    fn add_all(&mut self, other: &Self) {
        self.others |= other.others;
        self.signing_keys |= other.signing_keys;
        let endpoints = other.endpoints.iter().map(|id| Changed::Endpoint(*id));
        let partners = other.partners.iter().map(|id| Changed::Partner(*id));
        endpoints
            .chain(partners)
            .for_each(|change| self.add(change));
    }
}

/// What waits to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// Nothing.
    Nothing,
    /// Changes that may gather.
    Soon,
    /// Keys of the gateway.
    AtOnce,
}

/// What is to be done about changes. Shared by those who make them and the one who reads them.
#[derive(Debug, Default)]
pub struct Changes {
    state: Mutex<State>,
    noted: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Their lanes do not know yet that they are outdated.
    unmarked: ChangeSet,
    /// Not read since.
    unread: ChangeSet,
    /// Made here, and not told to other nodes.
    untold: ChangeSet,
}

impl Changes {
    /// A change has committed here.
    pub fn note(&self, change: Changed) {
        let mut state = self.state();
        state.unmarked.add(change);
        state.unread.add(change);
        state.untold.add(change);
        drop(state);
        self.noted.notify_one();
    }

    /// Another node tells of changes.
    pub fn heard(&self, changes: &ChangeSet) {
        let mut state = self.state();
        state.unmarked.add_all(changes);
        state.unread.add_all(changes);
        drop(state);
        self.noted.notify_one();
    }

    /// Waits until something has been noted since the last wait.
    pub async fn noted(&self) {
        self.noted.notified().await;
    }

    /// What lanes must be told is outdated, each change once.
    #[must_use]
    pub fn take_unmarked(&self) -> ChangeSet {
        std::mem::take(&mut self.state().unmarked)
    }

    /// Whether something waits to be read, and whether it may be kept waiting.
    #[must_use]
    pub fn unread(&self) -> Unread {
        let unread = &self.state().unread;
        match (unread.is_empty(), unread.signing_keys) {
            (true, _) => Unread::Nothing,
            (false, true) => Unread::AtOnce,
            (false, false) => Unread::Soon,
        }
    }

    /// What is to be read, and what other nodes are to be told of.
    #[must_use]
    pub fn take(&self) -> (ChangeSet, ChangeSet) {
        let mut state = self.state();
        let unread = std::mem::take(&mut state.unread);
        (unread, std::mem::take(&mut state.untold))
    }

    /// These could not be read.
    pub fn read_again(&self, changes: &ChangeSet) {
        self.state().unread.add_all(changes);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_endpoint_that_changes_without_end_is_read_and_told_of_once() {
        let changes = Changes::default();
        let id = EndpointId::generate();
        for _ in 0..10_000 {
            changes.note(Changed::Endpoint(id));
        }
        let once = ChangeSet {
            endpoints: [id].into(),
            ..ChangeSet::default()
        };
        assert_eq!(changes.take(), (once.clone(), once.clone()));
        assert_eq!(changes.take_unmarked(), once);
        assert_eq!(changes.unread(), Unread::Nothing);
        assert!(changes.take_unmarked().is_empty());
    }

    #[test]
    fn more_changes_than_are_listed_are_looked_for() {
        let changes = Changes::default();
        for _ in 0..10_000 {
            changes.note(Changed::Endpoint(EndpointId::generate()));
        }
        let (unread, untold) = changes.take();
        assert_eq!(unread.endpoints.len(), LISTED_MAX);
        assert!(unread.others && untold.others);
    }

    #[test]
    fn what_another_node_told_is_read_and_not_told_again() {
        let changes = Changes::default();
        let mut set = ChangeSet::default();
        set.add(Changed::Partner(PartnerId::generate()));
        set.add(Changed::SigningKeys);
        changes.heard(&set);
        assert_eq!(changes.take(), (set.clone(), ChangeSet::default()));
        changes.read_again(&set);
        assert_eq!(changes.take().0, set);
    }
}
