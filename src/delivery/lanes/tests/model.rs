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
enum PendingRead {
    Due(Vec<ReadRequest>, Vec<(QueuedDelivery, bool)>),
    Unblocked(Vec<(EndpointId, OrderId)>, Vec<(QueuedDelivery, bool)>),
}

struct Model {
    fixture: LanesFixture,
    endpoints: Vec<EndpointId>,
    table: Vec<Row>,
    orders: Vec<(OrderId, EndpointId)>,
    reading: Option<PendingRead>,
    rescanned_ms: u64,
    in_flight: Vec<PickedDelivery>,
    finished: Vec<(PickedDelivery, Outcome)>,
    recorded: Vec<(PickedDelivery, bool)>,
}

impl Model {
    fn new() -> Self {
        let mut fixture = LanesFixture::new();
        let other = EndpointId::generate();
        fixture
            .lanes
            .open(active_endpoint(other, true, 2), 1, START);
        Self {
            endpoints: vec![fixture.endpoint, other],
            fixture,
            table: Vec::new(),
            orders: Vec::new(),
            reading: None,
            rescanned_ms: 0,
            in_flight: Vec::new(),
            finished: Vec::new(),
            recorded: Vec::new(),
        }
    }

    fn apply(&mut self, step: Step) {
        match step {
            Step::Orders {
                endpoint,
                count,
                late_ms,
                notified,
            } => {
                for _ in 0..count {
                    self.orders(self.endpoints[endpoint], late_ms, notified);
                }
            }
            Step::FollowUp {
                order,
                late_ms,
                notified,
            } => self.follow_up(order, late_ms, notified),
            Step::BeginRead { all } => self.begin_read(all),
            Step::EndRead => self.end_read(),
            Step::FailRead => self.fail_read(),
            Step::Take { count } => (0..count).for_each(|_| {
                self.take();
            }),
            Step::Completion { which, outcome } => self.finish(which, outcome),
            Step::Abandon { which } => {
                if let Some(picked) = pick(&mut self.in_flight, which) {
                    self.fixture.lanes.on_abandoned(&picked);
                }
            }
            Step::Record { which } => self.record(which),
            Step::NotifyRecorded => self.notify_recorded(),
            Step::Redact { order } => self.redact(order),
            Step::Enable { endpoint, enabled } => self.enable(endpoint, enabled),
            Step::Wait { ms } => {
                // Reads may come between a commit and its news, but not seconds.
                self.notify_recorded();
                self.fixture.ms += ms;
            }
        }
    }

    fn orders(&mut self, endpoint: EndpointId, late_ms: u64, notified: bool) {
        let order = OrderId::generate();
        self.orders.push((order, endpoint));
        let delivery = self.commit(endpoint, order, 1, late_ms);
        if notified && late_ms == 0 {
            self.fixture.offer(&delivery);
        }
    }

    fn follow_up(&mut self, order: usize, late_ms: u64, notified: bool) {
        let Some(&(order, endpoint)) = self.orders.get(order % self.orders.len().max(1)) else {
            return;
        };
        let now = self.fixture.ms;
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
        if notified && late_ms == 0 {
            let since = Some(delivery.due_at);
            self.fixture.lanes.hint(&[Shard::of(endpoint)], since);
        }
    }

    fn commit(
        &mut self,
        endpoint: EndpointId,
        order: OrderId,
        sequence: i32,
        late_ms: u64,
    ) -> QueuedDelivery {
        let delivery = delivery(endpoint, order, self.fixture.ms.try_into().unwrap());
        self.table.push(Row {
            delivery: delivery.clone(),
            sequence,
            commits_ms: self.fixture.ms + late_ms,
            is_open: true,
        });
        delivery
    }

    fn begin_read(&mut self, all: bool) {
        if self.reading.is_none() {
            let rescan = self.fixture.ms >= self.rescanned_ms + 4_000;
            if rescan {
                self.rescanned_ms = self.fixture.ms;
            }
            let requests = self.fixture.lanes.plan_read(all, rescan);
            let rows = self.due(&requests);
            self.reading = Some(PendingRead::Due(requests, rows));
        }
    }

