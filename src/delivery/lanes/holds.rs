//! Lanes whose endpoints have changed and have not been read since: they wait a moment, so that what commits after
//! a change does not go to the endpoint as it was.
//!
//! Promises: no change, however often it is repeated, holds a lane for longer than it says, once it was held.

use std::time::{Duration, Instant};

use buywire_schemas::ids::EndpointId;

use super::Lanes;
use super::lane::Lane;
use crate::notifier::changes::ChangeSet;

/// Why a lane waits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hold {
    /// The latest change: a read that began before does not know of it.
    updated_at: Instant,
    /// Counted from the first change that was not read. Later ones do not move it.
    expires_at: Instant,
}

impl Lanes {
    /// These endpoints have changed: nothing is taken for them until they are read, for so long at most.
    pub fn hold(&mut self, changed: &ChangeSet, now: Instant, hold_max: Duration) {
        for id in &changed.endpoints {
            if let Some(lane) = self.lanes.get_mut(id) {
                lane.hold(now, hold_max);
            }
        }
        if !changed.partners.is_empty() {
            let lanes = self.lanes.values_mut();
            lanes
                .filter(|lane| changed.partners.contains(&lane.endpoint.partner))
                .for_each(|lane| lane.hold(now, hold_max));
        }
    }

    /// A read of these endpoints, begun at that time, has been taken over.
    pub fn release_hold(&mut self, ids: &[EndpointId], read_at: Instant) {
        for id in ids {
            if let Some(lane) = self.lanes.get_mut(id)
                && lane.hold.is_some_and(|held| held.updated_at <= read_at)
            {
                lane.hold = None;
                self.join_rotation(*id);
            }
        }
    }
}

impl Lane {
    fn hold(&mut self, now: Instant, hold_max: Duration) {
        let expires_at = self.hold.map_or(now + hold_max, |held| held.expires_at);
        self.hold = Some(Hold {
            updated_at: now,
            expires_at,
        });
    }

    pub(super) fn is_held(&self, now: Instant) -> bool {
        self.hold.is_some_and(|held| now < held.expires_at)
    }
}
