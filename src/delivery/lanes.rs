//! The lanes: what this node is about to send, one bounded queue per endpoint that it owns.
//!
//! Pure state, no I/O and no clock: the engine asks, tells it what happened, and acts.
//! Promises: an id is in a lane or in flight at most once; endpoints take turns; replays hold at
//! most half of an endpoint's room; what does not fit waits in the table and is found again.
//! Must not: decide what is true. The table is; a lane is a cache of it that may be dropped at any moment.

mod holds;
mod lane;
mod refill;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use buywire_schemas::ids::{DeliveryId, EndpointId, OrderId, PartnerId};
use time::OffsetDateTime;

use self::lane::Lane;
use self::refill::SinceReadBegan;
use super::circuit::{Circuit, CircuitState, CircuitTransition};
use super::endpoints::ActiveEndpoint;
use super::shards::Shard;
use crate::store::delivery::queue::QueuedDelivery;

/// All lanes together; a body is 2 kB typically, so this bounds memory to a known order.
const BYTES_MAX: usize = 64 * 1024 * 1024;
/// A partner may have one attempt in flight for every so many that are still free: of partners whose endpoints all
/// hang, each takes a fifth of what the one before has left, and somebody new always finds room.
const FREE_PER_ATTEMPT: usize = 4;
/// An endpoint for which this node had no descriptor or port left is tried again after this.
const NO_SOCKET_PAUSE: Duration = Duration::from_millis(500);
/// A commit that is told later than this is left to the poll …
const OFFER_AGE_MAX: Duration = Duration::from_millis(500);
/// … because recorded ids are kept from being told again for this long only.
const RECORDED_TTL: Duration = Duration::from_secs(1);

/// A delivery taken from its lane. Not `Clone`: picking makes it, recording consumes it.
pub struct PickedDelivery {
    /// What to send.
    pub delivery: QueuedDelivery,
    /// Where and how, as the endpoint is now.
    pub endpoint: Arc<ActiveEndpoint>,
    /// The epoch under which its shard was held when it was taken.
    pub epoch: i64,
    /// Tells this lane from one that was dropped and opened again under the same endpoint.
    generation: u64,
}

/// What an ended attempt says about its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointSignal {
    /// It works.
    Accepted,
    /// It does not.
    Failed,
    /// It is no more: nothing is sent until it is enabled again.
    Gone,
    /// Nothing: no request was sent.
    Inconclusive,
}

/// What an attempt made of its endpoint, for the table and for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndpointUpdate {
    /// The circuit now.
    pub circuit: CircuitState,
    /// Since when every attempt has failed.
    pub failing_since: Option<OffsetDateTime>,
    /// What changed.
    pub transition: CircuitTransition,
}

/// All lanes of this node.
#[derive(Default)]
pub struct Lanes {
    /// Attempts in flight over all endpoints: each holds a descriptor.
    in_flight_max: usize,
    lanes: HashMap<EndpointId, Lane>,
    rotation: VecDeque<EndpointId>,
    draining: HashSet<Shard>,
    in_flight: usize,
    in_flight_by_partner: HashMap<PartnerId, usize>,
    bytes: usize,
    last_generation: u64,
    /// Ids whose record has committed since the running read began.
    recorded_ids: Vec<(EndpointId, DeliveryId)>,
    since_read_began: SinceReadBegan,
    unblocked_orders: Vec<(EndpointId, OrderId)>,
    /// First attempts recorded within the last [`RECORDED_TTL`], oldest first.
    recently_recorded: HashSet<DeliveryId>,
    recording_times: VecDeque<(Instant, DeliveryId)>,
    /// A lane has run low while the table holds more.
    needs_refill: bool,
    /// Reads so far, and whether the last one left lanes unasked for want of room.
    read_count: u64,
    is_poll_incomplete: bool,
}

impl Lanes {
    /// None yet, for at most so many attempts in flight.
    pub fn new(in_flight_max: usize) -> Self {
        Self {
            in_flight_max,
            ..Self::default()
        }
    }

    /// Open a lane for an endpoint of a shard that this node holds, or give an open one its new view.
    pub fn open(&mut self, endpoint: Arc<ActiveEndpoint>, epoch: i64, now: OffsetDateTime) {
        let id = endpoint.id;
        match self.lanes.get_mut(&id) {
            Some(lane) if lane.epoch == epoch => {
                if endpoint.is_enabled() && !lane.endpoint.is_enabled() {
                    lane.circuit = Circuit::enabled(now);
                    lane.reset(&mut self.bytes);
                }
                if !endpoint.is_enabled() {
                    lane.reset(&mut self.bytes);
                }
                lane.bucket.set_rate(endpoint.rate_per_second);
                lane.endpoint = endpoint;
            }
            _ => {
                self.close(id);
                self.last_generation += 1;
                self.lanes
                    .insert(id, Lane::new(endpoint, epoch, self.last_generation, now));
            }
        }
        self.join_rotation(id);
    }

