//! Changes of endpoints that delivery has not read yet: a set, however often the same endpoint changes.
//!
//! Promises: recording a change never waits, and the set is bounded, so that changing endpoints at full speed delays
//! no orders. It only saves time: polling finds whatever is missed.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use buywire_schemas::ids::{EndpointId, PartnerId};
use tokio::sync::Notify;

/// Fits into one NOTIFY of 8,000 bytes. Beyond it, whatever changed lately is polled for.
const CHANGES_MAX: usize = 200;

/// A change that the owners of the affected endpoints must load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigChange {
    /// An endpoint or its keys.
    Endpoint(EndpointId),
    /// A partner, which affects all its endpoints.
    Partner(PartnerId),
    /// The gateway's own keys.
    SigningKeys,
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ChangeSet {
    pub endpoints: BTreeSet<EndpointId>,
    /// All endpoints of these partners.
    pub partners: BTreeSet<PartnerId>,
    /// Others too: poll for whatever changed lately.
    pub overflowed: bool,
    /// The gateway's own keys, which operators change rarely. They are read at once.
    pub signing_keys: bool,
}

impl ChangeSet {
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
    Nothing,
    /// Changes, which may gather for a moment.
    Soon,
    /// The gateway's own keys.
    Now,
}

/// The changes that are still to be handled. Shared by those who make them and by delivery, which reads them.
#[derive(Debug, Default)]
pub struct ChangeTracker {
    state: Mutex<State>,
    notify: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Their lanes have not been held yet.
    unmarked: ChangeSet,
    /// Not read yet.
    to_reload: ChangeSet,
    /// Made here, and not yet broadcast to other nodes.
    to_broadcast: ChangeSet,
}

impl ChangeTracker {
    /// Record a change that has committed here.
    pub fn record(&self, change: ConfigChange) {
        let mut state = self.state();
        state.unmarked.add(change);
        state.to_reload.add(change);
        state.to_broadcast.add(change);
        drop(state);
        self.notify.notify_one();
    }

    /// Record changes that another node has broadcast.
    pub fn record_remote(&self, changes: &ChangeSet) {
        let mut state = self.state();
        state.unmarked.add_all(changes);
        state.to_reload.add_all(changes);
        drop(state);
        self.notify.notify_one();
    }

    /// Waits until something has been recorded since the last wait.
    pub async fn changed(&self) {
        self.notify.notified().await;
    }

    /// The changes whose lanes must be held, each change once.
    #[must_use]
    pub fn take_unmarked(&self) -> ChangeSet {
        std::mem::take(&mut self.state().unmarked)
    }

    /// Whether something waits to be read, and how urgently.
    #[must_use]
    pub fn pending_reload(&self) -> PendingReload {
        let to_reload = &self.state().to_reload;
        match (to_reload.is_empty(), to_reload.signing_keys) {
            (true, _) => PendingReload::Nothing,
            (false, true) => PendingReload::Now,
            (false, false) => PendingReload::Soon,
        }
    }

    /// The changes to read, and those to broadcast.
    #[must_use]
    pub fn take_pending(&self) -> (ChangeSet, ChangeSet) {
        let mut state = self.state();
        let to_reload = std::mem::take(&mut state.to_reload);
        (to_reload, std::mem::take(&mut state.to_broadcast))
    }

    /// Reading these failed.
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
