//! The lanes by themselves: each promise once, told moment by moment. `model` drives them at random, `fairness` holds
//! them to turns.

mod fairness;
mod holds;
mod model;
mod shares;

use std::collections::BTreeSet;

use buywire_schemas::event::{Event, EventType};
use buywire_schemas::ids::{EventId, ReplayId};
use time::macros::datetime;

use super::*;
use crate::delivery::endpoints::EndpointLoader;
use crate::egress::EgressPolicy;
use crate::egress::testing::clients_without_roots;
use crate::secrets::master_key::MasterKeys;
use crate::store::delivery::queue::{EndpointRow, ReadRequest};

const START: OffsetDateTime = datetime!(2026-11-20 10:00:00 UTC);

/// An endpoint as its owner reads it.
fn active_endpoint(id: EndpointId, enabled: bool, max_in_flight: i32) -> Arc<ActiveEndpoint> {
    let partner = "ptn_019aa0f0d20070008000000000000001".parse().unwrap();
    endpoint_of_partner(partner, id, enabled, max_in_flight)
}

/// The same, of another partner.
fn endpoint_of_partner(
    partner: PartnerId,
    id: EndpointId,
    enabled: bool,
    max_in_flight: i32,
) -> Arc<ActiveEndpoint> {
    let policy = EgressPolicy::parse("127.0.0.0/8").unwrap();
    let loader = EndpointLoader {
        master: Arc::new(MasterKeys::new(&MasterKeys::generate(), &[]).unwrap()),
        clients: clients_without_roots(&policy),
        policy,
        schedule: "1,1,1".parse().unwrap(),
    };
    let row = EndpointRow {
        id,
        partner,
        partner_slug: "acme".into(),
        adapter: "standard".into(),
        settings: serde_json::json!({}),
        sealed_settings: None,
        shard: Shard::of(id),
        url: "http://127.0.0.1:9/hook".into(),
        sealed_url: None,
        url_saved_by: "operator".into(),
        headers: None,
        tls: None,
        sealed_proxy: None,
        retry: None,
        max_in_flight,
        rate_per_second: None,
        status: if enabled { "enabled" } else { "disabled" }.into(),
        circuit: "closed".into(),
        failing_since: None,
        version: 1,
        deleted: false,
        secrets: Vec::new(),
    };
    Arc::new(loader.load(&row).unwrap())
}

/// A delivery that fell due so many milliseconds after the start.
fn delivery(endpoint: EndpointId, order: OrderId, due_ms: i64) -> QueuedDelivery {
    let at = START + time::Duration::milliseconds(due_ms);
    QueuedDelivery {
        id: DeliveryId::generate(),
        endpoint,
        shard: Shard::of(endpoint),
        order: Some(order),
        attempts: 0,
        attempts_in_cycle: 0,
        due_at: at,
        opened_at: at,
        replay: None,
        event: Arc::new(Event {
            id: EventId::generate(),
            kind: EventType::OrderConfirmed,
            occurred_at: at,
            data: "{}".into(),
        }),
    }
}

/// The lanes of one endpoint, and a clock that both the table and the engine go by.
struct LanesFixture {
    lanes: Lanes,
    endpoint: EndpointId,
    started_at: Instant,
    ms: u64,
}

impl LanesFixture {
    fn new() -> Self {
        Self::with_max_in_flight(64)
    }

    fn with_max_in_flight(max_in_flight: i32) -> Self {
        let endpoint = EndpointId::generate();
        let mut lanes = Lanes::new(4_096);
        lanes.open(active_endpoint(endpoint, true, max_in_flight), 1, START);
        Self {
            lanes,
            endpoint,
            started_at: Instant::now(),
            ms: 0,
        }
    }

    fn delivery(&self) -> QueuedDelivery {
        let due_ms = self.ms.try_into().unwrap();
        delivery(self.endpoint, OrderId::generate(), due_ms)
    }

    fn now(&self) -> OffsetDateTime {
        START + Duration::from_millis(self.ms)
    }

    fn instant(&self) -> Instant {
        self.started_at + Duration::from_millis(self.ms)
    }

    fn offer(&mut self, delivery: &QueuedDelivery) {
        let now = self.instant();
        self.lanes.offer(delivery.clone(), now, now);
    }

    fn take(&mut self) -> Option<PickedDelivery> {
        self.lanes.take(self.now(), self.instant())
    }

    fn finish(
        &mut self,
        picked: &PickedDelivery,
        signal: EndpointSignal,
    ) -> Option<EndpointUpdate> {
        self.lanes.on_finished(picked, signal, self.now())
    }

    fn record(&mut self, picked: &PickedDelivery, ended: bool) {
        self.lanes.on_recorded(picked, ended, self.instant());
    }