    fn end_read(&mut self) {
        let now = self.fixture.instant();
        match self.reading.take() {
            Some(PendingRead::Due(requests, rows)) => {
                self.fixture.lanes.fill(&requests, rows, now);
                let unblocked = self.fixture.lanes.take_unblocked();
                if !unblocked.is_empty() {
                    let rows = self.unblocked(&unblocked);
                    self.reading = Some(PendingRead::Unblocked(unblocked, rows));
                }
            }
            Some(PendingRead::Unblocked(_, rows)) => self.fixture.lanes.fill_unblocked(rows, now),
            None => {}
        }
    }

    fn fail_read(&mut self) {
        if let Some(PendingRead::Unblocked(unblocked, _)) = self.reading.take() {
            self.fixture.lanes.put_back_unblocked(unblocked);
        }
    }

    /// Takes one and checks that it may be sent.
    fn take(&mut self) -> bool {
        let Some(picked) = self.fixture.take() else {
            return false;
        };
        let id = picked.delivery.id;
        let unrecorded = self.finished.iter().map(|(picked, _)| picked);
        let mut busy = self.in_flight.iter().chain(unrecorded);
        assert!(busy.all(|busy| busy.delivery.id != id), "in flight twice");
        let row = self.table.iter().find(|row| row.delivery.id == id).unwrap();
        assert!(row.is_open, "sent after its end");
        assert!(
            row.delivery.due_at <= self.fixture.now(),
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
            let signal = match outcome {
                Outcome::Accepted => EndpointSignal::Accepted,
                Outcome::Postponed(_) => EndpointSignal::Failed,
                Outcome::Dead => EndpointSignal::Inconclusive,
            };
            self.fixture.finish(&picked, signal);
            self.finished.push((picked, outcome));
        }
    }

    fn record(&mut self, which: usize) {
        let Some((picked, outcome)) = pick(&mut self.finished, which) else {
            return;
        };
        let due_at = |ms| self.fixture.now() + Duration::from_millis(ms);
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

    fn notify_recorded(&mut self) {
        for (picked, ended) in std::mem::take(&mut self.recorded) {
            self.fixture.record(&picked, ended);
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
        self.fixture.lanes.reread_order(order);
    }

    fn enable(&mut self, endpoint: usize, enabled: bool) {
        let max_in_flight = if endpoint == 0 { 64 } else { 2 };
        let active = active_endpoint(self.endpoints[endpoint], enabled, max_in_flight);
        self.fixture.lanes.open(active, 1, self.fixture.now());
    }

    /// As `due.sql` reads.
    fn due(&self, requests: &[ReadRequest]) -> Vec<(QueuedDelivery, bool)> {
        let mut found = Vec::new();
        for request in requests {
            let mut rows: Vec<_> = self
                .visible()
                .filter(|row| row.delivery.endpoint == request.endpoint)
                .filter(|row| row.delivery.position() > request.after)
                .filter(|row| row.delivery.due_at <= self.fixture.now())
                .collect();
            rows.sort_by_key(|row| row.delivery.position());
            rows.truncate(request.limit.try_into().unwrap());
            found.extend(
                rows.into_iter()
                    .map(|row| (row.delivery.clone(), self.is_blocked(row))),
            );
        }
        found
    }

    /// As `unblocked.sql` reads.
    fn unblocked(&self, orders: &[(EndpointId, OrderId)]) -> Vec<(QueuedDelivery, bool)> {
        let mut next: HashMap<_, &Row> = HashMap::new();
        for row in self.visible() {
            let of = (row.delivery.endpoint, row.delivery.order.unwrap());
            if orders.contains(&of) {
                let first = next.entry(of).or_insert(row);
                if row.sequence < first.sequence {
                    *first = row;
                }
            }
        }
        let is_due = |row: &Row| row.delivery.due_at <= self.fixture.now();
        next.values()
            .map(|row| (row.delivery.clone(), is_due(row)))
            .collect()
    }

    fn visible(&self) -> impl Iterator<Item = &Row> {
        let now = self.fixture.ms;
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
            let now = self.fixture.instant();
            self.fixture.lanes.tick(now);
            while self.take() {}
            while !self.in_flight.is_empty() {
                self.finish(0, Outcome::Accepted);
            }
            while !self.finished.is_empty() {
                self.record(0);
            }
            self.notify_recorded();
            if self.table.iter().all(|row| !row.is_open) {
                return;
            }
            self.fixture.ms += 250;
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
        let mut model = Model::new();
        steps.into_iter().for_each(|step| model.apply(step));
        model.drain();
    }
}
