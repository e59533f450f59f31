//! Holds: after a change of its endpoint a lane waits for a moment, so that what commits after the change does not
//! go to the endpoint as it was.
//!
//! Promises: repeated changes do not extend a hold beyond its first limit.

use std::time::{Duration, Instant};

use buywire_schemas::ids::EndpointId;

use super::Lanes;
use super::lane::{Hold, Lane};
use crate::notifier::changes::ChangeSet;

impl Lanes {
    /// These endpoints have changed: hold their lanes until they have been read, for `hold_max` at most.
    pub(crate) fn hold(&mut self, changed: &ChangeSet, now: Instant, hold_max: Duration) {
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

    /// These endpoints have been updated from a read that began at `read_at`.
    pub(crate) fn release_hold(&mut self, ids: &[EndpointId], read_at: Instant) {
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
