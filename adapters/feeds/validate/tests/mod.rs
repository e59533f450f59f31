//! Validation as a whole: every code has a fixture, and valid items keep their promises.

mod cross_item;
mod drafts;
mod elsewhere;
mod fixtures;
mod properties;
mod url_positions;

use buywire_schemas::catalog::issue::Code;
use buywire_schemas::catalog::{Availability, Condition};
use time::macros::datetime;

use self::drafts::{draft, raw_field};
use super::*;
use crate::draft::{Amount, Prose};

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

/// The rules of most feeds: brands are expected, links lead to one shop, no currency is assumed.
fn rules() -> Rules {
    Rules {
        domains: vec!["shop.example".to_owned()],
        brand_expected: true,
        ..Rules::default()
    }
}

fn checked_draft(changes: &[(&str, &str)]) -> Checked {
    check(draft(changes), &rules(), NOW)
}

fn passed(changes: &[(&str, &str)]) -> Item {
    let checked = checked_draft(changes);
    checked
        .item
        .unwrap_or_else(|| panic!("{changes:?}: {:?}", checked.issues))
}

fn codes(checked: &Checked) -> Vec<&'static str> {
    let issues = checked.issues.iter();
    issues.map(|issue| issue.code.as_str()).collect()
}

#[test]
fn a_clean_item_passes_without_a_word() {
    let checked = checked_draft(&[]);
    assert_eq!(checked.issues, []);
    assert_eq!(checked.deleted, None);
    let item = checked.item.unwrap();
    assert_eq!(item.id, "SHIRT-M");
    assert_eq!(
        (item.price.amount, item.price.currency.code()),
        (1_500, "USD")
    );
    assert!(item.for_sale && !item.adult && item.buyable(NOW).is_ok());
}

#[test]
fn a_finding_says_where_and_in_the_feeds_words() {
    let checked = checked_draft(&[("price", "15.0001 USD")]);
    let [issue] = checked.issues.as_slice() else {
        panic!("{:?}", checked.issues)
    };
    assert_eq!(issue.code, Code::PriceTooPrecise);
    assert_eq!(issue.attribute.as_deref(), Some("g:price"));
    assert_eq!(issue.row, Some(7));
    assert_eq!(issue.item_id.as_deref(), Some("SHIRT-M"));
    assert_eq!(issue.value.as_deref(), Some("15.0001 USD"));
}

#[test]
fn an_ambiguous_price_is_refused_with_both_meanings() {
    let value = |text: &str| {
        checked_draft(&[("price", text)]).issues[0]
            .value
            .clone()
            .unwrap()
    };
    let value = (value("1.250 EUR"), value("13.000 CLP"));
    assert_eq!(value.0, "1.250 EUR: 1.25 EUR or 1250.00 EUR");
    assert_eq!(value.1, "13.000 CLP: 13 CLP or 13000 CLP");
}

#[test]
fn a_report_never_shows_credentials() {
    for field in ["url", "image"] {
        let checked = checked_draft(&[(field, "https://ann:hunter2@shop.example/a")]);
        assert!(checked.item.is_none());
        let shown = format!("{:?}", checked.issues);
        assert!(
            !shown.contains("hunter2") && !shown.contains("ann"),
            "{shown}"
        );
    }
}

#[test]
fn all_errors_of_an_item_are_said_at_once() {
    let checked = checked_draft(&[
        ("id", ""),
        ("title", ""),
        ("url", ""),
        ("price", ""),
        ("image", ""),
    ]);
    assert_eq!(
        codes(&checked),
        [
            "id_missing",
            "title_missing",
            "link_missing",
            "image_missing",
            "price_missing"
        ]
    );
}

#[test]
fn a_deleted_item_needs_its_id_only() {
    let mut gone = Draft {
        deleted: true,
        id: Some(raw_field("id", " SHIRT-M ")),
        ..Draft::default()
    };
    let checked = check(gone.clone(), &rules(), NOW);
    assert_eq!(checked.deleted.as_deref(), Some("SHIRT-M"));
    assert_eq!((checked.item, checked.issues.len()), (None, 0));
    gone.id = None;
    let checked = check(gone, &rules(), NOW);
    assert_eq!(
        (checked.deleted.is_none(), codes(&checked)),
        (true, vec!["id_missing"])
    );
}

