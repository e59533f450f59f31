//! The lanes: what this node is about to send, one bounded queue per endpoint that it owns.
//!
//! Pure state, no I/O and no clock: the engine asks, tells it what happened, and acts.
//! Promises: an id is in a lane or in flight at most once; endpoints take turns; replays hold at
//! most half of an endpoint's room; what does not fit waits in the table and is found again.
//! Must not: decide what is true. The table is; a lane is a cache of it that may be dropped at any moment.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use buywire_schemas::ids::{DeliveryId, EndpointId, OrderId};
use time::OffsetDateTime;

use super::circuit::{Change, Circuit, CircuitState};
use super::endpoints::EndpointView;
use super::pace::Pace;
use super::shards::Shard;
use crate::store::queue::{Place, QueuedDelivery, Want};

/// Rows a lane starts with; it doubles when it runs dry with more waiting, to at most [`LANE_MAX`].
const LANE_START: usize = 256;
/// At 10,000 deliveries a second this is under a second of work, and about 16 MB of bodies.
const LANE_MAX: usize = 8_192;
/// All lanes together; a body is 2 kB typically, so this bounds memory to a known order.
const BYTES_MAX: usize = 64 * 1024 * 1024;
/// Attempts in flight on one node over all endpoints: each holds a socket and its buffers.
const IN_FLIGHT_MAX: usize = 4_096;
/// What was read longer ago is read again before it is sent: the table may have changed (a
/// redaction, a replay, another node).
const FRESH_FOR: Duration = Duration::from_secs(5);
/// How far a rescan looks back: twice the time that an intake transaction may take.
const RESCAN: Duration = Duration::from_secs(10);
/// How often a flapping endpoint's row is written at most.
const TELL_EVERY: time::Duration = time::Duration::SECOND;
/// Orders of one endpoint known to wait for an earlier event. Beyond it the lane starts over.
const BLOCKED_MAX: usize = 10_000;

/// A delivery taken from its lane. Not `Clone`: picking makes it, recording consumes it.
pub struct Picked {
    /// What to send.
    pub delivery: QueuedDelivery,
    /// Where and how, as the endpoint is now.
    pub endpoint: Arc<EndpointView>,
    /// The epoch under which its shard was held when it was taken.
    pub epoch: i64,
    /// Tells this lane from one that was dropped and opened again under the same endpoint.
    generation: u64,
}

/// What an ended attempt says about its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// It works.
    Accepted,
    /// It does not.
    Failed,
    /// Nothing: no request was sent.
    SaysNothing,
}

/// What an attempt made of its endpoint, for the table and for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News {
    /// The circuit now.
    pub circuit: CircuitState,
    /// Since when every attempt has failed.
    pub failing_since: Option<OffsetDateTime>,
    /// What changed.
    pub change: Change,
}

struct Queued {
    delivery: QueuedDelivery,
    read_at: Instant,
}

struct Lane {
    view: Arc<EndpointView>,
    epoch: i64,
    generation: u64,
    live: VecDeque<Queued>,
    replays: VecDeque<Queued>,
    in_flight: usize,
    replays_in_flight: usize,
    /// Everything in the queues, in flight, or recorded too lately for a running read to know.
    known: HashSet<DeliveryId>,
    blocked: HashSet<OrderId>,
    circuit: Circuit,
    /// The `failing_since` that the table knows, and when it was last told.
    told: (Option<OffsetDateTime>, Option<OffsetDateTime>),
    pace: Pace,
    /// Rows up to here have been read.
    place: Place,
    /// The table may hold due rows behind `place`.
    more: bool,
    capacity: usize,
    has_turn: bool,
}

/// All lanes of this node.
#[derive(Default)]
pub struct Lanes {
    lanes: HashMap<EndpointId, Lane>,
    turns: VecDeque<EndpointId>,
    draining: HashSet<Shard>,
    in_flight: usize,
    bytes: usize,
    generations: u64,
    /// Ids whose record has committed since the running read began, and before it.
    settled_now: Vec<(EndpointId, DeliveryId)>,
    settled_before: Vec<(EndpointId, DeliveryId)>,
    freed: Vec<(EndpointId, OrderId)>,
    /// A lane has run low while the table holds more.
    hungry: bool,
}

