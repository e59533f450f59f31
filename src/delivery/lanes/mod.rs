//! The lanes: what this node is about to send, one bounded queue per endpoint that it owns.
//!
//! Pure state without I/O or clock: the engine reports what happened, asks what to do, and does it.
//! Promises: an id is in a lane or in flight at most once; endpoints take turns; replays hold at
//! most half of an endpoint's slots; what does not fit waits in the table and is found again.
//! Must not decide what is true: the table does. A lane is a cache of it and may be dropped at any moment.

mod holds;
mod lane;
mod outcomes;
mod refill;
mod signal;
mod token_bucket;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use buywire_schemas::ids::{DeliveryId, EndpointId, OrderId, PartnerId};
use time::OffsetDateTime;

use self::lane::Lane;
use self::refill::SinceReadBegan;
pub(crate) use self::signal::{EndpointSignal, EndpointUpdate};
use super::circuit::Circuit;
use super::endpoints::ActiveEndpoint;
use super::shards::Shard;
use crate::store::delivery::queue::QueuedDelivery;

/// Of all lanes together. A body typically has 2 kB.
const BYTES_MAX: usize = 64 * 1024 * 1024;
/// A partner may have one attempt in flight for every four slots that are still free: of partners whose endpoints all
/// hang, each takes a fifth of what the one before left, and a new one always finds room.
const FREE_PER_ATTEMPT: usize = 4;
/// An offer that arrives later after its commit is left to the poll: recorded ids are remembered only a little longer.
const OFFER_AGE_MAX: Duration = Duration::from_millis(500);

/// A delivery taken from its lane. Not `Clone`: picking makes it, recording consumes it.
pub(crate) struct PickedDelivery {
    pub delivery: QueuedDelivery,
    /// The endpoint as it was when the delivery was picked.
    pub endpoint: Arc<ActiveEndpoint>,
    /// The epoch under which its shard was held then.
    pub epoch: i64,
    /// Distinguishes its lane from one that was closed and opened again for the same endpoint.
    generation: u64,
}

/// All lanes of this node.
#[derive(Default)]
pub(crate) struct Lanes {
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
    /// First attempts that were recorded a moment ago, oldest first.
    recently_recorded: HashSet<DeliveryId>,
    recording_times: VecDeque<(Instant, DeliveryId)>,
    /// A lane has run low while the table holds more.
    needs_refill: bool,
    /// Reads so far, and whether the running poll has lanes left to read.
    read_count: u64,
    is_poll_incomplete: bool,
}

impl Lanes {
    pub(crate) fn new(in_flight_max: usize) -> Self {
        Self {
            in_flight_max,
            ..Self::default()
        }
    }

    /// Open a lane for an endpoint of a shard that this node holds, or update an open one.
    pub(crate) fn open(&mut self, endpoint: Arc<ActiveEndpoint>, epoch: i64, now: OffsetDateTime) {
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

    /// Forget an endpoint. Its attempts in flight end without being counted.
    pub(crate) fn close(&mut self, id: EndpointId) {
        if let Some(mut lane) = self.lanes.remove(&id) {
            self.release_slots(lane.endpoint.partner, lane.in_flight);
            lane.reset(&mut self.bytes);
        }
    }

    /// Forget every endpoint of a shard that this node no longer holds.
    pub(crate) fn close_shard(&mut self, shard: Shard) {
        let gone: Vec<_> = self.endpoints_of_shard(shard).collect();
        gone.into_iter().for_each(|id| self.close(id));
        self.draining.remove(&shard);
    }

    /// Start nothing more for these shards, which are about to be handed over, and resume all others: one that was
    /// draining may be needed here again.
    pub(crate) fn drain(&mut self, shards: impl IntoIterator<Item = Shard>) {
        self.draining = shards.into_iter().collect();
    }

    /// Drop whatever waits in memory and read the table again from its beginning.
    pub(crate) fn reset(&mut self) {
        for lane in self.lanes.values_mut() {
            lane.reset(&mut self.bytes);
        }
    }

    /// Whether nothing of this shard is in flight or unrecorded.
    pub(crate) fn is_drained(&self, shard: Shard) -> bool {
        let is_busy = |lane: &Lane| lane.in_flight > 0 || lane.tracked_ids.len() > lane.queued();
        !self
            .lanes
            .values()
            .any(|lane| lane.endpoint.shard == shard && is_busy(lane))
    }

    /// Attempts in flight on this node.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Circuits that are not closed.
    pub(crate) fn open_circuits(&self) -> usize {
        self.lanes.values().filter(|lane| !lane.is_closed()).count()
    }

    /// Enabled endpoints whose client certificate is no longer valid at this time.
    pub(crate) fn certificates_expired_by(&self, at: OffsetDateTime) -> usize {
        let endpoints = self.lanes.values().map(|lane| &lane.endpoint);
        let expired = |endpoint: &&Arc<ActiveEndpoint>| {
            let expires_at = endpoint.certificate_expires_at;
            endpoint.is_enabled() && expires_at.is_some_and(|expires_at| expires_at <= at)
        };
        endpoints.filter(expired).count()
    }

    fn endpoints_of_shard(&self, shard: Shard) -> impl Iterator<Item = EndpointId> + '_ {
        self.lanes
            .iter()
            .filter(move |(_, lane)| lane.endpoint.shard == shard)
            .map(|(id, _)| *id)
    }

    /// Offer a delivery that has just committed on this node. One that does not fit stays in the table, and so does
    /// one that is offered late: a poll may have found it, and it may be delivered and forgotten already.
    pub(crate) fn offer(&mut self, delivery: QueuedDelivery, committed_at: Instant, now: Instant) {
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

    /// Whether this version of an endpoint, or a later one, is open under this epoch.
    pub(crate) fn has_version(&self, id: EndpointId, epoch: i64, version: i64) -> bool {
        self.lanes
            .get(&id)
            .is_some_and(|lane| lane.epoch == epoch && lane.endpoint.version >= version)
    }

    /// Take the next delivery whose endpoint may send. Endpoints take turns.
    pub(crate) fn take(&mut self, now: OffsetDateTime, instant: Instant) -> Option<PickedDelivery> {
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

    /// Give lanes that wait for time alone (rate, probe, ramp) a turn, free what could not be sent for long, and
    /// about once a minute let each lane be read from its beginning.
    pub(crate) fn tick(&mut self, now: Instant) {
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