#[test]
fn every_word_for_availability_means_one_thing() {
    use Availability::{Backorder, Discontinued, InStock, LimitedStock, OutOfStock, Preorder};
    for (words, availability) in [
        (
            "in_stock|in stock|IN_STOCK|instock|InStock|http://schema.org/InStock|OnlineOnly",
            InStock,
        ),
        (
            "limited_stock|low_stock|limited availability|https://schema.org/LimitedAvailability",
            LimitedStock,
        ),
        (
            "preorder|pre_order|pre-order|https://schema.org/PreOrder|PreSale",
            Preorder,
        ),
        (
            "backorder|available for order|onbackorder|schema.org/BackOrder",
            Backorder,
        ),
        (
            "out_of_stock|out of stock|outofstock|https://schema.org/SoldOut|pending|mark_as_sold|mark_as_expired",
            OutOfStock,
        ),
        ("discontinued|https://schema.org/Discontinued", Discontinued),
    ] {
        for word in words.split('|') {
            let item = passed(&[
                ("availability", word),
                ("available_from", "2027-03-01T00:00Z"),
            ]);
            assert_eq!(item.availability, availability, "{word}");
        }
    }
}

#[test]
fn a_quantity_tells_what_the_word_does_not() {
    use Availability::{Backorder, InStock, OutOfStock};
    for (word, quantity, availability) in [
        ("", "3", InStock),
        ("", "0", OutOfStock),
        ("unknown", "3", InStock),
        ("in_stock", "0", OutOfStock),
        ("in_stock", "-2", OutOfStock),
        ("in_stock", "3.0", InStock),
        ("in_stock", "0.000", OutOfStock),
        (
            "in_stock",
            "99999999999999999999999999999999999999999999",
            InStock,
        ),
        ("backorder", "0", Backorder),
    ] {
        let item = passed(&[
            ("availability", word),
            ("quantity", quantity),
            ("available_from", "2027-03-01T00:00Z"),
        ]);
        assert_eq!(item.availability, availability, "{word:?} {quantity}");
    }
    let rules = Rules {
        default_availability: Some(InStock),
        ..rules()
    };
    for word in ["", "unknown"] {
        let checked = check(draft(&[("availability", word)]), &rules, NOW);
        assert_eq!(checked.item.unwrap().availability, InStock);
        assert_eq!(checked.issues, []);
    }
}

#[test]
fn the_higher_price_counts_unless_a_sale_is_clear() {
    for (changes, price, sale) in [
        (vec![("sale_price", "12.00 USD")], 1_500, Some(1_200)),
        (vec![("sale_price", "12.00")], 1_500, Some(1_200)),
        (vec![("sale_price", "15.00 USD")], 1_500, None),
        (vec![("sale_price", "soon")], 1_500, None),
        (vec![("sale_price", "12.00 EUR")], 1_500, None),
        (vec![("list_price", "20.00 USD")], 2_000, Some(1_500)),
        (vec![("list_price", "15.00 USD")], 1_500, None),
        (vec![("list_price", "0.00 USD")], 1_500, None),
        (vec![("list_price", "10.00 USD")], 1_500, None),
        (
            vec![("list_price", "20.00 USD"), ("sale_price", "12.00 USD")],
            1_500,
            Some(1_200),
        ),
        (
            vec![("sale_price", "12.00 USD"), ("sale_window", "soon")],
            1_500,
            None,
        ),
        (
            vec![
                ("sale_price", "12.00 USD"),
                ("sale_window", "2027-01-02Z/2027-01-01"),
            ],
            1_500,
            None,
        ),
    ] {
        let item = passed(&changes);
        assert_eq!(item.price.amount, price, "{changes:?}");
        assert_eq!(item.sale.map(|sale| sale.amount), sale, "{changes:?}");
    }
}