    /// A whole read that finds these rows behind the lane's place.
    fn read(&mut self, rows: &[(QueuedDelivery, bool)]) {
        let requests = self.lanes.plan_read(true, false);
        self.complete_read(&requests, rows);
    }

    fn complete_read(&mut self, requests: &[ReadRequest], rows: &[(QueuedDelivery, bool)]) {
        let is_after = |row: &QueuedDelivery| {
            requests
                .iter()
                .any(|request| row.position() > request.after)
        };
        let rows = rows.iter().filter(|(row, _)| is_after(row)).cloned();
        self.lanes.fill(requests, rows.collect(), self.instant());
    }
}

#[test]
fn what_is_offered_and_read_is_taken_once() {
    let mut fixture = LanesFixture::new();
    let one = fixture.delivery();
    fixture.offer(&one);
    fixture.offer(&one);
    fixture.read(&[(one.clone(), false)]);
    assert_eq!(fixture.take().unwrap().delivery.id, one.id);
    fixture.read(&[(one, false)]);
    assert!(fixture.take().is_none());
}

#[test]
fn a_read_that_began_before_the_record_does_not_send_again() {
    let mut fixture = LanesFixture::new();
    let one = fixture.delivery();
    fixture.offer(&one);
    let picked = fixture.take().unwrap();
    let requests = fixture.lanes.plan_read(true, false);
    fixture.finish(&picked, EndpointSignal::Accepted);
    fixture.record(&picked, true);
    fixture.complete_read(&requests, &[(one, false)]);
    assert!(fixture.take().is_none());
}

#[test]
fn a_commit_that_is_told_after_its_delivery_was_recorded_does_not_send_again() {
    let mut fixture = LanesFixture::new();
    let one = fixture.delivery();
    fixture.read(&[(one.clone(), false)]);
    let picked = fixture.take().unwrap();
    fixture.finish(&picked, EndpointSignal::Accepted);
    fixture.record(&picked, true);
    fixture.read(&[]);
    fixture.offer(&one);
    assert!(fixture.take().is_none());
}

#[test]
fn what_does_not_fit_is_found_again_although_a_read_was_running() {
    let mut fixture = LanesFixture::new();
    let rows: Vec<_> = (0..400).map(|_| fixture.delivery()).collect();
    // The read brings a later row, so that its place lies behind all of these.
    fixture.ms += 1;
    let later = fixture.delivery();
    let requests = fixture.lanes.plan_read(true, false);
    rows.iter().for_each(|row| fixture.offer(row));
    fixture.complete_read(&requests, &[(later.clone(), false)]);
    let table: Vec<_> = rows
        .into_iter()
        .chain([later])
        .map(|row| (row, false))
        .collect();
    let mut taken = BTreeSet::new();
    for _ in 0..20 {
        while let Some(picked) = fixture.take() {
            fixture.finish(&picked, EndpointSignal::Accepted);
            assert!(taken.insert(picked.delivery.id), "taken twice");
        }
        fixture.read(&table);
    }
    assert_eq!(taken.len(), 401);
}

#[test]
fn an_order_whose_first_event_ends_while_a_read_finds_its_second_blocked_is_freed() {
    let mut fixture = LanesFixture::new();
    let first = fixture.delivery();
    fixture.offer(&first);
    let picked = fixture.take().unwrap();
    let second = delivery(fixture.endpoint, first.order.unwrap(), 1);
    let requests = fixture.lanes.plan_read(true, false);
    fixture.finish(&picked, EndpointSignal::Accepted);
    fixture.record(&picked, true);
    fixture.complete_read(&requests, &[(second, true)]);
    let unblocked = [(fixture.endpoint, first.order.unwrap())];
    assert_eq!(fixture.lanes.take_unblocked(), unblocked);
}

#[test]
fn three_events_of_an_order_free_each_other_in_turn() {
    let mut fixture = LanesFixture::new();
    let first = fixture.delivery();
    let order = first.order.unwrap();
    let [second, third] = [1, 2].map(|ms| delivery(fixture.endpoint, order, ms));
    fixture.offer(&first);
    fixture.read(&[(second.clone(), true), (third.clone(), true)]);
    for next in [Some(second), Some(third), None] {
        let picked = fixture.take().unwrap();
        assert!(fixture.take().is_none(), "two of one order at one time");
        fixture.finish(&picked, EndpointSignal::Accepted);
        fixture.record(&picked, true);
        fixture.read(&[]);
        assert_eq!(fixture.lanes.take_unblocked().len(), 1);
        let rows = next.into_iter().map(|row| (row, true)).collect();
        fixture.lanes.fill_unblocked(rows, fixture.instant());
    }
    assert!(fixture.take().is_none());
}