    /// Forget an endpoint; what is in flight ends without being counted.
    pub fn close(&mut self, id: EndpointId) {
        if let Some(mut lane) = self.lanes.remove(&id) {
            self.release_slots(lane.endpoint.partner, lane.in_flight);
            lane.reset(&mut self.bytes);
        }
    }

    /// Forget every endpoint of a shard that this node no longer holds.
    pub fn close_shard(&mut self, shard: Shard) {
        let gone: Vec<_> = self.endpoints_of_shard(shard).collect();
        gone.into_iter().for_each(|id| self.close(id));
        self.draining.remove(&shard);
    }

    /// Start nothing more for these shards, which are about to be handed over, and go on with all
    /// others: one that was to be handed over may be needed here again.
    pub fn drain(&mut self, shards: impl IntoIterator<Item = Shard>) {
        self.draining = shards.into_iter().collect();
    }

    /// So many attempts of a partner are in flight no more.
    fn release_slots(&mut self, partner: PartnerId, attempts: usize) {
        self.in_flight -= attempts;
        if let Some(count) = self.in_flight_by_partner.get_mut(&partner) {
            *count -= attempts;
            if *count == 0 {
                self.in_flight_by_partner.remove(&partner);
            }
        }
    }

    /// Whatever waits in memory is read again from where the table begins.
    pub fn reset(&mut self) {
        for lane in self.lanes.values_mut() {
            lane.reset(&mut self.bytes);
        }
    }

    /// Whether nothing of this shard is in flight or unrecorded.
    pub fn is_drained(&self, shard: Shard) -> bool {
        let is_busy = |lane: &Lane| lane.in_flight > 0 || lane.tracked_ids.len() > lane.queued();
        !self
            .lanes
            .values()
            .any(|lane| lane.endpoint.shard == shard && is_busy(lane))
    }

    /// Attempts in flight on this node.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Circuits that are not closed.
    pub fn open_circuits(&self) -> usize {
        self.lanes.values().filter(|lane| !lane.is_closed()).count()
    }

