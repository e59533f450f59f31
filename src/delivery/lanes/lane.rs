//! One lane: what waits in memory for one endpoint, what is known of its order, and how far its part of
//! the table has been read. Private to the lanes, which keep the sums over all of them.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use buywire_schemas::ids::{DeliveryId, OrderId};
use time::OffsetDateTime;

use super::{EndpointUpdate, holds::Hold};
use crate::delivery::circuit::{Circuit, CircuitState, CircuitTransition};
use crate::delivery::endpoints::ActiveEndpoint;
use crate::delivery::token_bucket::TokenBucket;
use crate::store::delivery::queue::{QueuePosition, QueuedDelivery, ReadRequest};

/// Rows a lane starts with; it doubles when it runs dry with more waiting, to at most [`LANE_MAX`].
const LANE_START: usize = 256;
/// At 10,000 deliveries a second this is under a second of work, and about 16 MB of bodies.
const LANE_MAX: usize = 8_192;
/// What was read longer ago is read again before it is sent: redactions, replays and other nodes change the table.
const STALE_AFTER: Duration = Duration::from_secs(5);
/// One read brings at most so many rows of one lane, and about so many bytes: reading on is cheap.
const READ_MAX: usize = 1_024;
const READ_BYTES_MAX: usize = 8 * 1024 * 1024;
/// A lane is asked for so few rows, beside those that are known: most have nothing, and what one is asked for is
/// kept free for it. Where there is more, the next read asks for [`READ_GROWTH`] times as many.
const READ_START: usize = 4;
const READ_GROWTH: usize = 8;
/// What a row is taken for before one was read: far above the usual 2 kB.
const ROW_BYTES_START: usize = 32 * 1024;
/// How far a rescan looks back: twice the time that an intake transaction may take.
const RESCAN_DEPTH: Duration = Duration::from_secs(10);
/// How often a lane is read from its beginning: late commits, and a database clock that went back, are found then.
const SWEEP_INTERVAL: Duration = Duration::from_secs(50);
/// How often a flapping endpoint's row is written at most.
const REPORT_INTERVAL: time::Duration = time::Duration::SECOND;
/// What a hint tells of was stamped when its transaction began and committed a little later.
const HINT_OVERLAP: Duration = Duration::from_millis(500);
/// Orders of one endpoint known to wait for an earlier event. Beyond it the lane asks after every order that ends one.
const BLOCKED_MAX: usize = 10_000;

pub(super) struct Queued {
    pub(super) delivery: QueuedDelivery,
    pub(super) read_at: Instant,
}

pub(super) struct Lane {
    pub(super) endpoint: Arc<ActiveEndpoint>,
    pub(super) epoch: i64,
    pub(super) generation: u64,
    pub(super) live: VecDeque<Queued>,
    pub(super) replays: VecDeque<Queued>,
    pub(super) in_flight: usize,
    pub(super) replays_in_flight: usize,
    /// Everything in the queues, in flight, or recorded too lately for a running read to know.
    pub(super) tracked_ids: HashSet<DeliveryId>,
    /// Orders with an event in the table that waits for an earlier one …
    blocked: HashSet<OrderId>,
    /// … and whether there are more of them than this set holds.
    has_more_blocked: bool,
    pub(super) circuit: Circuit,
    /// The `failing_since` that the table knows, and when it was last told.
    pub(super) reported: (Option<OffsetDateTime>, Option<OffsetDateTime>),
    pub(super) bucket: TokenBucket,
    /// Rows up to here have been read.
    position: QueuePosition,
    /// From where the next read should look back, and from where the running one does.
    rescan_from: Option<QueuePosition>,
    rescanning_from: Option<QueuePosition>,
    /// The lane went back while a read of it was running: that read must not lead past this place …
    rewound_to: Option<QueuePosition>,
    /// … or brings what may be outdated altogether: the lane has started over since.
    is_outdated: bool,
    /// The table may hold due rows behind `place`.
    pub(super) has_more: bool,
    /// How many rows the next read is asked for.
    read_rows: usize,
    /// The read that asked this lane last, and whether it is to be asked by the running poll.
    pub(super) last_read: u64,
    pub(super) is_poll_due: bool,
    /// When it was last set to be read from its beginning.
    swept_at: Option<Instant>,
    pub(super) capacity: usize,
    /// What a row takes in memory, by the rows read lately.
    row_bytes: usize,
    pub(super) in_rotation: bool,
    /// The endpoint said that it is gone; the table will say so too in a moment.
    pub(super) halted: bool,
    /// The endpoint has changed and was not read since.
    pub(super) hold: Option<Hold>,
    /// This node had nothing to send with; until then it does not try here.
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
            // A read that runs now was asked for by the lane that stood here before.
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

    /// A flapping endpoint is told of once a second at most; a circuit that turns, always.
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

    /// While a circuit is not closed a lane holds one delivery at most: the next probe.
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

    /// Look back for rows that committed behind what has been read; a lane without room, when it has some.
    pub(super) fn rescan(&mut self) {
        self.rescan_by(RESCAN_DEPTH);
    }

