//! Changes of endpoints that the delivery room has not read yet: a set, however often the same one changes.
//!
//! Promises: noting a change never waits and never grows beyond a bound, so that whoever changes endpoints at
//! full speed delays nobody's orders. It only hastens: what is missed is found by polling.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use buywire_schemas::ids::{EndpointId, PartnerId};
use tokio::sync::Notify;

/// What one NOTIFY of 8,000 bytes holds with room to spare. Beyond it whatever changed lately is looked for.
const CHANGES_MAX: usize = 200;

/// Something that an owner of endpoints must hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigChange {
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
    pub overflowed: bool,
    /// The gateway's own keys. Operators only, and rarely: not kept waiting.
    pub signing_keys: bool,
}

impl ChangeSet {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_empty()
            && self.partners.is_empty()
            && !self.overflowed
            && !self.signing_keys
    }

    fn add(&mut self, change: ConfigChange) {
        let is_full = self.endpoints.len() + self.partners.len() >= CHANGES_MAX;
        match change {
            ConfigChange::Endpoint(id) if !is_full => drop(self.endpoints.insert(id)),
            ConfigChange::Partner(id) if !is_full => drop(self.partners.insert(id)),
            ConfigChange::Endpoint(_) | ConfigChange::Partner(_) => self.overflowed = true,
            ConfigChange::SigningKeys => self.signing_keys = true,
        }
    }

    fn add_all(&mut self, other: &Self) {
        self.overflowed |= other.overflowed;
        self.signing_keys |= other.signing_keys;
        let endpoints = other.endpoints.iter().map(|id| ConfigChange::Endpoint(*id));
        let partners = other.partners.iter().map(|id| ConfigChange::Partner(*id));
        endpoints
            .chain(partners)
            .for_each(|change| self.add(change));
    }
}

/// What waits to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingReload {
    /// Nothing.
    Nothing,
    /// Changes that may gather.
    Soon,
    /// Keys of the gateway.
    Now,
}

/// What is to be done about changes. Shared by those who make them and the one who reads them.
#[derive(Debug, Default)]
pub struct ChangeTracker {
    state: Mutex<State>,
    notify: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Their lanes do not know yet that they are outdated.
    unmarked: ChangeSet,
    /// Not read since.
    to_reload: ChangeSet,
    /// Made here, and not told to other nodes.
    to_broadcast: ChangeSet,
}

impl ChangeTracker {
    /// A change has committed here.
    pub fn record(&self, change: ConfigChange) {
        let mut state = self.state();
        state.unmarked.add(change);
        state.to_reload.add(change);
        state.to_broadcast.add(change);
        drop(state);
        self.notify.notify_one();
    }

    /// Another node tells of changes.
    pub fn record_remote(&self, changes: &ChangeSet) {
        let mut state = self.state();
        state.unmarked.add_all(changes);
        state.to_reload.add_all(changes);
        drop(state);
        self.notify.notify_one();
    }

    /// Waits until something has been noted since the last wait.
    pub async fn changed(&self) {
        self.notify.notified().await;
    }

    /// What lanes must be told is outdated, each change once.
    #[must_use]
    pub fn take_unmarked(&self) -> ChangeSet {
        std::mem::take(&mut self.state().unmarked)
    }

    /// Whether something waits to be read, and whether it may be kept waiting.
    #[must_use]
    pub fn pending_reload(&self) -> PendingReload {
        let to_reload = &self.state().to_reload;
        match (to_reload.is_empty(), to_reload.signing_keys) {
            (true, _) => PendingReload::Nothing,
            (false, true) => PendingReload::Now,
            (false, false) => PendingReload::Soon,
        }
    }

    /// What is to be read, and what other nodes are to be told of.
    #[must_use]
    pub fn take_pending(&self) -> (ChangeSet, ChangeSet) {
        let mut state = self.state();
        let to_reload = std::mem::take(&mut state.to_reload);
        (to_reload, std::mem::take(&mut state.to_broadcast))
    }

    /// These could not be read.
    pub fn requeue_reload(&self, changes: &ChangeSet) {
        self.state().to_reload.add_all(changes);
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
        let changes = ChangeTracker::default();
        let id = EndpointId::generate();
        for _ in 0..10_000 {
            changes.record(ConfigChange::Endpoint(id));
        }
        let once = ChangeSet {
            endpoints: [id].into(),
            ..ChangeSet::default()
        };
        assert_eq!(changes.take_pending(), (once.clone(), once.clone()));
        assert_eq!(changes.take_unmarked(), once);
        assert_eq!(changes.pending_reload(), PendingReload::Nothing);
        assert!(changes.take_unmarked().is_empty());
    }

    #[test]
    fn more_changes_than_are_listed_are_looked_for() {
        let changes = ChangeTracker::default();
        for _ in 0..10_000 {
            changes.record(ConfigChange::Endpoint(EndpointId::generate()));
        }
        let (to_reload, to_broadcast) = changes.take_pending();
        assert_eq!(to_reload.endpoints.len(), CHANGES_MAX);
        assert!(to_reload.overflowed && to_broadcast.overflowed);
    }

    #[test]
    fn what_another_node_told_is_read_and_not_told_again() {
        let changes = ChangeTracker::default();
        let mut set = ChangeSet::default();
        set.add(ConfigChange::Partner(PartnerId::generate()));
        set.add(ConfigChange::SigningKeys);
        changes.record_remote(&set);
        assert_eq!(changes.take_pending(), (set.clone(), ChangeSet::default()));
        changes.requeue_reload(&set);
        assert_eq!(changes.take_pending().0, set);
    }
}