impl Lanes {
    /// Open a lane for an endpoint of a shard that this node holds, or give an open one its new view.
    pub fn open(&mut self, view: Arc<EndpointView>, epoch: i64, now: OffsetDateTime) {
        let id = view.id;
        match self.lanes.get_mut(&id) {
            Some(lane) if lane.epoch == epoch => {
                if view.enabled() && !lane.view.enabled() {
                    lane.circuit = Circuit::enabled(now);
                    lane.start_over(&mut self.bytes);
                }
                lane.pace.set_rate(view.rate_per_second);
                lane.view = view;
            }
            _ => {
                self.close(id);
                self.generations += 1;
                self.lanes
                    .insert(id, Lane::new(view, epoch, self.generations, now));
            }
        }
        self.give_turn(id);
    }

    /// Forget an endpoint; what is in flight ends without being counted.
    pub fn close(&mut self, id: EndpointId) {
        if let Some(mut lane) = self.lanes.remove(&id) {
            self.in_flight -= lane.in_flight;
            lane.start_over(&mut self.bytes);
        }
    }

    /// Forget every endpoint of a shard that this node no longer holds.
    pub fn close_shard(&mut self, shard: Shard) {
        let gone: Vec<_> = self.of_shard(shard).collect();
        gone.into_iter().for_each(|id| self.close(id));
        self.draining.remove(&shard);
    }

    /// Start nothing more for a shard that is about to be handed over.
    pub fn drain(&mut self, shard: Shard) {
        self.draining.insert(shard);
    }

    /// Whether nothing of this shard is in flight or unrecorded.
    pub fn is_drained(&self, shard: Shard) -> bool {
        let busy = |lane: &Lane| lane.in_flight > 0 || lane.known.len() > lane.queued();
        !self
            .lanes
            .values()
            .any(|lane| lane.view.shard == shard && busy(lane))
    }

    /// Attempts in flight on this node.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Circuits that are not closed.
    pub fn open_circuits(&self) -> usize {
        self.lanes.values().filter(|lane| !lane.is_closed()).count()
    }

