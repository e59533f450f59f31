//! Lanes against a model of the table: random commits, reads, attempts, records and mishaps, in any
//! interleaving that the engine allows.
//!
//! Held at every step: no id is in flight twice, nothing is sent that has ended, is outdated or has an
//! earlier event of its order open. Held at the end: nothing was lost.

mod step;

use std::collections::HashMap;

use proptest::prelude::*;

use self::step::{Outcome, Step, step};
use super::*;

/// A row of the table. What has not committed yet is seen by no read.
#[derive(Clone)]
struct Row {
    delivery: QueuedDelivery,
    sequence: i32,
    commits_ms: u64,
    is_open: bool,
}

/// What the picker is in the middle of.
enum Reading {
    Due(Vec<Want>, Vec<(QueuedDelivery, bool)>),
    Freed(Vec<(EndpointId, OrderId)>, Vec<(QueuedDelivery, bool)>),
}

struct World {
    scene: Scene,
    endpoints: Vec<EndpointId>,
    table: Vec<Row>,
    orders: Vec<(OrderId, EndpointId)>,
    reading: Option<Reading>,
    looked_back_ms: u64,
    in_flight: Vec<Picked>,
    finished: Vec<(Picked, Outcome)>,
    recorded: Vec<(Picked, bool)>,
}

impl World {
    fn new() -> Self {
        let mut scene = Scene::new();
        let other = EndpointId::generate();
        scene.lanes.open(view(other, true, 2), 1, START);
        Self {
            endpoints: vec![scene.endpoint, other],
            scene,
            table: Vec::new(),
            orders: Vec::new(),
            reading: None,
            looked_back_ms: 0,
            in_flight: Vec::new(),
            finished: Vec::new(),
            recorded: Vec::new(),
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Orders {
                endpoint,
                count,
                late_ms,
                told,
            } => {
                for _ in 0..count {
                    self.orders(self.endpoints[endpoint], late_ms, told);
                }
            }
            Step::FollowUp {
                order,
                late_ms,
                told,
            } => self.follow_up(order, late_ms, told),
            Step::BeginRead { all } => self.begin_read(all),
            Step::EndRead => self.end_read(),
            Step::FailRead => self.fail_read(),
            Step::Take { count } => (0..count).for_each(|_| {
                self.take();
            }),
            Step::Finish { which, outcome } => self.finish(which, outcome),
            Step::Abandon { which } => {
                if let Some(picked) = pick(&mut self.in_flight, which) {
                    self.scene.lanes.abandoned(&picked);
                }
            }
            Step::Record { which } => self.record(which),
            Step::Hear => self.hear(),
            Step::Redact { order } => self.redact(order),
            Step::Enable { endpoint, enabled } => self.enable(endpoint, enabled),
            Step::Wait { ms } => {
                // Reads may come between a commit and its news, but not seconds.
                self.hear();
                self.scene.ms += ms;
            }
        }
    }

    fn orders(&mut self, endpoint: EndpointId, late_ms: u64, told: bool) {
        let order = OrderId::generate();
        self.orders.push((order, endpoint));
        let delivery = self.commit(endpoint, order, 1, late_ms);
        if told && late_ms == 0 {
            self.scene.offer(&delivery);
        }
    }

    fn follow_up(&mut self, order: usize, late_ms: u64, told: bool) {
        let Some(&(order, endpoint)) = self.orders.get(order % self.orders.len().max(1)) else {
            return;
        };
        let now = self.scene.ms;
        let of_order = || {
            self.table
                .iter()
                .filter(|row| row.delivery.order == Some(order))
        };
        // The order's row is locked: its events commit one after the other.
        if of_order().any(|row| row.commits_ms > now) {
            return;
        }
        let sequence = of_order().map(|row| row.sequence).max().unwrap() + 1;
        let delivery = self.commit(endpoint, order, sequence, late_ms);
        if told && late_ms == 0 {
            let since = Some(delivery.due_at);
            self.scene.lanes.hint(&[Shard::of(endpoint)], since);
        }
    }