#[test]
fn more_blocked_orders_than_are_remembered_are_freed_all_the_same() {
    let mut fixture = LanesFixture::new();
    let first = fixture.delivery();
    fixture.offer(&first);
    let others = (0..10_000).map(|_| (fixture.delivery(), true));
    let second = delivery(fixture.endpoint, first.order.unwrap(), 1);
    let rows: Vec<_> = others.chain([(second, true)]).collect();
    fixture.read(&rows);
    let picked = fixture.take().unwrap();
    fixture.finish(&picked, EndpointSignal::Accepted);
    fixture.record(&picked, true);
    let unblocked = [(fixture.endpoint, first.order.unwrap())];
    assert_eq!(fixture.lanes.take_unblocked(), unblocked);
}

#[test]
fn replays_take_at_most_half_of_the_room_while_there_is_other_work() {
    let mut fixture = LanesFixture::with_max_in_flight(8);
    let replay = |fixture: &LanesFixture| QueuedDelivery {
        replay: Some(ReplayId::generate()),
        ..fixture.delivery()
    };
    let replays: Vec<_> = (0..20).map(|_| (replay(&fixture), false)).collect();
    fixture.read(&replays);
    let first: Vec<_> = std::iter::from_fn(|| fixture.take()).collect();
    assert_eq!(first.len(), 4, "half, although nobody else wants the rest");
    (0..20).for_each(|_| fixture.offer(&fixture.delivery()));
    let rest: Vec<_> = std::iter::from_fn(|| fixture.take()).collect();
    assert_eq!(rest.len(), 4);
    assert!(rest.iter().all(|picked| picked.delivery.replay.is_none()));
}

#[test]
fn endpoints_take_turns() {
    let mut fixture = LanesFixture::new();
    let other = EndpointId::generate();
    fixture
        .lanes
        .open(active_endpoint(other, true, 64), 1, START);
    (0..10).for_each(|_| fixture.offer(&fixture.delivery()));
    (0..10).for_each(|_| fixture.offer(&delivery(other, OrderId::generate(), 0)));
    let taken: Vec<_> = std::iter::from_fn(|| fixture.take()).collect();
    let of_other = |pair: &[PickedDelivery]| {
        let is_other = |picked: &&PickedDelivery| picked.delivery.endpoint == other;
        pair.iter().filter(is_other).count()
    };
    assert!(taken.chunks(2).all(|pair| of_other(pair) == 1));
}

#[test]
fn an_open_circuit_lets_one_probe_out() {
    let mut fixture = LanesFixture::new();
    for _ in 0..20 {
        fixture.offer(&fixture.delivery());
        let picked = fixture.take().unwrap();
        fixture.finish(&picked, EndpointSignal::Failed);
        fixture.ms += 2_000;
    }
    assert_eq!(fixture.lanes.open_circuits(), 1);
    fixture.ms += 10_000;
    let rows: Vec<_> = (0..5).map(|_| (fixture.delivery(), false)).collect();
    fixture.read(&rows);
    assert!(fixture.take().is_some(), "the probe");
    fixture.read(&rows);
    assert!(fixture.take().is_none(), "and nothing beside it");
}

#[test]
fn what_waited_for_five_seconds_is_read_again_before_it_is_sent() {
    let mut fixture = LanesFixture::new();
    let one = fixture.delivery();
    fixture.offer(&one);
    fixture.ms += 5_001;
    assert!(fixture.take().is_none());
    fixture.read(&[(one.clone(), false)]);
    assert_eq!(fixture.take().unwrap().delivery.id, one.id);
}

#[test]
fn a_redacted_order_is_not_sent_as_a_running_read_found_it() {
    let mut fixture = LanesFixture::new();
    let one = fixture.delivery();
    let requests = fixture.lanes.plan_read(true, false);
    fixture.lanes.reread_order(one.order.unwrap());
    fixture.complete_read(&requests, &[(one.clone(), false)]);
    assert!(fixture.take().is_none());
    fixture.read(&[(one, false)]);
    assert!(fixture.take().is_some());
}

#[test]
fn a_gone_endpoint_is_sent_nothing_more() {
    let mut fixture = LanesFixture::new();
    fixture.offer(&fixture.delivery());
    fixture.offer(&fixture.delivery());
    let picked = fixture.take().unwrap();
    fixture.finish(&picked, EndpointSignal::Gone);
    assert!(fixture.take().is_none());
}

#[test]
fn a_shard_that_is_no_surplus_any_more_is_served_again() {
    let mut fixture = LanesFixture::new();
    let shard = Shard::of(fixture.endpoint);
    fixture.offer(&fixture.delivery());
    fixture.lanes.drain([shard]);
    assert!(fixture.take().is_none());
    fixture.lanes.drain([]);
    let now = fixture.instant();
    fixture.lanes.tick(now);
    assert!(fixture.take().is_some());
}
