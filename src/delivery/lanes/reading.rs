//! Reading: which lanes want rows of the table, and what becomes of the rows that a read found.
//!
//! One read runs at a time. Ids whose record has committed are forgotten only when a read that began
//! after it has been taken in: an older read may still bring them.

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

use buywire_schemas::ids::{EndpointId, OrderId};

use super::lane::{Lane, Queued};
use super::{BYTES_MAX, Lanes};
use crate::delivery::shards::Shard;
use crate::store::queue::{QueuedDelivery, Want};

impl Lanes {
    /// A read begins: which lanes want rows, from where, and how many. `all` asks every lane that has
    /// room (the poll that guarantees what hints hasten), `rescan` looks 10 s behind each place.
    pub fn wants(&mut self, all: bool, rescan: bool) -> Vec<Want> {
        self.settled_before.append(&mut self.settled_now);
        if self.bytes >= BYTES_MAX {
            return Vec::new();
        }
        let wanting = |lane: &&mut Lane| all || lane.is_hungry();
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

    fn forget_settled(&mut self) {
        for (endpoint, id) in self.settled_before.drain(..) {
            if let Some(lane) = self.lanes.get_mut(&endpoint) {
                lane.known.remove(&id);
            }
        }
    }
}
