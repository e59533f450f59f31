//! One lane: what waits in memory for one endpoint, what is known of its order, and how far its part of
//! the table has been read. Private to the lanes, which keep the sums over all of them.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use buywire_schemas::ids::{DeliveryId, OrderId};
use time::OffsetDateTime;

use super::{News, changing::HeldBack};
use crate::delivery::circuit::{Change, Circuit, CircuitState};
use crate::delivery::endpoints::EndpointView;
use crate::delivery::pace::Pace;
use crate::store::queue::{Place, QueuedDelivery, Want};

/// Rows a lane starts with; it doubles when it runs dry with more waiting, to at most [`LANE_MAX`].
const LANE_START: usize = 256;
/// At 10,000 deliveries a second this is under a second of work, and about 16 MB of bodies.
const LANE_MAX: usize = 8_192;
/// What was read longer ago is read again before it is sent: redactions, replays and other nodes change the table.
const FRESH_FOR: Duration = Duration::from_secs(5);
/// One read brings at most so many rows of one lane, and about so many bytes: reading on is cheap.
const READ_MAX: usize = 1_024;
const READ_BYTES_MAX: usize = 8 * 1024 * 1024;
/// A lane is asked for so few rows, beside those that are known: most have nothing, and what one is asked for is
/// kept free for it. Where there is more, the next read asks for [`ASK_GROWS`] times as many.
const ASK_FIRST: usize = 4;
const ASK_GROWS: usize = 8;
/// What a row is taken for before one was read: far above the usual 2 kB.
const ROW_BYTES_START: usize = 32 * 1024;
/// How far a rescan looks back: twice the time that an intake transaction may take.
const RESCAN: Duration = Duration::from_secs(10);
/// How often a lane is read from its beginning: late commits, and a database clock that went back, are found then.
const SWEEP_EVERY: Duration = Duration::from_secs(50);
/// How often a flapping endpoint's row is written at most.
const TELL_EVERY: time::Duration = time::Duration::SECOND;
/// What a hint tells of was stamped when its transaction began and committed a little later.
const HINTED_LATE: Duration = Duration::from_millis(500);
/// Orders of one endpoint known to wait for an earlier event. Beyond it the lane asks after every order that ends one.
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
    /// Orders with an event in the table that waits for an earlier one …
    blocked: HashSet<OrderId>,
    /// … and whether there are more of them than this set holds.
    more_blocked: bool,
    pub(super) circuit: Circuit,
    /// The `failing_since` that the table knows, and when it was last told.
    pub(super) told: (Option<OffsetDateTime>, Option<OffsetDateTime>),
    pub(super) pace: Pace,
    /// Rows up to here have been read.
    place: Place,
    /// From where the next read should look back, and from where the running one does.
    look_back_to: Option<Place>,
    looking_back: Option<Place>,
    /// The lane went back while a read of it was running: that read must not lead past this place …
    went_back_to: Option<Place>,
    /// … or brings what may be outdated altogether: the lane has started over since.
    is_outdated: bool,
    /// The table may hold due rows behind `place`.
    pub(super) more: bool,
    /// How many rows the next read is asked for.
    ask: usize,
    /// The read that asked this lane last, and whether it is to be asked by the running poll.
    pub(super) asked_in: u64,
    pub(super) is_polled: bool,
    /// When it was last set to be read from its beginning.
    swept_at: Option<Instant>,
    pub(super) capacity: usize,
    /// What a row takes in memory, by the rows read lately.
    row_bytes: usize,
    pub(super) has_turn: bool,
    /// The endpoint said that it is gone; the table will say so too in a moment.
    pub(super) halted: bool,
    /// The endpoint has changed and was not read since.
    pub(super) held_back: Option<HeldBack>,
    /// This node had nothing to send with; until then it does not try here.
    pub(super) rests_until: Option<Instant>,
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
            more_blocked: false,
            place: Place::BEGINNING,
            look_back_to: None,
            looking_back: None,
            went_back_to: None,
            // A read that runs now was asked for by the lane that stood here before.
            is_outdated: true,
            more: true,
            ask: ASK_FIRST,
            asked_in: 0,
            is_polled: false,
            swept_at: None,
            capacity: LANE_START,
            row_bytes: ROW_BYTES_START,
            has_turn: false,
            halted: false,
            held_back: None,
            rests_until: None,
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

    /// Look back for rows that committed behind what has been read; a lane without room, when it has some.
    pub(super) fn look_back(&mut self) {
        self.look_back_by(RESCAN);
    }

    /// Something that is due since then has just been committed, and only a read finds it.
    pub(super) fn hinted(&mut self, since: Option<OffsetDateTime>) {
        self.look_back_by(HINTED_LATE);
        let since = since.map(Place::just_before);
        self.look_back_to = earlier(self.look_back_to, since.filter(|since| *since < self.place));
        self.more = true;
    }

    /// Once in [`SWEEP_EVERY`], a lane looks back to where its part of the table begins. Lanes do so at different times.
    pub(super) fn sweep(&mut self, now: Instant) {
        let spread = Duration::from_secs(self.generation % SWEEP_EVERY.as_secs());
        let swept_at = *self
            .swept_at
            .get_or_insert(now.checked_sub(spread).unwrap_or(now));
        if now.duration_since(swept_at) >= SWEEP_EVERY {
            self.swept_at = Some(now);
            self.look_back_to = Some(Place::BEGINNING);
        }
    }

    fn look_back_by(&mut self, by: Duration) {
        let to = self.place.back(by);
        self.look_back_to = earlier(self.look_back_to, Some(to));
    }

    /// What so many rows may take in memory, by the largest of the rows read lately.
    pub(super) fn expected_bytes(&self, rows: i64) -> usize {
        usize::try_from(rows).unwrap_or(0) * self.row_bytes
    }

    /// Learn from a row how large rows are: at once when they grow, slowly when they shrink.
    pub(super) fn weigh(&mut self, delivery: &QueuedDelivery) {
        let shrunk = self.row_bytes - self.row_bytes / 64;
        self.row_bytes = delivery.bytes().max(shrunk);
    }

    /// What a read that begins now should bring, when so many bytes are left for it.
    pub(super) fn want(&mut self, bytes_left: usize) -> Option<Want> {
        if self.more && self.queued() == 0 && self.in_flight > 0 {
            self.capacity = (self.capacity * 2).min(LANE_MAX);
        }
        let fitting = bytes_left.min(READ_BYTES_MAX) / self.row_bytes.max(1);
        // What is known may come again.
        let ask = (self.ask + self.known.len()).min(READ_MAX);
        let room = self.room().min(fitting).min(ask);
        if room == 0 {
            return None;
        }
        self.went_back_to = None;
        self.is_outdated = false;
        // A read that failed has left what it was looking for.
        self.looking_back = earlier(self.looking_back, self.look_back_to.take());
        Some(Want {
            endpoint: self.view.id,
            place: self
                .looking_back
                .map_or(self.place, |to| to.min(self.place)),
            room: room as i64,
        })
    }

    /// That read has been taken in: how far it came, and whether the table may hold more.
    pub(super) fn has_read(&mut self, last: Option<Place>, is_full: bool) {
        if self.is_outdated {
            return;
        }
        self.looking_back = None;
        self.ask = match is_full {
            true => (self.ask * ASK_GROWS).min(READ_MAX),
            false => (self.ask / 2).max(ASK_FIRST),
        };
        let left = last.filter(|last| is_full && *last < self.place);
        self.look_back_to = earlier(self.look_back_to, left);
        self.place = self.place.max(last.unwrap_or(Place::BEGINNING));
        self.more = is_full || self.look_back_to.is_some();
        if let Some(place) = self.went_back_to.take() {
            self.go_back_to(place);
        }
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

    /// A row that may be sent, as a read brought it.
    pub(super) fn found(&mut self, delivery: QueuedDelivery, now: Instant, bytes: &mut usize) {
        if !self.is_outdated && !self.known.contains(&delivery.id) {
            self.push(delivery, now, bytes);
        }
    }

    /// An event of this order waits in the table for an earlier one.
    pub(super) fn block(&mut self, order: OrderId) {
        if self.blocked.len() < BLOCKED_MAX {
            self.blocked.insert(order);
        } else {
            self.more_blocked = true;
        }
    }

    /// An event of this order has ended: whether a later one may wait for that.
    pub(super) fn frees(&mut self, order: OrderId) -> bool {
        self.blocked.remove(&order) || self.more_blocked
    }

    pub(super) fn take(
        &mut self,
        now: OffsetDateTime,
        instant: Instant,
        bytes: &mut usize,
    ) -> Option<QueuedDelivery> {
        if !self.may_send()
            || self.rests_until > Some(instant)
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
        if instant.duration_since(queue.front()?.read_at) > FRESH_FOR {
            self.drop_stale(instant, bytes);
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

    pub(super) fn attempt_ended(&mut self, delivery: &QueuedDelivery) {
        self.in_flight -= 1;
        self.replays_in_flight -= usize::from(delivery.replay.is_some());
    }

    /// What was read too long ago is dropped, and less is read from now on: nobody could send it.
    pub(super) fn drop_stale(&mut self, now: Instant, bytes: &mut usize) {
        let is_stale = |queue: &VecDeque<Queued>| {
            let read_at = queue.front().map(|queued| queued.read_at);
            read_at.is_some_and(|at| now.duration_since(at) > FRESH_FOR)
        };
        if is_stale(&self.live) || is_stale(&self.replays) {
            self.capacity = (self.capacity / 2).max(16);
            self.drop_queued(bytes);
        }
    }

    /// Drop what waits in memory and read it again.
    pub(super) fn drop_queued(&mut self, bytes: &mut usize) {
        let mut oldest = self.place;
        for queued in self.live.drain(..).chain(self.replays.drain(..)) {
            *bytes -= queued.delivery.bytes();
            self.known.remove(&queued.delivery.id);
            oldest = oldest.min(Place::just_before(queued.delivery.due_at));
        }
        self.go_back_to(oldest);
    }

    /// As above, and a running read is void: what it saw is no more so.
    pub(super) fn reread(&mut self, bytes: &mut usize) {
        self.drop_queued(bytes);
        self.is_outdated = true;
    }

    /// As above, but the next read begins where the table begins, and a running one is void.
    pub(super) fn start_over(&mut self, bytes: &mut usize) {
        self.drop_queued(bytes);
        self.blocked.clear();
        self.more_blocked = false;
        self.go_back_to(Place::BEGINNING);
        self.is_outdated = true;
    }

    /// What was due then is in the table and nowhere else.
    pub(super) fn rewind_to(&mut self, due_at: OffsetDateTime) {
        self.go_back_to(Place::just_before(due_at));
    }

    fn go_back_to(&mut self, place: Place) {
        self.place = self.place.min(place);
        self.went_back_to = earlier(self.went_back_to, Some(place));
        self.more = true;
    }
}

fn earlier(one: Option<Place>, other: Option<Place>) -> Option<Place> {
    one.into_iter().chain(other).min()
}
