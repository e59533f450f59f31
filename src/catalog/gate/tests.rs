//! Each limit at its edge, and a model of a catalog that no sequence of feeds empties unasked.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const FULL: Facts = Facts {
    is_full: true,
    live: 100,
    lost: 0,
    read: 100,
    invalid: 0,
    duplicates: 0,
    compared: 100,
    repriced: 0,
};

fn verdict(facts: Facts) -> Verdict {
    judge(&facts, &Limits::default())
}

#[test]
fn a_fifth_may_go_and_not_one_more() {
    assert_eq!(verdict(Facts { lost: 20, ..FULL }), Verdict::Pass);
    assert_eq!(
        verdict(Facts { lost: 21, ..FULL }),
        Verdict::Hold(Code::LargeDropHeld)
    );
}

#[test]
fn ten_may_go_from_a_small_shop() {
    let small = Facts {
        live: 12,
        read: 2,
        compared: 2,
        ..FULL
    };
    assert_eq!(verdict(Facts { lost: 10, ..small }), Verdict::Pass);
    assert_eq!(
        verdict(Facts { lost: 11, ..small }),
        Verdict::Hold(Code::LargeDropHeld)
    );
}

#[test]
fn nearly_all_may_not_go_however_small_the_shop() {
    let small = Facts {
        live: 3,
        read: 1,
        compared: 0,
        ..FULL
    };
    assert_eq!(verdict(Facts { lost: 2, ..small }), Verdict::Pass);
    assert_eq!(
        verdict(Facts { lost: 3, ..small }),
        Verdict::Hold(Code::TooFewItems)
    );
    let empty = Facts {
        live: 3,
        lost: 3,
        read: 0,
        compared: 0,
        ..FULL
    };
    assert_eq!(verdict(empty), Verdict::Hold(Code::TooFewItems));
}

#[test]
fn nothing_comes_of_nothing() {
    let empty = Facts {
        live: 0,
        read: 0,
        compared: 0,
        ..FULL
    };
    assert_eq!(verdict(empty), Verdict::Refuse(Code::EmptyFeed));
    let patch = Facts {
        is_full: false,
        read: 0,
        compared: 0,
        ..FULL
    };
    assert_eq!(verdict(patch), Verdict::Refuse(Code::EmptyFeed));
}

#[test]
fn a_tenth_may_be_wrong_and_not_one_more() {
    assert_eq!(
        verdict(Facts {
            invalid: 10,
            ..FULL
        }),
        Verdict::Pass
    );
    assert_eq!(
        verdict(Facts {
            invalid: 11,
            ..FULL
        }),
        Verdict::Hold(Code::TooManyErrorsHeld)
    );
    let first = Facts {
        live: 0,
        compared: 0,
        invalid: 11,
        ..FULL
    };
    assert_eq!(verdict(first), Verdict::Hold(Code::TooManyErrorsHeld));
}

#[test]
fn three_tenths_may_be_repriced_and_not_one_more() {
    assert_eq!(
        verdict(Facts {
            repriced: 30,
            ..FULL
        }),
        Verdict::Pass
    );
    assert_eq!(
        verdict(Facts {
            repriced: 31,
            ..FULL
        }),
        Verdict::Hold(Code::PriceChangeHeld)
    );
}

#[test]
fn copies_of_ids_are_refused_only_when_they_are_many() {
    let copies = |duplicates, read| Facts {
        duplicates,
        invalid: duplicates,
        read,
        ..FULL
    };
    assert_eq!(verdict(copies(11, 110)), Verdict::Pass);
    assert_eq!(
        verdict(copies(11, 109)),
        Verdict::Refuse(Code::DuplicateIdsExcess)
    );
    assert_eq!(
        verdict(copies(10, 20)),
        Verdict::Hold(Code::TooManyErrorsHeld)
    );
}

#[test]
fn limits_are_the_partners_own() {
    let wide = Limits {
        removed_percent: 50,
        ..Limits::default()
    };
    assert_eq!(judge(&Facts { lost: 50, ..FULL }, &wide), Verdict::Pass);
    assert_eq!(
        judge(&Facts { lost: 51, ..FULL }, &wide),
        Verdict::Hold(Code::LargeDropHeld)
    );
}

/// One feed of the model: which items it has, and which of them are bad.
fn feed() -> impl Strategy<Value = (BTreeSet<u16>, BTreeSet<u16>)> {
    let items = || prop::collection::btree_set(0_u16..80, 0..80);
    prop_oneof![
        (items(), prop::collection::btree_set(0_u16..80, 0..6)),
        // Most feeds are nearly whole.
        prop::collection::btree_set(0_u16..80, 0..20).prop_map(|gone| (
            (0..80).filter(|item| !gone.contains(item)).collect(),
            BTreeSet::new()
        )),
    ]
}

proptest! {
    /// What is live shrinks only within the limits, whatever feeds come one after the other.
    #[test]
    fn no_sequence_of_feeds_removes_live_products_past_the_gate(feeds in prop::collection::vec(feed(), 1..40)) {
        let mut live = BTreeSet::new();
        for (items, bad) in feeds {
            let lost = live.difference(&items).count() as u64;
            let facts = Facts {
                is_full: true,
                live: live.len() as u64,
                lost,
                read: items.len() as u64,
                invalid: bad.intersection(&items).count() as u64,
                compared: live.intersection(&items).count() as u64,
                ..Facts::default()
            };
            if verdict(facts) != Verdict::Pass {
                continue;
            }
            let before = live.len() as u64;
            // A bad record of a product that is not live makes none.
            let good = items.iter().filter(|item| live.contains(*item) || !bad.contains(*item));
            live = good.copied().collect();
            prop_assert!(lost <= 10.max(before / 5), "{lost} of {before}");
            prop_assert!(before == 0 || lost * 100 <= before * 99);
        }
    }
}
