//! Lanes of changed endpoints: they wait until the change was read, and never for long.

use super::*;
use crate::notifier::changes::ChangeSet;

const HOLD_MAX: Duration = Duration::from_millis(1_000);

fn change(fixture: &mut LanesFixture) {
    let now = fixture.instant();
    let changed = ChangeSet {
        endpoints: [fixture.endpoint].into(),
        ..ChangeSet::default()
    };
    fixture.lanes.hold(&changed, now, HOLD_MAX);
}

#[test]
fn nothing_is_taken_for_a_changed_endpoint_until_a_later_read_brings_it() {
    let mut fixture = LanesFixture::new();
    let read_too_early = fixture.instant();
    fixture.ms += 1;
    change(&mut fixture);
    let delivery = fixture.delivery();
    fixture.offer(&delivery);
    let ids = [fixture.endpoint];
    fixture.lanes.release_hold(&ids, read_too_early);
    assert!(fixture.take().is_none());
    let read_at = fixture.instant();
    fixture.lanes.release_hold(&ids, read_at);
    assert!(fixture.take().is_some());
}

#[test]
fn changes_without_end_hold_nothing_back_for_long() {
    let mut fixture = LanesFixture::new();
    let delivery = fixture.delivery();
    fixture.offer(&delivery);
    for _ in 0..999 {
        change(&mut fixture);
        assert!(fixture.take().is_none());
        fixture.ms += 1;
    }
    fixture.ms += 1;
    change(&mut fixture);
    fixture.lanes.tick(fixture.started_at);
    assert!(fixture.take().is_some());
}

#[test]
fn a_changed_partner_holds_back_its_own_endpoints_alone() {
    let mut fixture = LanesFixture::new();
    let now = fixture.instant();
    let of = |partner| ChangeSet {
        partners: [partner].into(),
        ..ChangeSet::default()
    };
    let other = of(PartnerId::generate());
    fixture.lanes.hold(&other, now, HOLD_MAX);
    let first = fixture.delivery();
    fixture.offer(&first);
    assert!(fixture.take().is_some());
    let partner = active_endpoint(fixture.endpoint, true, 1).partner;
    fixture.lanes.hold(&of(partner), now, HOLD_MAX);
    let second = fixture.delivery();
    fixture.offer(&second);
    assert!(fixture.take().is_none());
}
