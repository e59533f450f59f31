//! Who may have how much in flight, and that a node's own lack of descriptors is nobody else's fault.

use super::*;

/// What a node may have in flight where a process has 1,024 descriptors.
const IN_FLIGHT_MAX: usize = 448;

/// Opens so many endpoints of a new partner, each with more to send than it may.
fn open_busy_endpoints(lanes: &mut Lanes, endpoints: usize, began: Instant) {
    let partner = PartnerId::generate();
    for _ in 0..endpoints {
        let endpoint = EndpointId::generate();
        lanes.open(endpoint_of_partner(partner, endpoint, true, 64), 1, START);
        for _ in 0..100 {
            lanes.offer(delivery(endpoint, OrderId::generate(), 0), began, began);
        }
    }
}

/// Starts whatever may be started, and ends nothing.
fn take_all(lanes: &mut Lanes, now: Instant) -> Vec<PickedDelivery> {
    lanes.tick(now);
    std::iter::from_fn(|| lanes.take(START, now)).collect()
}

#[test]
fn however_many_partners_hang_another_one_finds_room() {
    let began = Instant::now();
    let mut lanes = Lanes::new(IN_FLIGHT_MAX);
    open_busy_endpoints(&mut lanes, 17, began);
    let mut in_flight = take_all(&mut lanes, began);
    assert!(
        (80..=IN_FLIGHT_MAX / 5 + 1).contains(&in_flight.len()),
        "{}",
        in_flight.len()
    );
    for _ in 0..20 {
        open_busy_endpoints(&mut lanes, 17, began);
        let more = take_all(&mut lanes, began);
        assert!(!more.is_empty(), "{} hang", in_flight.len());
        in_flight.extend(more);
    }
    assert!(lanes.in_flight() < IN_FLIGHT_MAX);
    // Whoever is alone gets a good part back as soon as the others are done.
    let done = in_flight.len() - 10;
    for picked in in_flight.drain(..done) {
        lanes.on_finished(&picked, EndpointSignal::Accepted, START);
    }
    assert!(take_all(&mut lanes, began).len() > 80);
}

#[test]
fn what_was_not_sent_for_want_of_a_descriptor_is_sent_again_soon_and_counts_nowhere() {
    let mut fixture = LanesFixture::new();
    let one = fixture.delivery();
    fixture.offer(&one);
    fixture.offer(&fixture.delivery());
    let picked = fixture.take().unwrap();
    let now = fixture.instant();
    fixture.lanes.on_postponed(&picked, now);
    assert_eq!(fixture.lanes.in_flight(), 0);
    assert!(fixture.take().is_none(), "its endpoint rests");
    fixture.ms += 600;
    let now = fixture.instant();
    fixture.lanes.tick(now);
    assert!(fixture.take().is_some());
    fixture.read(&[(one.clone(), false)]);
    assert_eq!(fixture.take().unwrap().delivery.id, one.id);
    assert_eq!(fixture.lanes.open_circuits(), 0);
}
