//! Outcomes: how the lanes change when an attempt ends, and when its record has committed.
//!
//! Promises: each picked delivery gives its slot back once; an outcome for a lane that was closed or reopened
//! meanwhile changes nothing. Must not record.

use std::time::{Duration, Instant};

use buywire_schemas::ids::{EndpointId, PartnerId};
use time::OffsetDateTime;

use super::{EndpointSignal, EndpointUpdate, Lanes, PickedDelivery};
use crate::delivery::circuit::CircuitTransition;

/// How long an endpoint rests when this node had no descriptor or port left for it.
const NO_SOCKET_PAUSE: Duration = Duration::from_millis(500);
/// How long recorded ids are remembered: longer than a late offer counts, so that none is sent again.
const RECORDED_TTL: Duration = Duration::from_secs(1);

impl Lanes {
    /// An attempt has ended. Returns what changed of its endpoint, if anything.
    pub(crate) fn on_finished(
        &mut self,
        picked: &PickedDelivery,
        signal: EndpointSignal,
        now: OffsetDateTime,
    ) -> Option<EndpointUpdate> {
        let id = picked.delivery.endpoint;
        let lane = self
            .lanes
            .get_mut(&id)
            .filter(|lane| lane.generation == picked.generation)?;
        lane.on_attempt_ended(&picked.delivery);
        let transition = match signal {
            EndpointSignal::Accepted => lane.circuit.on_success(now),
            EndpointSignal::Failed => lane.circuit.on_failure(picked.delivery.id, now),
            EndpointSignal::Gone => {
                // From an older version of the endpoint it only means that the old URL is gone.
                lane.halted |= lane.endpoint.version == picked.endpoint.version;
                lane.circuit.on_abandoned(picked.delivery.id);
                CircuitTransition::None
            }
            EndpointSignal::Inconclusive => {
                lane.circuit.on_abandoned(picked.delivery.id);
                CircuitTransition::None
            }
        };
        let update = lane.take_update(transition, now);
        if !lane.is_closed() {
            lane.reset(&mut self.bytes);
        }
        self.release_slots(picked.endpoint.partner, 1);
        self.join_rotation(id);
        update
    }

    /// The endpoint was read after it had said that it is gone. If it is enabled, it was enabled again.
    pub(crate) fn resume(&mut self, id: EndpointId) {
        if let Some(lane) = self.lanes.get_mut(&id) {
            lane.halted = false;
        }
    }

    /// The attempt was not made, because the lease had run out: as if it had never been picked.
    pub(crate) fn on_abandoned(&mut self, picked: &PickedDelivery) {
        let id = picked.delivery.endpoint;
        let Some(lane) = self
            .lanes
            .get_mut(&id)
            .filter(|lane| lane.generation == picked.generation)
        else {
            return;
        };
        lane.on_attempt_ended(&picked.delivery);
        lane.circuit.on_abandoned(picked.delivery.id);
        lane.tracked_ids.remove(&picked.delivery.id);
        lane.rewind_to(picked.delivery.due_at);
        self.release_slots(picked.endpoint.partner, 1);
    }

    /// Nothing was sent, because this node had no descriptor or port left: as if it had never been picked. Its
    /// endpoint, which is not to blame, rests for a moment.
    pub(crate) fn on_postponed(&mut self, picked: &PickedDelivery, now: Instant) {
        self.on_abandoned(picked);
        if let Some(lane) = self.lanes.get_mut(&picked.delivery.endpoint) {
            lane.paused_until = Some(now + NO_SOCKET_PAUSE);
        }
    }

    /// The record of an attempt has committed. `ended` says that the delivery is no longer open.
    pub(crate) fn on_recorded(&mut self, picked: &PickedDelivery, ended: bool, now: Instant) {
        self.remember_recorded(picked, now);
        let id = picked.delivery.endpoint;
        let Some(lane) = self
            .lanes
            .get_mut(&id)
            .filter(|lane| lane.generation == picked.generation)
        else {
            return;
        };
        self.recorded_ids.push((id, picked.delivery.id));
        if let Some(order) = picked.delivery.order.filter(|_| ended) {
            self.since_read_began.ended.insert((id, order));
            if lane.unblock(order) {
                self.unblocked_orders.push((id, order));
            }
        }
    }

    /// The database refused the record for good: the delivery is still open, and is read again.
    pub(crate) fn on_unrecordable(&mut self, picked: &PickedDelivery) {
        let lane = self.lanes.get_mut(&picked.delivery.endpoint);
        if let Some(lane) = lane.filter(|lane| lane.generation == picked.generation) {
            lane.tracked_ids.remove(&picked.delivery.id);
            lane.rewind_to(picked.delivery.due_at);
        }
    }

    fn remember_recorded(&mut self, picked: &PickedDelivery, now: Instant) {
        while let Some((at, id)) = self.recording_times.front().copied()
            && now.duration_since(at) > RECORDED_TTL
        {
            self.recording_times.pop_front();
            self.recently_recorded.remove(&id);
        }
        if picked.delivery.attempts == 0 {
            self.recently_recorded.insert(picked.delivery.id);
            self.recording_times.push_back((now, picked.delivery.id));
        }
    }

    /// This number of a partner's attempts is no longer in flight.
    pub(super) fn release_slots(&mut self, partner: PartnerId, attempts: usize) {
        self.in_flight -= attempts;
        if let Some(count) = self.in_flight_by_partner.get_mut(&partner) {
            *count -= attempts;
            if *count == 0 {
                self.in_flight_by_partner.remove(&partner);
            }
        }
    }
}