    /// Something that is due since then has just been committed, and only a read finds it.
    pub(super) fn hint(&mut self, since: Option<OffsetDateTime>) {
        self.rescan_by(HINT_OVERLAP);
        let since = since.map(QueuePosition::just_before);
        self.rescan_from = earlier(
            self.rescan_from,
            since.filter(|since| *since < self.position),
        );
        self.has_more = true;
    }

    /// Once in [`SWEEP_INTERVAL`], a lane looks back to where its part of the table begins. Lanes do so at different times.
    pub(super) fn sweep(&mut self, now: Instant) {
        let spread = Duration::from_secs(self.generation % SWEEP_INTERVAL.as_secs());
        let swept_at = *self
            .swept_at
            .get_or_insert(now.checked_sub(spread).unwrap_or(now));
        if now.duration_since(swept_at) >= SWEEP_INTERVAL {
            self.swept_at = Some(now);
            self.rescan_from = Some(QueuePosition::BEGINNING);
        }
    }

    fn rescan_by(&mut self, by: Duration) {
        let to = self.position.earlier_by(by);
        self.rescan_from = earlier(self.rescan_from, Some(to));
    }

    /// What so many rows may take in memory, by the largest of the rows read lately.
    pub(super) fn expected_bytes(&self, rows: i64) -> usize {
        usize::try_from(rows).unwrap_or(0) * self.row_bytes
    }

    /// Learn from a row how large rows are: at once when they grow, slowly when they shrink.
    pub(super) fn observe_size(&mut self, delivery: &QueuedDelivery) {
        let shrunk = self.row_bytes - self.row_bytes / 64;
        self.row_bytes = delivery.approx_bytes().max(shrunk);
    }

    /// What a read that begins now should bring, when so many bytes are left for it.
    pub(super) fn plan_read(&mut self, bytes_left: usize) -> Option<ReadRequest> {
        if self.has_more && self.queued() == 0 && self.in_flight > 0 {
            self.capacity = (self.capacity * 2).min(LANE_MAX);
        }
        let fitting = bytes_left.min(READ_BYTES_MAX) / self.row_bytes.max(1);
        // What is known may come again.
        let rows_max = (self.read_rows + self.tracked_ids.len()).min(READ_MAX);
        let limit = self.free_capacity().min(fitting).min(rows_max);
        if limit == 0 {
            return None;
        }
        self.rewound_to = None;
        self.is_outdated = false;
        // A read that failed has left what it was looking for.
        self.rescanning_from = earlier(self.rescanning_from, self.rescan_from.take());
        Some(ReadRequest {
            endpoint: self.endpoint.id,
            after: self
                .rescanning_from
                .map_or(self.position, |to| to.min(self.position)),
            limit: limit as i64,
        })
    }

    /// That read has been taken in: how far it came, and whether the table may hold more.
    pub(super) fn on_read(&mut self, last: Option<QueuePosition>, is_full: bool) {
        if self.is_outdated {
            return;
        }
        self.rescanning_from = None;
        self.read_rows = match is_full {
            true => (self.read_rows * READ_GROWTH).min(READ_MAX),
            false => (self.read_rows / 2).max(READ_START),
        };
        let left = last.filter(|last| is_full && *last < self.position);
        self.rescan_from = earlier(self.rescan_from, left);
        self.position = self.position.max(last.unwrap_or(QueuePosition::BEGINNING));
        self.has_more = is_full || self.rescan_from.is_some();
        if let Some(position) = self.rewound_to.take() {
            self.rewind_to_position(position);
        }
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

    /// A row that may be sent, as a read brought it.
    pub(super) fn add_if_new(&mut self, delivery: QueuedDelivery, now: Instant, bytes: &mut usize) {
        if !self.is_outdated && !self.tracked_ids.contains(&delivery.id) {
            self.push(delivery, now, bytes);
        }
    }

    /// An event of this order waits in the table for an earlier one.
    pub(super) fn block(&mut self, order: OrderId) {
        if self.blocked.len() < BLOCKED_MAX {
            self.blocked.insert(order);
        } else {
            self.has_more_blocked = true;
        }
    }

    /// An event of this order has ended: whether a later one may wait for that.
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

    /// What was read too long ago is dropped, and less is read from now on: nobody could send it.
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

    /// As above, and a running read is void: what it saw is no more so.
    pub(super) fn reread(&mut self, bytes: &mut usize) {
        self.drop_queued(bytes);
        self.is_outdated = true;
    }

    /// As above, but the next read begins where the table begins, and a running one is void.
    pub(super) fn reset(&mut self, bytes: &mut usize) {
        self.drop_queued(bytes);
        self.blocked.clear();
        self.has_more_blocked = false;
        self.rewind_to_position(QueuePosition::BEGINNING);
        self.is_outdated = true;
    }

    /// What was due then is in the table and nowhere else.
    pub(super) fn rewind_to(&mut self, due_at: OffsetDateTime) {
        self.rewind_to_position(QueuePosition::just_before(due_at));
    }

    fn rewind_to_position(&mut self, position: QueuePosition) {
        self.position = self.position.min(position);
        self.rewound_to = earlier(self.rewound_to, Some(position));
        self.has_more = true;
    }
}

fn earlier(one: Option<QueuePosition>, other: Option<QueuePosition>) -> Option<QueuePosition> {
    one.into_iter().chain(other).min()
}
