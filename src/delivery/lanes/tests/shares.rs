//! Who may have how much in flight, and that a node's own lack of descriptors is nobody else's fault.

use super::*;

/// What a node may have in flight where a process has 1,024 descriptors.
const IN_FLIGHT_MAX: usize = 448;

/// Opens so many endpoints of a new partner, each with more to send than it may.
fn eager(lanes: &mut Lanes, endpoints: usize, began: Instant) {
    let partner = PartnerId::generate();
    for _ in 0..endpoints {
        let endpoint = EndpointId::generate();
        lanes.open(view_of(partner, endpoint, true, 64), 1, START);
        for _ in 0..100 {
            lanes.offer(delivery(endpoint, OrderId::generate(), 0), began, began);
        }
    }
}

/// Starts whatever may be started, and ends nothing.
fn hang(lanes: &mut Lanes, now: Instant) -> Vec<Picked> {
    lanes.tick(now);
    std::iter::from_fn(|| lanes.take(START, now)).collect()
}

#[test]
fn however_many_partners_hang_another_one_finds_room() {
    let began = Instant::now();
    let mut lanes = Lanes::new(IN_FLIGHT_MAX);
    eager(&mut lanes, 17, began);
    let mut hanging = hang(&mut lanes, began);
    assert!(
        (80..=IN_FLIGHT_MAX / 5 + 1).contains(&hanging.len()),
        "{}",
        hanging.len()
    );
    for _ in 0..20 {
        eager(&mut lanes, 17, began);
        let more = hang(&mut lanes, began);
        assert!(!more.is_empty(), "{} hang", hanging.len());
        hanging.extend(more);
    }
    assert!(lanes.in_flight() < IN_FLIGHT_MAX);
    // Whoever is alone gets a good part back as soon as the others are done.
    let done = hanging.len() - 10;
    for picked in hanging.drain(..done) {
        lanes.finished(&picked, Finish::Accepted, START);
    }
    assert!(hang(&mut lanes, began).len() > 80);
}

#[test]
fn what_was_not_sent_for_want_of_a_descriptor_is_sent_again_soon_and_counts_nowhere() {
    let mut scene = Scene::new();
    let one = scene.delivery();
    scene.offer(&one);
    scene.offer(&scene.delivery());
    let picked = scene.take().unwrap();
    let now = scene.instant();
    scene.lanes.postponed(&picked, now);
    assert_eq!(scene.lanes.in_flight(), 0);
    assert!(scene.take().is_none(), "its endpoint rests");
    scene.ms += 600;
    let now = scene.instant();
    scene.lanes.tick(now);
    assert!(scene.take().is_some());
    scene.read(&[(one.clone(), false)]);
    assert_eq!(scene.take().unwrap().delivery.id, one.id);
    assert_eq!(scene.lanes.open_circuits(), 0);
}
