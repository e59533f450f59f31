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
use crate::store::delivery::queue::{QueuePosition, QueuedDelivery, ReadRequest};

/// Lanes in one read, so that it is short: a poll of more takes several.
const LANES_PER_READ_MAX: usize = 512;

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
    pub fn plan_read(&mut self, is_poll: bool, rescan: bool) -> Vec<ReadRequest> {
        self.since_read_began = SinceReadBegan::default();
        self.forget_recorded();
        self.read_count += 1;
        let mut candidates = Vec::new();
        for (id, lane) in &mut self.lanes {
            if rescan {
                lane.rescan();
            }
            let is_served =
                !self.draining.contains(&lane.endpoint.shard) && lane.free_capacity() > 0;
            lane.is_poll_due = is_served && (is_poll || lane.is_poll_due);
            if is_served && (lane.is_poll_due || lane.needs_refill()) {
                candidates.push((lane.last_read, *id));
            }
        }
        candidates.sort_unstable();
        // What all of them ask for together must fit, too.
        let mut bytes_left = BYTES_MAX.saturating_sub(self.bytes);
        let mut requests = Vec::new();
        for (_, id) in candidates.iter().take(LANES_PER_READ_MAX) {
            let Some(lane) = self.lanes.get_mut(id) else {
                continue;
            };
            let Some(request) = lane.plan_read(bytes_left) else {
                break;
            };
            bytes_left = bytes_left.saturating_sub(lane.expected_bytes(request.limit));
            lane.last_read = self.read_count;
            lane.is_poll_due = false;
            requests.push(request);
        }
        self.is_poll_incomplete = candidates.len() > requests.len() && !requests.is_empty();
        requests
    }

    /// Whether a poll has asked only some of those that it is to ask.
    pub fn is_poll_incomplete(&self) -> bool {
        self.is_poll_incomplete
    }

    /// Orders whose earlier event has ended where a later one is known to wait.
    pub fn take_unblocked(&mut self) -> Vec<(EndpointId, OrderId)> {
        std::mem::take(&mut self.unblocked_orders)
    }

    /// Whether a read is due before the next poll: a lane has run low while the table holds more,
    /// or a freed order waits.
    pub fn needs_refill(&self) -> bool {
        self.needs_refill || !self.unblocked_orders.is_empty()
    }

    /// Freed orders that could not be read for.
    pub fn put_back_unblocked(&mut self, orders: Vec<(EndpointId, OrderId)>) {
        self.unblocked_orders.extend(orders);
    }

    /// What a read found. Rows come in the order of their places.
    pub fn fill(
        &mut self,
        requests: &[ReadRequest],
        rows: Vec<(QueuedDelivery, bool)>,
        now: Instant,
    ) {
        let mut counts: HashMap<EndpointId, (i64, QueuePosition)> = HashMap::new();
        for (delivery, is_blocked) in rows {
            let found = counts
                .entry(delivery.endpoint)
                .or_insert((0, QueuePosition::BEGINNING));
            *found = (found.0 + 1, delivery.position());
            if let Some(lane) = self.lanes.get_mut(&delivery.endpoint) {
                lane.observe_size(&delivery);
            }
            self.add_row(delivery, is_blocked, now);
        }
        self.needs_refill = false;
        for request in requests {
            if let Some(lane) = self.lanes.get_mut(&request.endpoint) {
                let found = counts.get(&request.endpoint);
                let is_full = found.is_some_and(|(count, _)| *count >= request.limit);
                lane.on_read(found.map(|(_, last)| *last), is_full);
                self.needs_refill |= lane.needs_refill();
            }
        }
    }

    fn add_row(&mut self, delivery: QueuedDelivery, is_blocked: bool, now: Instant) {
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
                self.unblocked_orders.push((id, order));
            }
            Some(order) if is_blocked => lane.block(order),
            _ => {
                lane.add_if_new(delivery, now, &mut self.bytes);
                self.join_rotation(id);
            }
        }
    }

    /// The next open events of freed orders, as read by their order, and whether each is due. Only a
    /// poll finds one that is not; what follows it waits for it all the same.
    pub fn fill_unblocked(&mut self, rows: Vec<(QueuedDelivery, bool)>, now: Instant) {
        for (delivery, is_due) in rows {
            let id = delivery.endpoint;
            let (Some(lane), Some(order)) = (self.lanes.get_mut(&id), delivery.order) else {
                continue;
            };
            let since = &self.since_read_began;
            if since.ended.contains(&(id, order)) || since.redacted.contains(&order) {
                self.unblocked_orders.push((id, order));
                continue;
            }
            lane.block(order);
            if is_due {
                lane.add_if_new(delivery, now, &mut self.bytes);
                self.join_rotation(id);
            }
        }
    }

    /// Something was committed in these shards that only a read finds; `since` is when the first of it was due.
    pub fn hint(&mut self, shards: &[Shard], since: Option<OffsetDateTime>) {
        for lane in self
            .lanes
            .values_mut()
            .filter(|lane| shards.contains(&lane.endpoint.shard))
        {
            lane.hint(since);
            self.needs_refill = true;
        }
    }

    /// Ended deliveries of these shards are open again: what waits in memory may have to wait for them.
    pub fn on_reopened(&mut self, shards: &[Shard]) {
        for lane in self.lanes.values_mut() {
            if shards.contains(&lane.endpoint.shard) {
                lane.reread(&mut self.bytes);
                self.needs_refill = true;
            }
        }
    }

    /// Everything that waits in memory for this order is dropped and read again.
    pub fn reread_order(&mut self, order: OrderId) {
        self.since_read_began.redacted.insert(order);
        for lane in self.lanes.values_mut() {
            let holds =
                |queue: &VecDeque<Queued>| queue.iter().any(|q| q.delivery.order == Some(order));
            if holds(&lane.live) || holds(&lane.replays) {
                lane.reset(&mut self.bytes);
            }
        }
    }

    fn forget_recorded(&mut self) {
        for (endpoint, id) in std::mem::take(&mut self.recorded_ids) {
            if let Some(lane) = self.lanes.get_mut(&endpoint) {
                lane.tracked_ids.remove(&id);
            }
        }
    }
}