    fn of_shard(&self, shard: Shard) -> impl Iterator<Item = EndpointId> + '_ {
        self.lanes
            .iter()
            .filter(move |(_, lane)| lane.view.shard == shard)
            .map(|(id, _)| *id)
    }

    /// A delivery that has just committed on this node. One that does not fit stays in the table.
    pub fn offer(&mut self, delivery: QueuedDelivery, now: Instant) {
        let Some(lane) = self.lanes.get_mut(&delivery.endpoint) else {
            return;
        };
        if lane.known.contains(&delivery.id) {
            return;
        }
        if lane.live.len() >= lane.capacity || self.bytes >= BYTES_MAX || !lane.may_load() {
            lane.rewind_to(delivery.due_at);
            return;
        }
        let id = delivery.endpoint;
        lane.push(delivery, now, &mut self.bytes);
        self.give_turn(id);
    }

    /// Something was committed in these shards that only a read finds.
    pub fn hint(&mut self, shards: &[Shard]) {
        for lane in self
            .lanes
            .values_mut()
            .filter(|lane| shards.contains(&lane.view.shard))
        {
            lane.more = true;
            self.hungry = true;
        }
    }

    /// Whether this version of an endpoint is open under this epoch already.
    pub fn knows(&self, id: EndpointId, epoch: i64, version: i64) -> bool {
        self.lanes
            .get(&id)
            .is_some_and(|lane| lane.epoch == epoch && lane.view.version == version)
    }

    /// Everything that waits in memory for this order is dropped and read again.
    pub fn reread(&mut self, order: OrderId) {
        for lane in self.lanes.values_mut() {
            let holds =
                |queue: &VecDeque<Queued>| queue.iter().any(|q| q.delivery.order == Some(order));
            if holds(&lane.live) || holds(&lane.replays) {
                lane.start_over(&mut self.bytes);
            }
        }
    }

    /// The next delivery whose endpoint may send, endpoints taking turns.
    pub fn take(&mut self, now: OffsetDateTime, instant: Instant) -> Option<Picked> {
        while self.in_flight < IN_FLIGHT_MAX {
            let id = self.turns.pop_front()?;
            let Some(lane) = self.lanes.get_mut(&id) else {
                continue;
            };
            lane.has_turn = false;
            if self.draining.contains(&lane.view.shard) {
                continue;
            }
            let Some(delivery) = lane.take(now, instant, &mut self.bytes) else {
                continue;
            };
            let picked = Picked {
                delivery,
                endpoint: Arc::clone(&lane.view),
                epoch: lane.epoch,
                generation: lane.generation,
            };
            self.in_flight += 1;
            self.hungry |= lane.is_hungry();
            self.give_turn(id);
            return Some(picked);
        }
        None
    }

    /// An attempt has ended; says what others must hear of its endpoint.
    pub fn finished(
        &mut self,
        picked: &Picked,
        result: Finish,
        now: OffsetDateTime,
    ) -> Option<News> {
        let id = picked.delivery.endpoint;
        let lane = self
            .lanes
            .get_mut(&id)
            .filter(|l| l.generation == picked.generation)?;
        lane.in_flight -= 1;
        self.in_flight -= 1;
        if picked.delivery.replay.is_some() {
            lane.replays_in_flight -= 1;
        }
        let change = match result {
            Finish::Accepted => lane.circuit.on_success(now),
            Finish::Failed => lane.circuit.on_failure(picked.delivery.id, now),
            Finish::SaysNothing => {
                lane.circuit.on_abandoned(picked.delivery.id);
                Change::None
            }
        };
        let news = lane.news(change, now);
        if !lane.is_closed() {
            lane.start_over(&mut self.bytes);
        }
        self.give_turn(id);
        news
    }

    /// An attempt that was not made (its lease had run out): as if it had never been taken.
    pub fn abandoned(&mut self, picked: &Picked) {
        let id = picked.delivery.endpoint;
        let Some(lane) = self
            .lanes
            .get_mut(&id)
            .filter(|l| l.generation == picked.generation)
        else {
            return;
        };
        lane.in_flight -= 1;
        self.in_flight -= 1;
        lane.circuit.on_abandoned(picked.delivery.id);
        if picked.delivery.replay.is_some() {
            lane.replays_in_flight -= 1;
        }
        lane.known.remove(&picked.delivery.id);
        lane.rewind_to(picked.delivery.due_at);
    }

    /// The record of an attempt has committed. `ended` says that the delivery is open no more.
    pub fn recorded(&mut self, picked: &Picked, ended: bool) {
        let id = picked.delivery.endpoint;
        let Some(lane) = self
            .lanes
            .get_mut(&id)
            .filter(|l| l.generation == picked.generation)
        else {
            return;
        };
        self.settled_now.push((id, picked.delivery.id));
        if let Some(order) = picked.delivery.order.filter(|_| ended)
            && lane.blocked.remove(&order)
        {
            self.freed.push((id, order));
        }
    }

    /// A read begins: which lanes want rows, from where, and how many. `all` asks every lane that has
    /// room (the poll that guarantees what hints hasten), `rescan` looks 10 s behind each place.
    pub fn wants(&mut self, all: bool, rescan: bool) -> Vec<Want> {
        self.settled_before.append(&mut self.settled_now);
        if self.bytes >= BYTES_MAX {
            return Vec::new();
        }
        let wanting = |lane: &&mut Lane| all || lane.more;
        self.lanes
            .values_mut()
            .filter(|lane| !self.draining.contains(&lane.view.shard))
            .filter(wanting)
            .filter_map(|lane| lane.want(rescan))
            .collect()
    }

    /// Orders whose earlier event has ended where a later one is known to wait.
    pub fn take_freed(&mut self) -> Vec<(EndpointId, OrderId)> {
        std::mem::take(&mut self.freed)
    }

    /// Whether a read is due before the next poll: a lane has run low while the table holds more,
    /// or a freed order waits.
    pub fn is_hungry(&self) -> bool {
        self.hungry || !self.freed.is_empty()
    }

    /// Freed orders that could not be read for.
    pub fn freed_again(&mut self, freed: Vec<(EndpointId, OrderId)>) {
        self.freed.extend(freed);
    }

    /// What a read found. Rows come in the order of their places.
    pub fn filled(&mut self, wants: &[Want], rows: Vec<(QueuedDelivery, bool)>, now: Instant) {
        let mut counts: HashMap<EndpointId, usize> = HashMap::new();
        for (delivery, blocked) in rows {
            let id = delivery.endpoint;
            *counts.entry(id).or_default() += 1;
            let Some(lane) = self.lanes.get_mut(&id) else {
                continue;
            };
            lane.found(delivery, blocked, now, &mut self.bytes);
            self.give_turn(id);
        }
        self.hungry = false;
        for want in wants {
            if let Some(lane) = self.lanes.get_mut(&want.endpoint) {
                lane.more = counts
                    .get(&want.endpoint)
                    .is_some_and(|n| *n as i64 >= want.room);
                self.hungry |= lane.is_hungry();
            }
        }
        self.forget_settled();
    }

    /// The next events of freed orders, as read by their order.
    pub fn filled_freed(&mut self, rows: Vec<QueuedDelivery>, now: Instant) {
        for delivery in rows {
            let id = delivery.endpoint;
            let Some(lane) = self.lanes.get_mut(&id) else {
                continue;
            };
            if !lane.known.contains(&delivery.id) {
                lane.push(delivery, now, &mut self.bytes);
                self.give_turn(id);
            }
        }
    }

    /// Lanes that wait for time alone (rate, probe, ramp) get a turn to look again.
    pub fn tick(&mut self) {
        let waiting: Vec<_> = self
            .lanes
            .iter()
            .filter(|(_, l)| l.queued() > 0 && !l.has_turn)
            .map(|(id, _)| *id)
            .collect();
        waiting.into_iter().for_each(|id| self.give_turn(id));
    }

    fn forget_settled(&mut self) {
        for (endpoint, id) in self.settled_before.drain(..) {
            if let Some(lane) = self.lanes.get_mut(&endpoint) {
                lane.known.remove(&id);
            }
        }
    }

    fn give_turn(&mut self, id: EndpointId) {
        if let Some(lane) = self.lanes.get_mut(&id)
            && !lane.has_turn
            && lane.queued() > 0
        {
            lane.has_turn = true;
            self.turns.push_back(id);
        }
    }
}

