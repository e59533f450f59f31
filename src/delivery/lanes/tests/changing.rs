//! Lanes of changed endpoints: they wait until the change was read, and never for long.

use super::*;
use crate::store::changes::ChangeSet;

const AT_MOST: Duration = Duration::from_millis(1_000);

fn change(scene: &mut Scene) {
    let now = scene.instant();
    let changed = ChangeSet {
        endpoints: [scene.endpoint].into(),
        ..ChangeSet::default()
    };
    scene.lanes.hold_back(&changed, now, AT_MOST);
}

#[test]
fn nothing_is_taken_for_a_changed_endpoint_until_a_later_read_brings_it() {
    let mut scene = Scene::new();
    let read_too_early = scene.instant();
    scene.ms += 1;
    change(&mut scene);
    let delivery = scene.delivery();
    scene.offer(&delivery);
    let ids = [scene.endpoint];
    scene.lanes.up_to_date(&ids, read_too_early);
    assert!(scene.take().is_none());
    let asked_at = scene.instant();
    scene.lanes.up_to_date(&ids, asked_at);
    assert!(scene.take().is_some());
}

#[test]
fn changes_without_end_hold_nothing_back_for_long() {
    let mut scene = Scene::new();
    let delivery = scene.delivery();
    scene.offer(&delivery);
    for _ in 0..999 {
        change(&mut scene);
        assert!(scene.take().is_none());
        scene.ms += 1;
    }
    scene.ms += 1;
    change(&mut scene);
    scene.lanes.tick(scene.began);
    assert!(scene.take().is_some());
}

#[test]
fn a_changed_partner_holds_back_its_own_endpoints_alone() {
    let mut scene = Scene::new();
    let now = scene.instant();
    let of = |partner| ChangeSet {
        partners: [partner].into(),
        ..ChangeSet::default()
    };
    let other = of(PartnerId::generate());
    scene.lanes.hold_back(&other, now, AT_MOST);
    let first = scene.delivery();
    scene.offer(&first);
    assert!(scene.take().is_some());
    let partner = view(scene.endpoint, true, 1).partner;
    scene.lanes.hold_back(&of(partner), now, AT_MOST);
    let second = scene.delivery();
    scene.offer(&second);
    assert!(scene.take().is_none());
}
