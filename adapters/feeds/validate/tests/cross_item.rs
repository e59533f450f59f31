//! Conflicts across items.

use super::{CrossItemChecks, passed};

fn codes(
    across: &mut CrossItemChecks,
    changes: &[(&str, &str)],
    row: u64,
) -> Vec<(&'static str, Option<u64>)> {
    let issues = across.check(&passed(changes), row);
    issues
        .iter()
        .map(|issue| (issue.code.as_str(), issue.row))
        .collect()
}

#[test]
fn of_an_id_that_comes_again_every_row_is_said() {
    let mut across = CrossItemChecks::new(1_000);
    assert_eq!(codes(&mut across, &[], 2), []);
    let twice = [("id_duplicate", Some(2)), ("id_duplicate", Some(3))];
    assert_eq!(codes(&mut across, &[], 3), twice);
    assert_eq!(codes(&mut across, &[], 4), [("id_duplicate", Some(4))]);
    assert_eq!(codes(&mut across, &[("id", "shirt-l")], 5), []);
    assert_eq!(across.duplicates(), 3);
    assert_eq!(across.finish(4), None);
}

#[test]
fn an_id_that_differs_only_in_capital_letters_is_said() {
    let mut across = CrossItemChecks::new(1_000);
    assert_eq!(codes(&mut across, &[("id", "Shirt-M")], 2), []);
    let conflict = [("id_case_conflict", Some(3))];
    assert_eq!(codes(&mut across, &[("id", "shirt-m")], 3), conflict);
    assert_eq!(codes(&mut across, &[("id", "shirt-l")], 4), []);
}

#[test]
fn many_equal_ids_are_the_runs_fault() {
    let mut across = CrossItemChecks::new(1_000);
    for row in 2..=12 {
        across.check(&passed(&[]), row);
    }
    let issue = across.finish(11).unwrap();
    assert_eq!(issue.code.as_str(), "duplicate_ids_excess");
    assert_eq!(issue.value.as_deref(), Some("11 of 11"));
}

#[test]
fn variants_of_one_product_agree() {
    let mut across = CrossItemChecks::new(1_000);
    let mut check = |id: &str, changes: &[(&str, &str)]| {
        let mut all = vec![("id", id), ("group", "SHIRT")];
        all.extend(changes);
        let issues = codes(&mut across, &all, 2);
        issues.into_iter().map(|(code, _)| code).collect::<Vec<_>>()
    };
    assert_eq!(check("1", &[]), Vec::<&str>::new());
    assert_eq!(
        check("2", &[("url", "https://shop.example/2")]),
        Vec::<&str>::new()
    );
    assert_eq!(check("3", &[]), ["link_shared_by_variants"]);
    let euro = [("url", "https://shop.example/4"), ("price", "15.00 EUR")];
    assert_eq!(check("4", &euro), ["group_currency_conflict"]);
    let other = [("url", "https://shop.example/5"), ("brand", "Other")];
    assert_eq!(check("5", &other), ["group_attribute_conflict"]);
}

#[test]
fn a_gtin_is_of_one_item() {
    let mut across = CrossItemChecks::new(1_000);
    let gtin = ("gtin", "4006381333931");
    assert_eq!(codes(&mut across, &[gtin], 2), []);
    let again = [("gtin_duplicate_across_items", Some(3))];
    assert_eq!(codes(&mut across, &[("id", "other"), gtin], 3), again);
}

#[test]
fn copies_are_compared_with_nothing_once_they_are_known() {
    let gtin = ("gtin", "4006381333931");
    let all = [("A", gtin), ("A", gtin), ("B", gtin)];
    let walk = |across: &mut CrossItemChecks| {
        let rows = all.iter().zip(2..);
        let found = rows.map(|((id, gtin), row)| codes(across, &[("id", *id), *gtin], row).len());
        found.collect::<Vec<_>>()
    };
    let mut first = CrossItemChecks::new(1_000);
    assert_eq!(walk(&mut first), [0, 2, 1]);
    let mut again = CrossItemChecks::with_duplicates(1_000, first.duplicate_ids().clone());
    assert_eq!(walk(&mut again), [0, 2, 0]);
    // A record with an error, or one to be removed, is a copy too.
    assert_eq!(again.record_id("B", 5, false).len(), 2);
    assert_eq!((again.duplicates(), again.valid_duplicates()), (4, 3));
}

#[test]
fn memory_ends_where_it_was_said_to() {
    let mut across = CrossItemChecks::new(1);
    assert_eq!(codes(&mut across, &[], 2), []);
    assert!(across.is_full());
    assert_eq!(codes(&mut across, &[], 3), []);
}
