//! One lane: what waits in memory for one endpoint, what is known of its order, and how far its part of
//! the table has been read. Private to the lanes, which keep the sums over all of them.
//!
//! Promises: it sends only within its endpoint's limits: circuit, rate, attempts in flight, half of them replays.
//! Must not outlive a change of owner: its epoch and generation say which lane it is.

mod reading;

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use buywire_schemas::ids::{DeliveryId, OrderId};
use time::OffsetDateTime;

use super::signal::EndpointUpdate;
use super::token_bucket::TokenBucket;
use crate::delivery::circuit::{Circuit, CircuitState, CircuitTransition};
use crate::delivery::endpoints::ActiveEndpoint;
use crate::store::delivery::queue::{QueuePosition, QueuedDelivery};

/// Deliveries that a lane starts with room for. The room doubles when the lane runs dry with more waiting, up to
/// [`LANE_MAX`].
const LANE_START: usize = 256;
/// At 10,000 deliveries a second this is less than a second of work, and about 16 MB of bodies.
const LANE_MAX: usize = 8_192;
/// Rows of a lane's first read, in addition to those it knows. Most lanes have none, and memory is reserved for what
/// is requested.
const READ_START: usize = 4;
/// What was read longer ago is read again before it is sent: redactions, replays and other nodes change the table.
const STALE_AFTER: Duration = Duration::from_secs(5);
/// The assumed size of a row before one has been read: far above the usual 2 kB.
const ROW_BYTES_START: usize = 32 * 1024;
/// How often a flapping endpoint's row is written at most.
const REPORT_INTERVAL: time::Duration = time::Duration::SECOND;
/// Orders of one endpoint known to wait for an earlier event. Beyond it, the lane reads again for every order of which
/// an event ends.
const BLOCKED_MAX: usize = 10_000;

pub(super) struct Queued {
    pub(super) delivery: QueuedDelivery,
    pub(super) read_at: Instant,
}

/// A lane waits until a change of its endpoint has been read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hold {
    /// The latest change: a read that began before does not know of it.
    pub(super) updated_at: Instant,
    /// Counted from the first unread change. Later ones do not move it.
    pub(super) expires_at: Instant,
}

pub(super) struct Lane {
    pub(super) endpoint: Arc<ActiveEndpoint>,
    pub(super) epoch: i64,
    pub(super) generation: u64,
    pub(super) live: VecDeque<Queued>,
    pub(super) replays: VecDeque<Queued>,
    pub(super) in_flight: usize,
    pub(super) replays_in_flight: usize,
    /// Everything queued, in flight, or recorded too recently for a running read to know.
    pub(super) tracked_ids: HashSet<DeliveryId>,
    /// Orders with an event in the table that waits for an earlier one …
    blocked: HashSet<OrderId>,
    /// … and whether there are more of them than this set holds.
    has_more_blocked: bool,
    pub(super) circuit: Circuit,
    /// The `failing_since` in the table, and when it was last reported.
    pub(super) reported: (Option<OffsetDateTime>, Option<OffsetDateTime>),
    pub(super) bucket: TokenBucket,
    /// Rows up to here have been read.
    position: QueuePosition,
    /// Where the next rescan starts, and where the running one started.
    rescan_from: Option<QueuePosition>,
    rescanning_from: Option<QueuePosition>,
    /// The lane went back during a read, which must not advance it past this position …
    rewound_to: Option<QueuePosition>,
    /// … or started over, so that the running read may bring outdated rows.
    is_outdated: bool,
    /// The table may hold due rows behind `position`.
    pub(super) has_more: bool,
    /// Rows that the next read requests.
    read_rows: usize,
    /// The last read of this lane, and whether the running poll must still read it.
    pub(super) last_read: u64,
    pub(super) is_poll_due: bool,
    /// When the last sweep was due.
    swept_at: Option<Instant>,
    pub(super) capacity: usize,
    /// The memory that a row takes, by the rows read lately.
    row_bytes: usize,
    pub(super) in_rotation: bool,
    /// The endpoint said that it is gone; the table will say so in a moment.
    pub(super) halted: bool,
    pub(super) hold: Option<Hold>,
    /// This node had no descriptor or port left; until then it does not try here.
    pub(super) paused_until: Option<Instant>,
}

impl Lane {
    pub(super) fn new(
        endpoint: Arc<ActiveEndpoint>,
        epoch: i64,
        generation: u64,
        now: OffsetDateTime,
    ) -> Self {
        Self {
            circuit: Circuit::restored(endpoint.circuit, endpoint.failing_since, now),
            reported: (endpoint.failing_since, None),
            bucket: TokenBucket::new(endpoint.rate_per_second),
            endpoint,
            epoch,
            generation,
            live: VecDeque::new(),
            replays: VecDeque::new(),
            in_flight: 0,
            replays_in_flight: 0,
            tracked_ids: HashSet::new(),
            blocked: HashSet::new(),
            has_more_blocked: false,
            position: QueuePosition::BEGINNING,
            rescan_from: None,
            rescanning_from: None,
            rewound_to: None,
            // A read that is running was planned by the lane that was here before.
            is_outdated: true,
            has_more: true,
            read_rows: READ_START,
            last_read: 0,
            is_poll_due: false,
            swept_at: None,
            capacity: LANE_START,
            row_bytes: ROW_BYTES_START,
            in_rotation: false,
            halted: false,
            hold: None,
            paused_until: None,
        }
    }

