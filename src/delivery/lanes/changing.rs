//! Lanes whose endpoints have changed and have not been read since: they wait a moment, so that what commits after
//! a change does not go to the endpoint as it was.
//!
//! Promises: no change, however often it is repeated, holds a lane for longer than it says, once it was held.

use std::time::{Duration, Instant};

use buywire_schemas::ids::EndpointId;

use super::Lanes;
use super::lane::Lane;
use crate::store::changes::ChangeSet;

/// Why a lane waits.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeldBack {
    /// The latest change: a read that began before does not know of it.
    changed_at: Instant,
    /// Counted from the first change that was not read. Later ones do not move it.
    until: Instant,
}

impl Lanes {
    /// These endpoints have changed: nothing is taken for them until they are read, for so long at most.
    pub fn hold_back(&mut self, changed: &ChangeSet, now: Instant, at_most: Duration) {
        for id in &changed.endpoints {
            if let Some(lane) = self.lanes.get_mut(id) {
                lane.hold_back(now, at_most);
            }
        }
        if !changed.partners.is_empty() {
            let lanes = self.lanes.values_mut();
            lanes
                .filter(|lane| changed.partners.contains(&lane.view.partner))
                .for_each(|lane| lane.hold_back(now, at_most));
        }
    }

    /// A read of these endpoints, begun at that time, has been taken over.
    pub fn up_to_date(&mut self, ids: &[EndpointId], asked_at: Instant) {
        for id in ids {
            if let Some(lane) = self.lanes.get_mut(id)
                && lane
                    .held_back
                    .is_some_and(|held| held.changed_at <= asked_at)
            {
                lane.held_back = None;
                self.give_turn(*id);
            }
        }
    }
}

impl Lane {
    fn hold_back(&mut self, now: Instant, at_most: Duration) {
        let until = self.held_back.map_or(now + at_most, |held| held.until);
        self.held_back = Some(HeldBack {
            changed_at: now,
            until,
        });
    }

    pub(super) fn is_held_back(&self, now: Instant) -> bool {
        self.held_back.is_some_and(|held| now < held.until)
    }
}
