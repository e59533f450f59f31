//! Each limit at its edge, and a model that checks that no sequence of feeds empties a catalog without approval.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const FULL: GateInput = GateInput {
    is_full: true,
    live: 100,
    lost: 0,
    read: 100,
    invalid: 0,
    duplicates: 0,
    compared: 100,
    buyable: 0,
    stopped: 0,
    repriced: 0,
    jumped: 0,
    moved: 0,
    renamed: 0,
};

/// A verdict and its first reason.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Pass,
    Hold(Code),
    Refuse(Code),
}

fn verdict(input: GateInput) -> Outcome {
    outcome(evaluate(&input, &GateLimits::default()))
}

fn outcome(verdict: Verdict) -> Outcome {
    match verdict {
        Verdict::Pass => Outcome::Pass,
        Verdict::Hold(reasons) => Outcome::Hold(reasons.first().unwrap().code),
        Verdict::Refuse(reason) => Outcome::Refuse(reason.code),
    }
}

#[test]
fn a_fifth_may_go_and_not_one_more() {
    assert_eq!(verdict(GateInput { lost: 20, ..FULL }), Outcome::Pass);
    assert_eq!(
        verdict(GateInput { lost: 21, ..FULL }),
        Outcome::Hold(Code::LargeDropHeld)
    );
}

#[test]
fn ten_may_go_from_a_small_shop() {
    let small = GateInput {
        live: 12,
        read: 2,
        compared: 2,
        ..FULL
    };
    assert_eq!(verdict(GateInput { lost: 10, ..small }), Outcome::Pass);
    assert_eq!(
        verdict(GateInput { lost: 11, ..small }),
        Outcome::Hold(Code::LargeDropHeld)
    );
}

#[test]
fn nearly_all_may_not_go_however_small_the_shop() {
    let small = GateInput {
        live: 3,
        read: 1,
        compared: 0,
        ..FULL
    };
    assert_eq!(verdict(GateInput { lost: 2, ..small }), Outcome::Pass);
    assert_eq!(
        verdict(GateInput { lost: 3, ..small }),
        Outcome::Hold(Code::TooFewItems)
    );
    let empty = GateInput {
        live: 3,
        lost: 3,
        read: 0,
        compared: 0,
        ..FULL
    };
    assert_eq!(verdict(empty), Outcome::Hold(Code::TooFewItems));
}

#[test]
fn nothing_comes_of_nothing() {
    let empty = GateInput {
        live: 0,
        read: 0,
        compared: 0,
        ..FULL
    };
    assert_eq!(verdict(empty), Outcome::Refuse(Code::EmptyFeed));
    let patch = GateInput {
        is_full: false,
        read: 0,
        compared: 0,
        ..FULL
    };
    assert_eq!(verdict(patch), Outcome::Refuse(Code::EmptyFeed));
}

#[test]
fn a_tenth_may_be_wrong_and_not_one_more() {
    assert_eq!(
        verdict(GateInput {
            invalid: 10,
            ..FULL
        }),
        Outcome::Pass
    );
    assert_eq!(
        verdict(GateInput {
            invalid: 11,
            ..FULL
        }),
        Outcome::Hold(Code::TooManyErrorsHeld)
    );
    let first = GateInput {
        live: 0,
        compared: 0,
        invalid: 11,
        ..FULL
    };
    assert_eq!(verdict(first), Outcome::Hold(Code::TooManyErrorsHeld));
}

#[test]
fn three_tenths_may_be_repriced_and_not_one_more() {
    assert_eq!(
        verdict(GateInput {
            repriced: 30,
            ..FULL
        }),
        Outcome::Pass
    );
    assert_eq!(
        verdict(GateInput {
            repriced: 31,
            ..FULL
        }),
        Outcome::Hold(Code::PriceChangeHeld)
    );
}

#[test]
fn copies_of_ids_are_refused_only_when_they_are_many() {
    let copies = |duplicates, read| GateInput {
        duplicates,
        invalid: duplicates,
        read,
        ..FULL
    };
    assert_eq!(verdict(copies(11, 110)), Outcome::Pass);
    assert_eq!(
        verdict(copies(11, 109)),
        Outcome::Refuse(Code::DuplicateIdsExcess)
    );
    assert_eq!(
        verdict(copies(10, 20)),
        Outcome::Hold(Code::TooManyErrorsHeld)
    );
}

#[test]
fn limits_are_the_partners_own() {
    let wide = GateLimits {
        removed_percent: 50,
        ..GateLimits::default()
    };
    assert_eq!(
        outcome(evaluate(&GateInput { lost: 50, ..FULL }, &wide)),
        Outcome::Pass
    );
    assert_eq!(
        outcome(evaluate(&GateInput { lost: 51, ..FULL }, &wide)),
        Outcome::Hold(Code::LargeDropHeld)
    );
}

