//! One lane: what waits in memory for one endpoint, what is known of its order, and how far its part of
//! the table has been read. Private to the lanes, which keep the sums over all of them.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use buywire_schemas::ids::{DeliveryId, OrderId};
use time::OffsetDateTime;

use super::News;
use crate::delivery::circuit::{Change, Circuit, CircuitState};
use crate::delivery::endpoints::EndpointView;
use crate::delivery::pace::Pace;
use crate::store::queue::{Place, QueuedDelivery, Want};

/// Rows a lane starts with; it doubles when it runs dry with more waiting, to at most [`LANE_MAX`].
const LANE_START: usize = 256;
/// At 10,000 deliveries a second this is under a second of work, and about 16 MB of bodies.
const LANE_MAX: usize = 8_192;
/// What was read longer ago is read again before it is sent: the table may have changed (a
/// redaction, a replay, another node).
const FRESH_FOR: Duration = Duration::from_secs(5);
/// How far a rescan looks back: twice the time that an intake transaction may take.
const RESCAN: Duration = Duration::from_secs(10);
/// How often a flapping endpoint's row is written at most.
const TELL_EVERY: time::Duration = time::Duration::SECOND;
/// Orders of one endpoint known to wait for an earlier event. Beyond it the lane starts over.
const BLOCKED_MAX: usize = 10_000;

pub(super) struct Queued {
    pub(super) delivery: QueuedDelivery,
    pub(super) read_at: Instant,
}

pub(super) struct Lane {
    pub(super) view: Arc<EndpointView>,
    pub(super) epoch: i64,
    pub(super) generation: u64,
    pub(super) live: VecDeque<Queued>,
    pub(super) replays: VecDeque<Queued>,
    pub(super) in_flight: usize,
    pub(super) replays_in_flight: usize,
    /// Everything in the queues, in flight, or recorded too lately for a running read to know.
    pub(super) known: HashSet<DeliveryId>,
    pub(super) blocked: HashSet<OrderId>,
    pub(super) circuit: Circuit,
    /// The `failing_since` that the table knows, and when it was last told.
    pub(super) told: (Option<OffsetDateTime>, Option<OffsetDateTime>),
    pub(super) pace: Pace,
    /// Rows up to here have been read.
    pub(super) place: Place,
    /// The table may hold due rows behind `place`.
    pub(super) more: bool,
    pub(super) capacity: usize,
    pub(super) has_turn: bool,
    /// The endpoint said that it is gone; the table will say so too in a moment.
    pub(super) halted: bool,
}

impl Lane {
    pub(super) fn new(
        view: Arc<EndpointView>,
        epoch: i64,
        generation: u64,
        now: OffsetDateTime,
    ) -> Self {
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
            halted: false,
        }
    }

    /// A flapping endpoint is told of once a second at most; a circuit that turns, always.
    pub(super) fn news(&mut self, change: Change, now: OffsetDateTime) -> Option<News> {
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

    pub(super) fn is_closed(&self) -> bool {
        self.circuit.state() == CircuitState::Closed
    }

    pub(super) fn queued(&self) -> usize {
        self.live.len() + self.replays.len()
    }

    pub(super) fn may_send(&self) -> bool {
        self.view.enabled() && !self.halted
    }

    /// While a circuit is not closed a lane holds one delivery at most: the next probe.
    pub(super) fn may_load(&self) -> bool {
        self.may_send() && (self.is_closed() || self.queued() == 0)
    }

    pub(super) fn room(&self) -> usize {
        if !self.may_load() {
            return 0;
        }
        if !self.is_closed() {
            return 1;
        }
        self.capacity
            .saturating_sub(self.live.len().max(self.replays.len()))
    }

    pub(super) fn is_hungry(&self) -> bool {
        self.more && self.may_load() && self.queued() * 2 < self.capacity
    }

    pub(super) fn want(&mut self, rescan: bool) -> Option<Want> {
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

    pub(super) fn push(&mut self, delivery: QueuedDelivery, now: Instant, bytes: &mut usize) {
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

    pub(super) fn found(
        &mut self,
        delivery: QueuedDelivery,
        blocked: bool,
        now: Instant,
        bytes: &mut usize,
    ) {
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

    pub(super) fn take(
        &mut self,
        now: OffsetDateTime,
        instant: Instant,
        bytes: &mut usize,
    ) -> Option<QueuedDelivery> {
        if !self.may_send()
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
    pub(super) fn drop_queued(&mut self, bytes: &mut usize) {
        for queued in self.live.drain(..).chain(self.replays.drain(..)) {
            *bytes -= queued.delivery.bytes();
            self.known.remove(&queued.delivery.id);
            self.place = self.place.min(Place::just_before(queued.delivery.due_at));
        }
        self.more = true;
    }

    /// As above, but the next read begins where the table begins.
    pub(super) fn start_over(&mut self, bytes: &mut usize) {
        self.drop_queued(bytes);
        self.blocked.clear();
        self.place = Place::BEGINNING;
    }

    pub(super) fn rewind_to(&mut self, due_at: OffsetDateTime) {
        self.place = self.place.min(Place::just_before(due_at));
        self.more = true;
    }
}