    fn commit(
        &mut self,
        endpoint: EndpointId,
        order: OrderId,
        sequence: i32,
        late_ms: u64,
    ) -> QueuedDelivery {
        let delivery = delivery(endpoint, order, self.scene.ms.try_into().unwrap());
        self.table.push(Row {
            delivery: delivery.clone(),
            sequence,
            commits_ms: self.scene.ms + late_ms,
            is_open: true,
        });
        delivery
    }

    fn begin_read(&mut self, all: bool) {
        if self.reading.is_none() {
            let look_back = self.scene.ms >= self.looked_back_ms + 4_000;
            if look_back {
                self.looked_back_ms = self.scene.ms;
            }
            let wants = self.scene.lanes.wants(all, look_back);
            let rows = self.due(&wants);
            self.reading = Some(Reading::Due(wants, rows));
        }
    }

    fn end_read(&mut self) {
        let now = self.scene.instant();
        match self.reading.take() {
            Some(Reading::Due(wants, rows)) => {
                self.scene.lanes.filled(&wants, rows, now);
                let freed = self.scene.lanes.take_freed();
                if !freed.is_empty() {
                    let rows = self.unblocked(&freed);
                    self.reading = Some(Reading::Freed(freed, rows));
                }
            }
            Some(Reading::Freed(_, rows)) => self.scene.lanes.filled_freed(rows, now),
            None => {}
        }
    }

    fn fail_read(&mut self) {
        if let Some(Reading::Freed(freed, _)) = self.reading.take() {
            self.scene.lanes.freed_again(freed);
        }
    }

    /// Takes one and checks that it may be sent.
    fn take(&mut self) -> bool {
        let Some(picked) = self.scene.take() else {
            return false;
        };
        let id = picked.delivery.id;
        let unrecorded = self.finished.iter().map(|(picked, _)| picked);
        let mut busy = self.in_flight.iter().chain(unrecorded);
        assert!(busy.all(|busy| busy.delivery.id != id), "in flight twice");
        let row = self.table.iter().find(|row| row.delivery.id == id).unwrap();
        assert!(row.is_open, "sent after its end");
        assert!(
            row.delivery.due_at <= self.scene.now(),
            "sent before its time"
        );
        assert_eq!(
            row.delivery.attempts, picked.delivery.attempts,
            "an outdated attempt"
        );
        assert_eq!(
            row.delivery.event.data, picked.delivery.event.data,
            "outdated data"
        );
        assert!(
            !self.is_blocked(row),
            "sent before an earlier event of its order"
        );
        self.in_flight.push(picked);
        true
    }

    fn finish(&mut self, which: usize, outcome: Outcome) {
        if let Some(picked) = pick(&mut self.in_flight, which) {
            let finish = match outcome {
                Outcome::Accepted => Finish::Accepted,
                Outcome::Postponed(_) => Finish::Failed,
                Outcome::Dead => Finish::SaysNothing,
            };
            self.scene.finish(&picked, finish);
            self.finished.push((picked, outcome));
        }
    }

    fn record(&mut self, which: usize) {
        let Some((picked, outcome)) = pick(&mut self.finished, which) else {
            return;
        };
        let due_at = |ms| self.scene.now() + Duration::from_millis(ms);
        let is = |row: &&mut Row| row.delivery.id == picked.delivery.id;
        let row = self.table.iter_mut().find(is).unwrap();
        match outcome {
            Outcome::Postponed(ms) => {
                row.delivery.attempts += 1;
                row.delivery.due_at = due_at(ms);
            }
            Outcome::Accepted | Outcome::Dead => row.is_open = false,
        }
        let ended = !row.is_open;
        self.recorded.push((picked, ended));
    }

    fn hear(&mut self) {
        for (picked, ended) in std::mem::take(&mut self.recorded) {
            self.scene.record(&picked, ended);
        }
    }