#[test]
fn a_sale_of_days_lasts_through_the_last_one() {
    let days = [
        ("sale_price", "12.00 USD"),
        ("sale_window", "2026-11-27/2026-11-30"),
    ];
    let parts = [
        ("sale_price", "12.00 USD"),
        ("sale_starts", "2026-11-27"),
        ("sale_ends", "2026-11-30"),
    ];
    for changes in [days.as_slice(), parts.as_slice()] {
        let sale = passed(changes).sale.unwrap();
        assert_eq!(sale.starts_at, Some(datetime!(2026-11-27 0:00 UTC)));
        assert_eq!(sale.ends_at, Some(datetime!(2026-12-01 0:00 UTC)));
    }
    let open = passed(&[
        ("sale_price", "12.00 USD"),
        ("sale_window", "2026-11-27T00:00Z/"),
    ]);
    assert_eq!(open.sale.unwrap().ends_at, None);
}

#[test]
fn zero_is_a_price_only_where_it_is_allowed() {
    let free = [("price", "0.00 USD")];
    assert_eq!(codes(&checked_draft(&free)), ["price_zero"]);
    let rules = Rules {
        zero_price_allowed: true,
        ..rules()
    };
    assert_eq!(
        check(draft(&free), &rules, NOW).item.unwrap().price.amount,
        0
    );
}

#[test]
fn an_undeclared_domain_is_said_once_a_run() {
    let rules = Rules {
        domains: Vec::new(),
        ..rules()
    };
    assert_eq!(rules.issues(), [Issue::new(Code::DomainsUndeclared)]);
    let checked = check(draft(&[("url", "https://any.example/a")]), &rules, NOW);
    assert_eq!(checked.issues, []);
    assert!(checked.item.is_some());
}

#[test]
fn a_domain_covers_what_is_below_it_and_nothing_beside() {
    for (url, allowed) in [
        ("https://shop.example/a", true),
        ("https://www.shop.example/a", true),
        ("https://SHOP.example/a", true),
        ("https://shop.example:8443/a", true),
        ("https://myshop.example/a", false),
        ("https://shop.example.evil.example/a", false),
        ("https://evil.example/shop.example", false),
        ("https://evil.example?shop.example/", false),
        ("https://evil.example\\.shop.example/", false),
    ] {
        assert_eq!(
            checked_draft(&[("url", url)]).item.is_some(),
            allowed,
            "{url}"
        );
    }
}

#[test]
fn an_image_that_fails_costs_itself_alone() {
    let item = passed(&[(
        "image",
        "no url|https://cdn.example/a.jpg|https://cdn.example/",
    )]);
    let urls: Vec<_> = item.images.iter().map(|image| image.url.as_str()).collect();
    assert_eq!(urls, ["https://cdn.example/a.jpg"]);
}

#[test]
fn an_unknown_word_is_kept_and_read_carefully() {
    let item = passed(&[
        ("condition", "wie neu"),
        ("adult", "maybe"),
        ("for_sale", "ask"),
        ("gender", "any"),
    ]);
    assert_eq!(item.condition, Condition::Used);
    assert!(item.adult && !item.for_sale);
    assert_eq!(item.gender, None);
    assert_eq!(item.attributes["g:condition"], "wie neu");
    assert_eq!(item.attributes["g:gender"], "any");
    assert_eq!(item.attributes["g:adult"], "maybe");
}

#[test]
fn shipping_keeps_what_is_said() {
    let item = passed(&[("shipping", "us:CA:Express:5.00 USD:1:2|DE:::0 USD|FR")]);
    let values: Vec<_> = item
        .shipping
        .iter()
        .map(|one| {
            (
                one.country.as_deref(),
                one.service.as_deref(),
                one.price.map(|price| price.amount),
            )
        })
        .collect();
    assert_eq!(
        values,
        [
            (Some("US"), Some("Express"), Some(500)),
            (Some("DE"), None, Some(0)),
            (Some("FR"), None, None),
        ]
    );
}

#[test]
fn html_is_taken_for_what_it_is_declared() {
    let mut draft = draft(&[]);
    draft.description = Some(Prose::Html(raw_field(
        "Body (HTML)",
        "<p>Soft.</p><p>Black.</p>",
    )));
    draft.price = Some(Amount::Minor(
        raw_field("price", "1500"),
        Some(raw_field("currency", "usd")),
    ));
    let checked = check(draft, &rules(), NOW);
    assert_eq!(checked.issues, []);
    assert_eq!(checked.item.unwrap().description, "Soft.\n\nBlack.");
}
