//! The lanes by themselves: each promise once, told moment by moment. `model` drives them at random, `fairness` holds
//! them to turns.

mod changing;
mod fairness;
mod model;
mod shares;

use std::collections::BTreeSet;

use buywire_schemas::event::{Event, EventType};
use buywire_schemas::ids::{EventId, ReplayId};
use time::macros::datetime;

use super::*;
use crate::delivery::endpoints::ViewMaker;
use crate::egress::EgressPolicy;
use crate::signing::seal::MasterKeys;
use crate::store::queue::{EndpointRow, Want};

const START: OffsetDateTime = datetime!(2026-11-20 10:00:00 UTC);

/// An endpoint as its owner reads it.
fn view(id: EndpointId, enabled: bool, max_in_flight: i32) -> Arc<EndpointView> {
    let partner = "ptn_019aa0f0d20070008000000000000001".parse().unwrap();
    view_of(partner, id, enabled, max_in_flight)
}

/// The same, of another partner.
fn view_of(
    partner: PartnerId,
    id: EndpointId,
    enabled: bool,
    max_in_flight: i32,
) -> Arc<EndpointView> {
    let maker = ViewMaker {
        master: Arc::new(MasterKeys::new(&MasterKeys::generate(), &[]).unwrap()),
        policy: EgressPolicy::parse("127.0.0.0/8").unwrap(),
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
    Arc::new(maker.view(&row).unwrap())
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
        tries: 0,
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
struct Scene {
    lanes: Lanes,
    endpoint: EndpointId,
    began: Instant,
    ms: u64,
}

impl Scene {
    fn new() -> Self {
        Self::with_max_in_flight(64)
    }

    fn with_max_in_flight(max_in_flight: i32) -> Self {
        let endpoint = EndpointId::generate();
        let mut lanes = Lanes::new(4_096);
        lanes.open(view(endpoint, true, max_in_flight), 1, START);
        Self {
            lanes,
            endpoint,
            began: Instant::now(),
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
        self.began + Duration::from_millis(self.ms)
    }

    fn offer(&mut self, delivery: &QueuedDelivery) {
        let now = self.instant();
        self.lanes.offer(delivery.clone(), now, now);
    }

    fn take(&mut self) -> Option<Picked> {
        self.lanes.take(self.now(), self.instant())
    }

    fn finish(&mut self, picked: &Picked, result: Finish) -> Option<News> {
        self.lanes.finished(picked, result, self.now())
    }

    fn record(&mut self, picked: &Picked, ended: bool) {
        self.lanes.recorded(picked, ended, self.instant());
    }

    /// A whole read that finds these rows behind the lane's place.
    fn read(&mut self, rows: &[(QueuedDelivery, bool)]) {
        let wants = self.lanes.wants(true, false);
        self.bring(&wants, rows);
    }

    fn bring(&mut self, wants: &[Want], rows: &[(QueuedDelivery, bool)]) {
        let behind = |row: &QueuedDelivery| wants.iter().any(|want| row.place() > want.place);
        let rows = rows.iter().filter(|(row, _)| behind(row)).cloned();
        self.lanes.filled(wants, rows.collect(), self.instant());
    }
}

#[test]
fn what_is_offered_and_read_is_taken_once() {
    let mut scene = Scene::new();
    let one = scene.delivery();
    scene.offer(&one);
    scene.offer(&one);
    scene.read(&[(one.clone(), false)]);
    assert_eq!(scene.take().unwrap().delivery.id, one.id);
    scene.read(&[(one, false)]);
    assert!(scene.take().is_none());
}

#[test]
fn a_read_that_began_before_the_record_does_not_send_again() {
    let mut scene = Scene::new();
    let one = scene.delivery();
    scene.offer(&one);
    let picked = scene.take().unwrap();
    let wants = scene.lanes.wants(true, false);
    scene.finish(&picked, Finish::Accepted);
    scene.record(&picked, true);
    scene.bring(&wants, &[(one, false)]);
    assert!(scene.take().is_none());
}

#[test]
fn a_commit_that_is_told_after_its_delivery_was_recorded_does_not_send_again() {
    let mut scene = Scene::new();
    let one = scene.delivery();
    scene.read(&[(one.clone(), false)]);
    let picked = scene.take().unwrap();
    scene.finish(&picked, Finish::Accepted);
    scene.record(&picked, true);
    scene.read(&[]);
    scene.offer(&one);
    assert!(scene.take().is_none());
}

#[test]
fn what_does_not_fit_is_found_again_although_a_read_was_running() {
    let mut scene = Scene::new();
    let rows: Vec<_> = (0..400).map(|_| scene.delivery()).collect();
    // The read brings a later row, so that its place lies behind all of these.
    scene.ms += 1;
    let later = scene.delivery();
    let wants = scene.lanes.wants(true, false);
    rows.iter().for_each(|row| scene.offer(row));
    scene.bring(&wants, &[(later.clone(), false)]);
    let table: Vec<_> = rows
        .into_iter()
        .chain([later])
        .map(|row| (row, false))
        .collect();
    let mut taken = BTreeSet::new();
    for _ in 0..20 {
        while let Some(picked) = scene.take() {
            scene.finish(&picked, Finish::Accepted);
            assert!(taken.insert(picked.delivery.id), "taken twice");
        }
        scene.read(&table);
    }
    assert_eq!(taken.len(), 401);
}

#[test]
fn an_order_whose_first_event_ends_while_a_read_finds_its_second_blocked_is_freed() {
    let mut scene = Scene::new();
    let first = scene.delivery();
    scene.offer(&first);
    let picked = scene.take().unwrap();
    let second = delivery(scene.endpoint, first.order.unwrap(), 1);
    let wants = scene.lanes.wants(true, false);
    scene.finish(&picked, Finish::Accepted);
    scene.record(&picked, true);
    scene.bring(&wants, &[(second, true)]);
    let freed = [(scene.endpoint, first.order.unwrap())];
    assert_eq!(scene.lanes.take_freed(), freed);
}

#[test]
fn three_events_of_an_order_free_each_other_in_turn() {
    let mut scene = Scene::new();
    let first = scene.delivery();
    let order = first.order.unwrap();
    let [second, third] = [1, 2].map(|ms| delivery(scene.endpoint, order, ms));
    scene.offer(&first);
    scene.read(&[(second.clone(), true), (third.clone(), true)]);
    for next in [Some(second), Some(third), None] {
        let picked = scene.take().unwrap();
        assert!(scene.take().is_none(), "two of one order at one time");
        scene.finish(&picked, Finish::Accepted);
        scene.record(&picked, true);
        scene.read(&[]);
        assert_eq!(scene.lanes.take_freed().len(), 1);
        let rows = next.into_iter().map(|row| (row, true)).collect();
        scene.lanes.filled_freed(rows, scene.instant());
    }
    assert!(scene.take().is_none());
}

#[test]
fn more_blocked_orders_than_are_remembered_are_freed_all_the_same() {
    let mut scene = Scene::new();
    let first = scene.delivery();
    scene.offer(&first);
    let others = (0..10_000).map(|_| (scene.delivery(), true));
    let second = delivery(scene.endpoint, first.order.unwrap(), 1);
    let rows: Vec<_> = others.chain([(second, true)]).collect();
    scene.read(&rows);
    let picked = scene.take().unwrap();
    scene.finish(&picked, Finish::Accepted);
    scene.record(&picked, true);
    let freed = [(scene.endpoint, first.order.unwrap())];
    assert_eq!(scene.lanes.take_freed(), freed);
}

#[test]
fn replays_take_at_most_half_of_the_room_while_there_is_other_work() {
    let mut scene = Scene::with_max_in_flight(8);
    let replay = |scene: &Scene| QueuedDelivery {
        replay: Some(ReplayId::generate()),
        ..scene.delivery()
    };
    let replays: Vec<_> = (0..20).map(|_| (replay(&scene), false)).collect();
    scene.read(&replays);
    let first: Vec<_> = std::iter::from_fn(|| scene.take()).collect();
    assert_eq!(first.len(), 4, "half, although nobody else wants the rest");
    (0..20).for_each(|_| scene.offer(&scene.delivery()));
    let rest: Vec<_> = std::iter::from_fn(|| scene.take()).collect();
    assert_eq!(rest.len(), 4);
    assert!(rest.iter().all(|picked| picked.delivery.replay.is_none()));
}

#[test]
fn endpoints_take_turns() {
    let mut scene = Scene::new();
    let other = EndpointId::generate();
    scene.lanes.open(view(other, true, 64), 1, START);
    (0..10).for_each(|_| scene.offer(&scene.delivery()));
    (0..10).for_each(|_| scene.offer(&delivery(other, OrderId::generate(), 0)));
    let taken: Vec<_> = std::iter::from_fn(|| scene.take()).collect();
    let of_other = |pair: &[Picked]| {
        let is_other = |picked: &&Picked| picked.delivery.endpoint == other;
        pair.iter().filter(is_other).count()
    };
    assert!(taken.chunks(2).all(|pair| of_other(pair) == 1));
}

#[test]
fn an_open_circuit_lets_one_probe_out() {
    let mut scene = Scene::new();
    for _ in 0..20 {
        scene.offer(&scene.delivery());
        let picked = scene.take().unwrap();
        scene.finish(&picked, Finish::Failed);
        scene.ms += 2_000;
    }
    assert_eq!(scene.lanes.open_circuits(), 1);
    scene.ms += 10_000;
    let rows: Vec<_> = (0..5).map(|_| (scene.delivery(), false)).collect();
    scene.read(&rows);
    assert!(scene.take().is_some(), "the probe");
    scene.read(&rows);
    assert!(scene.take().is_none(), "and nothing beside it");
}

#[test]
fn what_waited_for_five_seconds_is_read_again_before_it_is_sent() {
    let mut scene = Scene::new();
    let one = scene.delivery();
    scene.offer(&one);
    scene.ms += 5_001;
    assert!(scene.take().is_none());
    scene.read(&[(one.clone(), false)]);
    assert_eq!(scene.take().unwrap().delivery.id, one.id);
}

#[test]
fn a_redacted_order_is_not_sent_as_a_running_read_found_it() {
    let mut scene = Scene::new();
    let one = scene.delivery();
    let wants = scene.lanes.wants(true, false);
    scene.lanes.reread(one.order.unwrap());
    scene.bring(&wants, &[(one.clone(), false)]);
    assert!(scene.take().is_none());
    scene.read(&[(one, false)]);
    assert!(scene.take().is_some());
}

#[test]
fn a_gone_endpoint_is_sent_nothing_more() {
    let mut scene = Scene::new();
    scene.offer(&scene.delivery());
    scene.offer(&scene.delivery());
    let picked = scene.take().unwrap();
    scene.finish(&picked, Finish::Gone);
    assert!(scene.take().is_none());
}

#[test]
fn a_shard_that_is_no_surplus_any_more_is_served_again() {
    let mut scene = Scene::new();
    let shard = Shard::of(scene.endpoint);
    scene.offer(&scene.delivery());
    scene.lanes.drain([shard]);
    assert!(scene.take().is_none());
    scene.lanes.drain([]);
    let now = scene.instant();
    scene.lanes.tick(now);
    assert!(scene.take().is_some());
}
