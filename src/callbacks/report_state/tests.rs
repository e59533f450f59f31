//! Any order of arrival, any number of times: one report.

use buywire_adapters::contract::callback::{OrderRef, ReportedRefund};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn callback(key: &str, callback_kind: CallbackKind, updates: Vec<Update>) -> Callback {
    Callback {
        key: key.to_owned(),
        order: Some(OrderRef::Platform("P-1".to_owned())),
        occurred_at: None,
        kind: callback_kind,
        updates,
    }
}

fn change(key: &str, update: Update) -> Callback {
    callback(key, CallbackKind::Change, vec![update])
}

fn parcel(reference: Option<&str>, number: Option<&str>) -> Shipment {
    Shipment {
        reference: reference.map(str::to_owned),
        tracking_number: number.map(str::to_owned),
        ..Shipment::default()
    }
}

fn refund(reference: Option<&str>, amount: Option<i64>, cumulative: bool) -> Update {
    Update::Refunded(ReportedRefund {
        reference: reference.map(str::to_owned),
        amount,
        cumulative,
    })
}

fn applied(callbacks: &[Callback]) -> PartnerReportState {
    let mut facts = PartnerReportState::default();
    for callback in callbacks {
        facts.apply(callback);
    }
    facts
}

fn state(callbacks: &[Callback]) -> FulfilmentState {
    applied(callbacks).report(1_000).fulfilment.state
}

#[test]
fn parcels_come_to_how_much_has_left() {
    use FulfilmentState::{Delivered, Open, PartlyShipped, Shipped};
    let a = || parcel(Some("a"), Some("1Z"));
    let b = || parcel(Some("b"), None);
    let none = Shipment::default;
    let partly = |parcel| change("p", Update::PartlyFulfilled(parcel));
    let shipped = |parcel| change("s", Update::Shipped(parcel));
    let delivered = |parcel| change("d", Update::Delivered(parcel));
    for (updates, expected) in [
        (vec![], Open),
        (vec![partly(a())], PartlyShipped),
        (vec![partly(none())], PartlyShipped),
        (vec![shipped(none())], Shipped),
        (vec![shipped(a())], Shipped),
        (vec![partly(a()), delivered(a())], PartlyShipped),
        (vec![partly(a()), shipped(b()), delivered(a())], Shipped),
        (
            vec![partly(a()), shipped(b()), delivered(a()), delivered(b())],
            Delivered,
        ),
        (vec![shipped(a()), delivered(none())], Delivered),
        // The same parcel, once by its number and once by its name.
        (
            vec![shipped(a()), delivered(parcel(None, Some("1Z")))],
            Delivered,
        ),
        (
            vec![shipped(a()), delivered(parcel(Some("a"), None))],
            Delivered,
        ),
    ] {
        assert_eq!(state(&updates), expected, "{updates:#?}");
        let reversed: Vec<_> = updates.into_iter().rev().collect();
        assert_eq!(state(&reversed), expected, "reversed: {reversed:#?}");
    }
}

#[test]
fn refunds_count_once_and_never_beyond_what_was_captured() {
    for (updates, refunded, claimed) in [
        (vec![refund(Some("re_1"), Some(300), false)], 300, None),
        (
            vec![
                refund(Some("re_1"), Some(300), false),
                refund(Some("re_1"), Some(300), false),
                refund(Some("re_2"), Some(200), false),
            ],
            500,
            None,
        ),
        (
            vec![
                refund(None, Some(300), true),
                refund(None, Some(700), true),
                refund(Some("re_1"), Some(300), false),
            ],
            700,
            None,
        ),
        (vec![refund(None, None, false)], 1_000, None),
        (vec![refund(None, Some(1_001), false)], 1_000, Some(1_001)),
        (
            vec![
                refund(Some("re_1"), Some(i64::MAX), false),
                refund(Some("re_2"), Some(i64::MAX), false),
            ],
            1_000,
            Some(i64::MAX),
        ),
        (vec![refund(None, Some(-5), false)], 0, None),
    ] {
        let report = applied(&[callback("k", CallbackKind::Change, updates)]).report(1_000);
        assert_eq!(report.refunded, refunded);
        let warning = claimed.map(|claimed| ReportWarning::RefundExceedsCaptured { claimed });
        assert_eq!(report.warnings, Vec::from_iter(warning));
    }
}

