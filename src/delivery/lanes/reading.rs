//! Reading: which lanes want rows of the table, and what becomes of the rows that a read found.
//!
//! One read runs at a time. An id whose record has committed is forgotten when the next read begins:
//! only the one that was running may still bring it as it was.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Instant;

use buywire_schemas::ids::{EndpointId, OrderId};
use time::OffsetDateTime;

use super::lane::Queued;
use super::{BYTES_MAX, Lanes};
use crate::delivery::shards::Shard;
use crate::store::queue::{Place, QueuedDelivery, Want};

/// Lanes in one read, so that it is short: a poll of more takes several.
const ASKED_MAX: usize = 512;

/// What a running read cannot know, because it happened after the read had begun.
#[derive(Default)]
pub(super) struct SinceReadBegan {
    /// Orders of which an event has ended, where it ended.
    pub(super) ended: HashSet<(EndpointId, OrderId)>,
    /// Orders whose buyer was redacted: what is read of them may still name the buyer.
    pub(super) redacted: HashSet<OrderId>,
}

impl Lanes {
    /// A read begins: which lanes want rows, from where, and how many. `all` begins a poll, which asks every
    /// lane that has room, in as many reads as it takes; `look_back` sets each 10 s behind its place.
    ///
    /// Who waits longest since it was asked is asked first, and nobody behind it is asked while it does not fit. So
    /// every lane that has room is read within as many reads as all of them need, whatever the others want.
    pub fn wants(&mut self, all: bool, look_back: bool) -> Vec<Want> {
        self.since_read_began = SinceReadBegan::default();
        self.forget_settled();
        self.reads += 1;
        let mut asked = Vec::new();
        for (id, lane) in &mut self.lanes {
            if look_back {
                lane.look_back();
            }
            let is_served = !self.draining.contains(&lane.view.shard) && lane.room() > 0;
            lane.is_polled = is_served && (all || lane.is_polled);
            if is_served && (lane.is_polled || lane.is_hungry()) {
                asked.push((lane.asked_in, *id));
            }
        }
        asked.sort_unstable();
        // What all of them ask for together must fit, too.
        let mut left = BYTES_MAX.saturating_sub(self.bytes);
        let mut wants = Vec::new();
        for (_, id) in asked.iter().take(ASKED_MAX) {
            let Some(lane) = self.lanes.get_mut(id) else {
                continue;
            };
            let Some(want) = lane.want(left) else {
                break;
            };
            left = left.saturating_sub(lane.expected_bytes(want.room));
            lane.asked_in = self.reads;
            lane.is_polled = false;
            wants.push(want);
        }
        self.is_poll_left = asked.len() > wants.len() && !wants.is_empty();
        wants
    }

    /// Whether a poll has asked only some of those that it is to ask.
    pub fn is_poll_left(&self) -> bool {
        self.is_poll_left
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
        let mut counts: HashMap<EndpointId, (i64, Place)> = HashMap::new();
        for (delivery, is_blocked) in rows {
            let seen = counts
                .entry(delivery.endpoint)
                .or_insert((0, Place::BEGINNING));
            *seen = (seen.0 + 1, delivery.place());
            if let Some(lane) = self.lanes.get_mut(&delivery.endpoint) {
                lane.weigh(&delivery);
            }
            self.take_in(delivery, is_blocked, now);
        }
        self.hungry = false;
        for want in wants {
            if let Some(lane) = self.lanes.get_mut(&want.endpoint) {
                let seen = counts.get(&want.endpoint);
                let is_full = seen.is_some_and(|(count, _)| *count >= want.room);
                lane.has_read(seen.map(|(_, last)| *last), is_full);
                self.hungry |= lane.is_hungry();
            }
        }
    }

    fn take_in(&mut self, delivery: QueuedDelivery, is_blocked: bool, now: Instant) {
        let id = delivery.endpoint;
        let Some(lane) = self.lanes.get_mut(&id) else {
            return;
        };
        match delivery.order {
            Some(order) if self.since_read_began.redacted.contains(&order) => {
                lane.rewind_to(delivery.due_at);
            }
            // What it waited for may have ended after it was read.
            Some(order) if is_blocked && self.since_read_began.ended.contains(&(id, order)) => {
                self.freed.push((id, order));
            }
            Some(order) if is_blocked => lane.block(order),
            _ => {
                lane.found(delivery, now, &mut self.bytes);
                self.give_turn(id);
            }
        }
    }

    /// The next open events of freed orders, as read by their order, and whether each is due. Only a
    /// poll finds one that is not; what follows it waits for it all the same.
    pub fn filled_freed(&mut self, rows: Vec<(QueuedDelivery, bool)>, now: Instant) {
        for (delivery, is_due) in rows {
            let id = delivery.endpoint;
            let (Some(lane), Some(order)) = (self.lanes.get_mut(&id), delivery.order) else {
                continue;
            };
            let since = &self.since_read_began;
            if since.ended.contains(&(id, order)) || since.redacted.contains(&order) {
                self.freed.push((id, order));
                continue;
            }
            lane.block(order);
            if is_due {
                lane.found(delivery, now, &mut self.bytes);
                self.give_turn(id);
            }
        }
    }

    /// Something was committed in these shards that only a read finds; `since` is when the first of it was due.
    pub fn hint(&mut self, shards: &[Shard], since: Option<OffsetDateTime>) {
        for lane in self
            .lanes
            .values_mut()
            .filter(|lane| shards.contains(&lane.view.shard))
        {
            lane.hinted(since);
            self.hungry = true;
        }
    }

    /// Ended deliveries of these shards are open again: what waits in memory may have to wait for them.
    pub fn reopened(&mut self, shards: &[Shard]) {
        for lane in self.lanes.values_mut() {
            if shards.contains(&lane.view.shard) {
                lane.reread(&mut self.bytes);
                self.hungry = true;
            }
        }
    }

    /// Everything that waits in memory for this order is dropped and read again.
    pub fn reread(&mut self, order: OrderId) {
        self.since_read_began.redacted.insert(order);
        for lane in self.lanes.values_mut() {
            let holds =
                |queue: &VecDeque<Queued>| queue.iter().any(|q| q.delivery.order == Some(order));
            if holds(&lane.live) || holds(&lane.replays) {
                lane.start_over(&mut self.bytes);
            }
        }
    }

    fn forget_settled(&mut self) {
        for (endpoint, id) in std::mem::take(&mut self.settled) {
            if let Some(lane) = self.lanes.get_mut(&endpoint) {
                lane.known.remove(&id);
            }
        }
    }
}