    /// What changed of the endpoint: a flapping one is reported once a second at most, a circuit transition always.
    pub(super) fn take_update(
        &mut self,
        transition: CircuitTransition,
        now: OffsetDateTime,
    ) -> Option<EndpointUpdate> {
        let failing_since = self.circuit.failing_since();
        let (reported_since, reported_at) = self.reported;
        let has_changed = reported_since.is_some() != failing_since.is_some();
        let may_report = reported_at.is_none_or(|at| now - at >= REPORT_INTERVAL);
        if transition == CircuitTransition::None && !(has_changed && may_report) {
            return None;
        }
        self.reported = (failing_since, Some(now));
        Some(EndpointUpdate {
            circuit: self.circuit.state(),
            failing_since,
            transition,
        })
    }

    pub(super) fn is_closed(&self) -> bool {
        self.circuit.state() == CircuitState::Closed
    }

    pub(super) fn queued(&self) -> usize {
        self.live.len() + self.replays.len()
    }

    pub(super) fn may_send(&self) -> bool {
        self.endpoint.is_enabled() && !self.halted
    }

    /// While its circuit is not closed, a lane holds one delivery at most: the next probe.
    pub(super) fn may_load(&self) -> bool {
        self.may_send() && (self.is_closed() || self.queued() == 0)
    }

    pub(super) fn free_capacity(&self) -> usize {
        if !self.may_load() {
            return 0;
        }
        if !self.is_closed() {
            return 1;
        }
        self.capacity
            .saturating_sub(self.live.len().max(self.replays.len()))
    }

    pub(super) fn needs_refill(&self) -> bool {
        self.has_more && self.may_load() && self.queued() * 2 < self.capacity
    }

    pub(super) fn push(&mut self, delivery: QueuedDelivery, now: Instant, bytes: &mut usize) {
        *bytes += delivery.approx_bytes();
        self.tracked_ids.insert(delivery.id);
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

    /// Add a row that a read brought and that may be sent.
    pub(super) fn add_if_new(&mut self, delivery: QueuedDelivery, now: Instant, bytes: &mut usize) {
        if !self.is_outdated && !self.tracked_ids.contains(&delivery.id) {
            self.push(delivery, now, bytes);
        }
    }

    /// An event of this order waits in the table for an earlier one of the same order.
    pub(super) fn block(&mut self, order: OrderId) {
        if self.blocked.len() < BLOCKED_MAX {
            self.blocked.insert(order);
        } else {
            self.has_more_blocked = true;
        }
    }

    /// An event of this order has ended. Returns whether a later one may be waiting for that.
    pub(super) fn unblock(&mut self, order: OrderId) -> bool {
        self.blocked.remove(&order) || self.has_more_blocked
    }

    pub(super) fn take(
        &mut self,
        now: OffsetDateTime,
        instant: Instant,
        bytes: &mut usize,
    ) -> Option<QueuedDelivery> {
        if !self.may_send()
            || self.paused_until > Some(instant)
            || self.in_flight >= self.endpoint.max_in_flight
            || !self.circuit.may_send(now, self.in_flight)
        {
            return None;
        }
        let replays_max = (self.endpoint.max_in_flight / 2).max(1);
        let replay_first =
            self.replays_in_flight < replays_max && self.replays_in_flight * 2 <= self.in_flight;
        let queue = match replay_first || self.live.is_empty() {
            true if !self.replays.is_empty() && self.replays_in_flight < replays_max => {
                &mut self.replays
            }
            _ => &mut self.live,
        };
        if instant.duration_since(queue.front()?.read_at) > STALE_AFTER {
            self.drop_stale(instant, bytes);
            return None;
        }
        if !self.bucket.try_acquire(instant) {
            return None;
        }
        let delivery = queue.pop_front()?.delivery;
        *bytes -= delivery.approx_bytes();
        self.in_flight += 1;
        self.replays_in_flight += usize::from(delivery.replay.is_some());
        self.circuit.on_send(delivery.id);
        Some(delivery)
    }

    pub(super) fn on_attempt_ended(&mut self, delivery: &QueuedDelivery) {
        self.in_flight -= 1;
        self.replays_in_flight -= usize::from(delivery.replay.is_some());
    }

    /// Drop what was read too long ago and could not be sent since. Reads become smaller.
    pub(super) fn drop_stale(&mut self, now: Instant, bytes: &mut usize) {
        let is_stale = |queue: &VecDeque<Queued>| {
            let read_at = queue.front().map(|queued| queued.read_at);
            read_at.is_some_and(|at| now.duration_since(at) > STALE_AFTER)
        };
        if is_stale(&self.live) || is_stale(&self.replays) {
            self.capacity = (self.capacity / 2).max(16);
            self.drop_queued(bytes);
        }
    }

    /// Drop what waits in memory and read it again.
    pub(super) fn drop_queued(&mut self, bytes: &mut usize) {
        let mut oldest = self.position;
        for queued in self.live.drain(..).chain(self.replays.drain(..)) {
            *bytes -= queued.delivery.approx_bytes();
            self.tracked_ids.remove(&queued.delivery.id);
            oldest = oldest.min(QueuePosition::just_before(queued.delivery.due_at));
        }
        self.rewind_to_position(oldest);
    }

    /// As [`Self::drop_queued`], and ignore a running read, which may have seen what has changed since.
    pub(super) fn reread(&mut self, bytes: &mut usize) {
        self.drop_queued(bytes);
        self.is_outdated = true;
    }

    /// As [`Self::reread`], but the next read starts where this lane's part of the table begins.
    pub(super) fn reset(&mut self, bytes: &mut usize) {
        self.reread(bytes);
        self.blocked.clear();
        self.has_more_blocked = false;
        self.rewind_to_position(QueuePosition::BEGINNING);
    }
}