    fn redact(&mut self, order: usize) {
        let Some(&(order, _)) = self.orders.get(order % self.orders.len().max(1)) else {
            return;
        };
        for row in self
            .table
            .iter_mut()
            .filter(|row| row.delivery.order == Some(order))
        {
            let event = Event {
                data: format!("{} ", row.delivery.event.data).into(),
                ..Event::clone(&row.delivery.event)
            };
            row.delivery.event = Arc::new(event);
        }
        self.scene.lanes.reread(order);
    }

    fn enable(&mut self, endpoint: usize, enabled: bool) {
        let max_in_flight = if endpoint == 0 { 64 } else { 2 };
        let view = view(self.endpoints[endpoint], enabled, max_in_flight);
        self.scene.lanes.open(view, 1, self.scene.now());
    }

    /// As `due.sql` reads.
    fn due(&self, wants: &[Want]) -> Vec<(QueuedDelivery, bool)> {
        let mut found = Vec::new();
        for want in wants {
            let mut rows: Vec<_> = self
                .visible()
                .filter(|row| row.delivery.endpoint == want.endpoint)
                .filter(|row| row.delivery.place() > want.place)
                .filter(|row| row.delivery.due_at <= self.scene.now())
                .collect();
            rows.sort_by_key(|row| row.delivery.place());
            rows.truncate(want.room.try_into().unwrap());
            found.extend(
                rows.into_iter()
                    .map(|row| (row.delivery.clone(), self.is_blocked(row))),
            );
        }
        found
    }

    /// As `unblocked.sql` reads.
    fn unblocked(&self, freed: &[(EndpointId, OrderId)]) -> Vec<(QueuedDelivery, bool)> {
        let mut next: HashMap<_, &Row> = HashMap::new();
        for row in self.visible() {
            let of = (row.delivery.endpoint, row.delivery.order.unwrap());
            if freed.contains(&of) {
                let first = next.entry(of).or_insert(row);
                if row.sequence < first.sequence {
                    *first = row;
                }
            }
        }
        let is_due = |row: &Row| row.delivery.due_at <= self.scene.now();
        next.values()
            .map(|row| (row.delivery.clone(), is_due(row)))
            .collect()
    }

    fn visible(&self) -> impl Iterator<Item = &Row> {
        let now = self.scene.ms;
        self.table
            .iter()
            .filter(move |row| row.is_open && row.commits_ms <= now)
    }

    fn is_blocked(&self, row: &Row) -> bool {
        row.sequence > 1
            && self.visible().any(|earlier| {
                earlier.delivery.order == row.delivery.order && earlier.sequence < row.sequence
            })
    }

    /// From here on everything goes well: polls alone must find what is left.
    fn drain(&mut self) {
        (0..2).for_each(|endpoint| self.enable(endpoint, true));
        for _ in 0..4_000 {
            self.begin_read(true);
            while self.reading.is_some() {
                self.end_read();
            }
            let now = self.scene.instant();
            self.scene.lanes.tick(now);
            while self.take() {}
            while !self.in_flight.is_empty() {
                self.finish(0, Outcome::Accepted);
            }
            while !self.finished.is_empty() {
                self.record(0);
            }
            self.hear();
            if self.table.iter().all(|row| !row.is_open) {
                return;
            }
            self.scene.ms += 250;
        }
        let lost = self.table.iter().filter(|row| row.is_open).count();
        panic!("{lost} of {} deliveries were lost", self.table.len());
    }
}

fn pick<T>(from: &mut Vec<T>, which: usize) -> Option<T> {
    (!from.is_empty()).then(|| from.remove(which % from.len()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn nothing_is_lost_sent_twice_or_out_of_order(steps in proptest::collection::vec(step(), 1..200)) {
        let mut world = World::new();
        steps.into_iter().for_each(|step| world.step(step));
        world.drain();
    }
}