impl Lane {
    fn new(view: Arc<EndpointView>, epoch: i64, generation: u64, now: OffsetDateTime) -> Self {
        Self {
            circuit: Circuit::restored(view.circuit, view.failing_since, now),
            told: (view.failing_since, None),
            pace: Pace::new(view.rate_per_second),
            view,
            epoch,
            generation,
            live: VecDeque::new(),
            replays: VecDeque::new(),
            in_flight: 0,
            replays_in_flight: 0,
            known: HashSet::new(),
            blocked: HashSet::new(),
            place: Place::BEGINNING,
            more: true,
            capacity: LANE_START,
            has_turn: false,
        }
    }

    /// A flapping endpoint is told of once a second at most; a circuit that turns, always.
    fn news(&mut self, change: Change, now: OffsetDateTime) -> Option<News> {
        let failing_since = self.circuit.failing_since();
        let (known, told_at) = self.told;
        let is_new = known.is_some() != failing_since.is_some();
        let may_tell = told_at.is_none_or(|at| now - at >= TELL_EVERY);
        if change == Change::None && !(is_new && may_tell) {
            return None;
        }
        self.told = (failing_since, Some(now));
        Some(News {
            circuit: self.circuit.state(),
            failing_since,
            change,
        })
    }

    fn is_closed(&self) -> bool {
        self.circuit.state() == CircuitState::Closed
    }