#[test]
fn an_older_state_changes_nothing_and_an_equal_one_does_no_harm() {
    let snapshot = |version, updates| callback("k", CallbackKind::State { version }, updates);
    let mut facts = applied(&[snapshot(7, vec![Update::Shipped(parcel(Some("a"), None))])]);
    let before = facts.clone();
    assert_eq!(facts.apply(&snapshot(6, vec![])), ApplyOutcome::Outdated);
    assert_eq!(facts, before);
    let same = snapshot(7, vec![Update::Shipped(parcel(Some("a"), None))]);
    assert_eq!(facts.apply(&same), ApplyOutcome::Applied);
    assert_eq!(facts, before);
    assert_eq!(facts.apply(&snapshot(8, vec![])), ApplyOutcome::Applied);
    assert_eq!(
        facts.report(0).fulfilment.state,
        FulfilmentState::Open,
        "a newer state may take something back"
    );
}

#[test]
fn a_redacted_parcel_is_still_known() {
    let update = Update::Cancelled {
        reason: Some("Ada moved".to_owned()),
    };
    let unknown = Update::Unknown {
        at: "x".to_owned(),
        raw: json!({"name": "Ada"}),
    };
    let mut facts = applied(&[
        change("1", Update::Shipped(parcel(Some("Ada"), Some("1Z")))),
        change("2", update),
        change("3", unknown),
    ]);
    facts.redact();
    let text = serde_json::to_string(&facts).unwrap();
    assert!(!text.contains("Ada") && !text.contains("1Z"), "{text}");
    facts.apply(&change("4", Update::Delivered(parcel(None, Some("1Z")))));
    let report = facts.report(0);
    assert_eq!(report.fulfilment.state, FulfilmentState::Delivered);
    assert_eq!(report.warnings.len(), 1, "{report:?}");
}

fn some_update() -> impl Strategy<Value = Update> {
    let name = || prop::option::of(prop::sample::select(vec!["a", "b", "c"]));
    let parcels = (name(), name()).prop_map(|(one, other)| parcel(one, other));
    prop_oneof![
        parcels.clone().prop_map(Update::Shipped),
        parcels.clone().prop_map(Update::PartlyFulfilled),
        parcels.prop_map(Update::Delivered),
        (name(), prop::option::of(0_i64..2_000), any::<bool>())
            .prop_map(|(name, amount, cumulative)| refund(name, amount, cumulative)),
        name().prop_map(|reason| Update::Cancelled {
            reason: reason.map(str::to_owned)
        }),
        (0_i64..3).prop_map(|n| Update::Unknown {
            at: "status".to_owned(),
            raw: n.into()
        }),
    ]
}

fn some_callbacks() -> impl Strategy<Value = Vec<Callback>> {
    let callback_kind = prop::option::weighted(0.3, 0_i64..1_000);
    let one = (callback_kind, prop::collection::vec(some_update(), 0..3));
    prop::collection::vec(one, 0..12).prop_map(|all| {
        let mut versions = std::collections::BTreeSet::new();
        let all = all.into_iter().enumerate();
        // Two states of one version are one state.
        let all =
            all.filter(|(_, (version, _))| version.is_none_or(|version| versions.insert(version)));
        all.map(|(n, (version, updates))| {
            let callback_kind = version.map_or(CallbackKind::Change, |version| {
                CallbackKind::State { version }
            });
            callback(&format!("k{n}"), callback_kind, updates)
        })
        .collect()
    })
}

proptest! {
    #[test]
    fn neither_order_nor_repetition_matters(
        (all, shuffled) in some_callbacks().prop_flat_map(|all| {
            let twice = all.iter().chain(&all).cloned().collect::<Vec<_>>();
            (Just(all), Just(twice).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(applied(&all).report(1_000), applied(&shuffled).report(1_000));
    }
}