    fn endpoints_of_shard(&self, shard: Shard) -> impl Iterator<Item = EndpointId> + '_ {
        self.lanes
            .iter()
            .filter(move |(_, lane)| lane.endpoint.shard == shard)
            .map(|(id, _)| *id)
    }

    /// A delivery that has just committed on this node. One that does not fit stays in the table, and
    /// so does one that is told late: a poll may have brought it, and it may be delivered and forgotten.
    pub fn offer(&mut self, delivery: QueuedDelivery, committed_at: Instant, now: Instant) {
        let Some(lane) = self.lanes.get_mut(&delivery.endpoint) else {
            return;
        };
        if lane.tracked_ids.contains(&delivery.id) || self.recently_recorded.contains(&delivery.id)
        {
            return;
        }
        let is_late = now.duration_since(committed_at) > OFFER_AGE_MAX;
        let is_full = lane.live.len() >= lane.capacity || self.bytes >= BYTES_MAX;
        if is_late || is_full || !lane.may_load() {
            lane.rewind_to(delivery.due_at);
            return;
        }
        let id = delivery.endpoint;
        lane.push(delivery, now, &mut self.bytes);
        self.join_rotation(id);
    }

    /// Whether this version of an endpoint is open under this epoch already.
    pub fn has_version(&self, id: EndpointId, epoch: i64, version: i64) -> bool {
        self.lanes
            .get(&id)
            .is_some_and(|lane| lane.epoch == epoch && lane.endpoint.version >= version)
    }

    /// The next delivery whose endpoint may send, endpoints taking turns.
    pub fn take(&mut self, now: OffsetDateTime, instant: Instant) -> Option<PickedDelivery> {
        while self.in_flight < self.in_flight_max {
            let id = self.rotation.pop_front()?;
            let Some(lane) = self.lanes.get_mut(&id) else {
                continue;
            };
            lane.in_rotation = false;
            let partner = lane.endpoint.partner;
            let free = self.in_flight_max - self.in_flight;
            let partner_in_flight = self
                .in_flight_by_partner
                .get(&partner)
                .copied()
                .unwrap_or(0);
            let is_over_share =
                partner_in_flight > 0 && partner_in_flight * FREE_PER_ATTEMPT >= free;
            let is_paused = self.draining.contains(&lane.endpoint.shard) || lane.is_held(instant);
            if is_over_share || is_paused {
                continue;
            }
            let Some(delivery) = lane.take(now, instant, &mut self.bytes) else {
                continue;
            };
            let picked = PickedDelivery {
                delivery,
                endpoint: Arc::clone(&lane.endpoint),
                epoch: lane.epoch,
                generation: lane.generation,
            };
            self.in_flight += 1;
            *self.in_flight_by_partner.entry(partner).or_default() += 1;
            self.needs_refill |= lane.needs_refill();
            self.join_rotation(id);
            return Some(picked);
        }
        None
    }

    /// An attempt has ended; says what others must hear of its endpoint.
    pub fn on_finished(
        &mut self,
        picked: &PickedDelivery,
        signal: EndpointSignal,
        now: OffsetDateTime,
    ) -> Option<EndpointUpdate> {
        let id = picked.delivery.endpoint;
        let lane = self
            .lanes
            .get_mut(&id)
            .filter(|l| l.generation == picked.generation)?;
        lane.on_attempt_ended(&picked.delivery);
        let transition = match signal {
            EndpointSignal::Accepted => lane.circuit.on_success(now),
            EndpointSignal::Failed => lane.circuit.on_failure(picked.delivery.id, now),
            EndpointSignal::Gone => {
                // Of an older version it says that the old URL is gone.
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

    /// The table says now what the endpoint is: if it is still enabled, somebody enabled it again.
    pub fn resume(&mut self, id: EndpointId) {
        if let Some(lane) = self.lanes.get_mut(&id) {
            lane.halted = false;
        }
    }

    /// An attempt that was not made (its lease had run out): as if it had never been taken.
    pub fn on_abandoned(&mut self, picked: &PickedDelivery) {
        let id = picked.delivery.endpoint;
        let Some(lane) = self
            .lanes
            .get_mut(&id)
            .filter(|l| l.generation == picked.generation)
        else {
            return;
        };
        lane.on_attempt_ended(&picked.delivery);
        lane.circuit.on_abandoned(picked.delivery.id);
        lane.tracked_ids.remove(&picked.delivery.id);
        lane.rewind_to(picked.delivery.due_at);
        self.release_slots(picked.endpoint.partner, 1);
    }

    /// Nothing was sent, because this node had no descriptor or port left: as if it had never been taken, and its
    /// endpoint, which is not to blame, rests for a moment.
    pub fn on_postponed(&mut self, picked: &PickedDelivery, now: Instant) {
        self.on_abandoned(picked);
        if let Some(lane) = self.lanes.get_mut(&picked.delivery.endpoint) {
            lane.paused_until = Some(now + NO_SOCKET_PAUSE);
        }
    }

    /// The record of an attempt has committed. `ended` says that the delivery is open no more.
    pub fn on_recorded(&mut self, picked: &PickedDelivery, ended: bool, now: Instant) {
        self.remember_recorded(picked, now);
        let id = picked.delivery.endpoint;
        let Some(lane) = self
            .lanes
            .get_mut(&id)
            .filter(|l| l.generation == picked.generation)
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

    /// The record of an attempt was refused for good: the delivery is still open, and read again.
    pub fn on_unrecordable(&mut self, picked: &PickedDelivery) {
        let lane = self.lanes.get_mut(&picked.delivery.endpoint);
        if let Some(lane) = lane.filter(|l| l.generation == picked.generation) {
            lane.tracked_ids.remove(&picked.delivery.id);
            lane.rewind_to(picked.delivery.due_at);
        }
    }

    /// Lanes that wait for time alone (rate, probe, ramp) get a turn to look again; what nobody could
    /// send for long gives its memory back; about once a minute each lane is to be read from its beginning.
    pub fn tick(&mut self, now: Instant) {
        for lane in self.lanes.values_mut() {
            lane.drop_stale(now, &mut self.bytes);
            lane.sweep(now);
        }
        let waiting: Vec<_> = self
            .lanes
            .iter()
            .filter(|(_, l)| l.queued() > 0 && !l.in_rotation)
            .map(|(id, _)| *id)
            .collect();
        waiting.into_iter().for_each(|id| self.join_rotation(id));
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

    fn join_rotation(&mut self, id: EndpointId) {
        if let Some(lane) = self.lanes.get_mut(&id)
            && !lane.in_rotation
            && lane.queued() > 0
        {
            lane.in_rotation = true;
            self.rotation.push_back(id);
        }
    }
}

#[cfg(test)]
mod tests;