    fn queued(&self) -> usize {
        self.live.len() + self.replays.len()
    }

    /// While a circuit is not closed a lane holds one delivery at most: the next probe.
    fn may_load(&self) -> bool {
        self.view.enabled() && (self.is_closed() || self.queued() == 0)
    }

    fn room(&self) -> usize {
        if !self.may_load() {
            return 0;
        }
        if !self.is_closed() {
            return 1;
        }
        self.capacity
            .saturating_sub(self.live.len().max(self.replays.len()))
    }

    fn is_hungry(&self) -> bool {
        self.more && self.may_load() && self.queued() * 2 < self.capacity
    }

    fn want(&mut self, rescan: bool) -> Option<Want> {
        if self.more && self.queued() == 0 && self.in_flight > 0 {
            self.capacity = (self.capacity * 2).min(LANE_MAX);
        }
        let room = self.room();
        let from = if rescan {
            self.place.back(RESCAN)
        } else {
            self.place
        };
        (room > 0).then(|| Want {
            endpoint: self.view.id,
            place: from,
            room: room as i64,
        })
    }

    fn push(&mut self, delivery: QueuedDelivery, now: Instant, bytes: &mut usize) {
        *bytes += delivery.bytes();
        self.known.insert(delivery.id);
        let queue = if delivery.replay.is_some() {
            &mut self.replays
        } else {
            &mut self.live
        };
        queue.push_back(Queued {
            delivery,
            read_at: now,
        });
    }

    fn found(&mut self, delivery: QueuedDelivery, blocked: bool, now: Instant, bytes: &mut usize) {
        self.place = self.place.max(delivery.place());
        if self.known.contains(&delivery.id) {
            return;
        }
        match delivery.order.filter(|_| blocked) {
            Some(_) if self.blocked.len() >= BLOCKED_MAX => self.start_over(bytes),
            Some(order) => drop(self.blocked.insert(order)),
            None => self.push(delivery, now, bytes),
        }
    }

    fn take(
        &mut self,
        now: OffsetDateTime,
        instant: Instant,
        bytes: &mut usize,
    ) -> Option<QueuedDelivery> {
        if !self.view.enabled()
            || self.in_flight >= self.view.max_in_flight
            || !self.circuit.may_send(now, self.in_flight)
        {
            return None;
        }
        let replays_max = (self.view.max_in_flight / 2).max(1);
        let replay_first =
            self.replays_in_flight < replays_max && self.replays_in_flight * 2 <= self.in_flight;
        let queue = match replay_first || self.live.is_empty() {
            true if !self.replays.is_empty() && self.replays_in_flight < replays_max => {
                &mut self.replays
            }
            _ => &mut self.live,
        };
        let read_at = queue.front()?.read_at;
        if instant.duration_since(read_at) > FRESH_FOR {
            self.capacity = (self.capacity / 2).max(16);
            self.drop_queued(bytes);
            return None;
        }
        if !self.pace.allows(instant) {
            return None;
        }
        let delivery = queue.pop_front()?.delivery;
        *bytes -= delivery.bytes();
        self.in_flight += 1;
        self.replays_in_flight += usize::from(delivery.replay.is_some());
        self.circuit.on_send(delivery.id);
        Some(delivery)
    }

    /// Drop what waits in memory and read it again.
    fn drop_queued(&mut self, bytes: &mut usize) {
        for queued in self.live.drain(..).chain(self.replays.drain(..)) {
            *bytes -= queued.delivery.bytes();
            self.known.remove(&queued.delivery.id);
            self.place = self.place.min(Place::just_before(queued.delivery.due_at));
        }
        self.more = true;
    }

    /// As above, but the next read begins where the table begins.
    fn start_over(&mut self, bytes: &mut usize) {
        self.drop_queued(bytes);
        self.blocked.clear();
        self.place = Place::BEGINNING;
    }

    fn rewind_to(&mut self, due_at: OffsetDateTime) {
        self.place = self.place.min(Place::just_before(due_at));
        self.more = true;
    }
}
