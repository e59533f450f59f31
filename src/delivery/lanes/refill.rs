//! Refill: which lanes the next read asks for, and how the rows it finds enter the lanes.
//!
//! One read runs at a time. An id whose record has committed is forgotten when the next read begins, because only
//! the read that was running may still bring the row as it was.
//! Promises: every lane that has room is read within as many reads as all of them need, whatever the others want.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Instant;

use buywire_schemas::ids::{EndpointId, OrderId};
use time::OffsetDateTime;

use super::lane::Queued;
use super::{BYTES_MAX, Lanes};
use crate::delivery::shards::Shard;
use crate::store::delivery::queue::{QueuePosition, QueuedDelivery, ReadRequest};

/// Lanes in one read, so that it stays short: a poll of more lanes takes several reads.
const LANES_PER_READ_MAX: usize = 512;

/// What a running read cannot know, because it happened after the read had begun.
#[derive(Default)]
pub(super) struct SinceReadBegan {
    /// Orders of which an event has ended, with the endpoint where it ended.
    pub(super) ended: HashSet<(EndpointId, OrderId)>,
    /// Orders whose buyer was redacted: rows of theirs may still name the buyer.
    pub(super) redacted: HashSet<OrderId>,
}

impl Lanes {
    /// A read begins. Returns which lanes want rows, from where, and how many. `is_poll` begins a poll, which reads
    /// every lane that has room, in as many reads as it takes; `rescan` sets each lane 10 s behind its position.
    ///
    /// The lane whose last read is oldest comes first, and while it does not fit, none after it is read.
    pub(crate) fn plan_read(&mut self, is_poll: bool, rescan: bool) -> Vec<ReadRequest> {
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
        // All requests together must fit, too.
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

    /// Whether the running poll has not read all its lanes yet.
    pub(crate) fn is_poll_incomplete(&self) -> bool {
        self.is_poll_incomplete
    }

    /// Take the orders of which an event has ended while a later one is known to wait.
    pub(crate) fn take_unblocked(&mut self) -> Vec<(EndpointId, OrderId)> {
        std::mem::take(&mut self.unblocked_orders)
    }

    /// Whether a read is due before the next poll: a lane has run low while the table holds more,
    /// or an unblocked order waits.
    pub(crate) fn needs_refill(&self) -> bool {
        self.needs_refill || !self.unblocked_orders.is_empty()
    }

    /// Put back unblocked orders whose read failed.
    pub(crate) fn put_back_unblocked(&mut self, orders: Vec<(EndpointId, OrderId)>) {
        self.unblocked_orders.extend(orders);
    }

    /// Add the rows of a read, which come in the order of their positions.
    pub(crate) fn fill(
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
            // The event it waits for may have ended after the row was read.
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

    /// Add the next open events of unblocked orders, each with whether it is due. One that is not due is left for a
    /// poll to find, and later events of its order wait for it all the same.
    pub(crate) fn fill_unblocked(&mut self, rows: Vec<(QueuedDelivery, bool)>, now: Instant) {
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

    /// Something that only a read finds has committed in these shards. The first of it was due at `since`.
    pub(crate) fn hint(&mut self, shards: &[Shard], since: Option<OffsetDateTime>) {
        for lane in self
            .lanes
            .values_mut()
            .filter(|lane| shards.contains(&lane.endpoint.shard))
        {
            lane.hint(since);
            self.needs_refill = true;
        }
    }

    /// Ended deliveries of these shards are open again: what waits in memory may have to wait for them now.
    pub(crate) fn on_reopened(&mut self, shards: &[Shard]) {
        for lane in self.lanes.values_mut() {
            if shards.contains(&lane.endpoint.shard) {
                lane.reread(&mut self.bytes);
                self.needs_refill = true;
            }
        }
    }

    /// Drop and read again whatever waits in memory for this order.
    pub(crate) fn reread_order(&mut self, order: OrderId) {
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