#[test]
fn half_may_be_sold_out_and_not_one_more() {
    let stops = |stopped, buyable| {
        verdict(GateInput {
            stopped,
            buyable,
            ..FULL
        })
    };
    let held = Outcome::Hold(Code::StockDropHeld);
    assert_eq!(stops(50, 100), Outcome::Pass);
    assert_eq!(stops(51, 100), held);
    assert_eq!(
        stops(10, 10),
        Outcome::Pass,
        "a small shop sells all it has"
    );
    assert_eq!(stops(11, 11), held);
}

#[test]
fn few_prices_may_jump_and_none_of_a_large_catalog_pass_for_their_share() {
    let jumps = |jumped, all| {
        let input = GateInput {
            jumped,
            live: all,
            compared: all,
            read: all,
            ..FULL
        };
        verdict(input)
    };
    let held = Outcome::Hold(Code::PriceChangeHeld);
    assert_eq!(jumps(10, 100), Outcome::Pass);
    assert_eq!(jumps(11, 100), held);
    assert_eq!(jumps(11, 1_000_000), held);
    assert_eq!(jumps(2, 8), held, "a quarter");
    assert_eq!(jumps(1, 10), Outcome::Pass);
}

#[test]
fn another_shops_titles_and_links_are_held() {
    let changes = |renamed, moved, all| {
        verdict(GateInput {
            renamed,
            moved,
            live: all,
            compared: all,
            read: all,
            ..FULL
        })
    };
    let (titles, links) = (
        Outcome::Hold(Code::TitlesChangedHeld),
        Outcome::Hold(Code::LinksMovedHeld),
    );
    assert_eq!(changes(30, 20, 100), Outcome::Pass);
    assert_eq!(changes(31, 0, 100), titles);
    assert_eq!(changes(0, 21, 100), links);
    assert_eq!(changes(10, 10, 20), Outcome::Pass);
    assert_eq!(changes(11, 0, 20), titles);
    assert_eq!(changes(3, 0, 5), titles);
    assert_eq!(changes(0, 3, 5), links);
    assert_eq!(
        changes(2, 2, 2),
        Outcome::Pass,
        "two items may become others"
    );
}

#[test]
fn a_few_items_are_weighed_by_the_whole_catalog() {
    let patch = GateInput {
        is_full: false,
        read: 3,
        compared: 3,
        repriced: 3,
        renamed: 3,
        moved: 3,
        jumped: 3,
        ..FULL
    };
    assert_eq!(verdict(patch), Outcome::Pass);
    assert_eq!(
        verdict(GateInput { live: 4, ..patch }),
        Outcome::Hold(Code::TitlesChangedHeld)
    );
}

#[test]
fn every_reason_is_told_with_its_figures() {
    let input = GateInput {
        renamed: 40,
        moved: 50,
        jumped: 25,
        repriced: 60,
        ..FULL
    };
    let Verdict::Hold(reasons) = evaluate(&input, &GateLimits::default()) else {
        panic!("it passes");
    };
    let figures: Vec<_> = reasons.iter().map(|one| one.figures.as_str()).collect();
    assert_eq!(
        figures,
        [
            "40 of 100 titles change beyond recognition; up to 10, or 30 %, pass unasked",
            "50 of 100 links lead to another host than before; up to 10, or 20 %, pass unasked",
            "25 of 100 prices change to more than five times or less than a fifth; up to 10 that are up to 10 % pass unasked",
        ]
    );
}

/// One feed of the model: the items it has, and which of them are invalid.
fn feed() -> impl Strategy<Value = (BTreeSet<u16>, BTreeSet<u16>)> {
    let items = || prop::collection::btree_set(0_u16..80, 0..80);
    prop_oneof![
        (items(), prop::collection::btree_set(0_u16..80, 0..6)),
        // Most feeds are nearly complete.
        prop::collection::btree_set(0_u16..80, 0..20).prop_map(|gone| (
            (0..80).filter(|item| !gone.contains(item)).collect(),
            BTreeSet::new()
        )),
    ]
}

proptest! {
    /// The live catalog shrinks only within the limits, whatever sequence of feeds arrives.
    #[test]
    fn no_sequence_of_feeds_removes_live_products_past_the_gate(feeds in prop::collection::vec(feed(), 1..40)) {
        let mut live = BTreeSet::new();
        for (items, bad) in feeds {
            let lost = live.difference(&items).count() as u64;
            let input = GateInput {
                is_full: true,
                live: live.len() as u64,
                lost,
                read: items.len() as u64,
                invalid: bad.intersection(&items).count() as u64,
                compared: live.intersection(&items).count() as u64,
                ..GateInput::default()
            };
            if verdict(input) != Outcome::Pass {
                continue;
            }
            let before = live.len() as u64;
            // An invalid record of a product that is not live creates no product.
            let good = items.iter().filter(|item| live.contains(*item) || !bad.contains(*item));
            live = good.copied().collect();
            prop_assert!(lost <= 10.max(before / 5), "{lost} of {before}");
            prop_assert!(before == 0 || lost * 100 <= before * 99);
        }
    }
}
