//! One fixture for each code that validation raises, and for each other code the folder that raises it.

use std::collections::BTreeSet;

use buywire_schemas::catalog::issue::{Code, Scope, Severity};

use super::elsewhere::ELSEWHERE;
use super::{checked_draft, codes, draft};
use crate::validate::{Rules, check};

type Change = (&'static str, &'static str);

const IMAGE: &str = "https://cdn.example/a.jpg";
const TWICE: &str = "https://cdn.example/a.jpg|https://cdn.example/a.jpg";
const DAY: Change = ("available_from", "2027-03-01T00:00Z");
const SALE: Change = ("sale_price", "12.00 USD");

/// Changes to a valid item, and all findings in order.
const FIXTURES: &[(&[Change], &[&str])] = &[
    // Id and group.
    (&[("id", " ")], &["id_missing"]),
    (&[("id", "a\u{7}b")], &["id_bad_chars"]),
    (&[("id", "a\u{200b}b")], &["id_bad_chars"]),
    (&[("id", "1.23457E+12")], &["id_placeholder"]),
    (&[("id", "#N/A")], &["id_placeholder"]),
    (&[("id", "{{ product.id }}")], &["id_placeholder"]),
    (&[("group", "a\nb")], &["group_id_invalid"]),
    // Text.
    (
        &[("title", "\u{0}")],
        &["control_chars_removed", "title_missing"],
    ),
    (&[("title", "undefined")], &["title_placeholder"]),
    (&[("title", "{{ product.title }}")], &["title_placeholder"]),
    (&[("title", "#REF!")], &["title_placeholder"]),
    (&[("title", "\u{3164}\u{200d}\u{2800}")], &["title_missing"]),
    (
        &[("title", "Shirt \u{2067}M\u{2069}")],
        &["control_chars_removed"],
    ),
    (&[("title", "<b>Shirt</b>")], &["html_in_text"]),
    (&[("title", "Salt &amp;amp; Pepper")], &["entity_in_text"]),
    (&[("title", "Shi\u{b}\u{8}rt")], &["control_chars_removed"]),
    (&[("description", "<p>Soft</p>")], &["html_in_description"]),
    (&[("title", "Laptop \u{96} 11.1v")], &["text_windows_1252"]),
    (&[("title", "Schal fÃ¼r Kinder")], &["text_mojibake"]),
    (&[("id", "'00123")], &["spreadsheet_guard"]),
    (&[("id", "=\"00123\"")], &["spreadsheet_guard"]),
    // Links and images.
    (&[("url", "")], &["link_missing"]),
    (&[("url", "shop.example/shirt")], &["link_invalid"]),
    (
        &[("url", "https://ann:pw@shop.example/")],
        &["link_credentials"],
    ),
    (
        &[("url", "https://other.example/")],
        &["link_foreign_domain"],
    ),
    (&[("url", "http://shop.example/a")], &["http_not_https"]),
    (&[("url", "https://localhost/p/1")], &["link_not_public"]),
    (&[("url", "https://192.168.1.2/p")], &["link_not_public"]),
    (&[("url", "https://shop/p")], &["link_not_public"]),
    (
        &[("url", "https://shop.example/")],
        &["link_same_as_site_root"],
    ),
    (&[("url", "//shop.example/a")], &[]),
    (
        &[("url", "https://shop.example/p?id=1&amp;amp;v=2")],
        &["entity_in_text"],
    ),
    (
        &[("image", "https://cdn.example/i?id=1&#038;w=800")],
        &["entity_in_text"],
    ),
    (
        &[("image", "https://nas.local/a.jpg")],
        &["image_not_public"],
    ),
    (&[("image", "")], &["image_missing"]),
    (&[("image", "shirt.jpg")], &["image_invalid"]),
    (
        &[("image", "https://ann:pw@cdn.example/a.jpg")],
        &["image_credentials"],
    ),
    (
        &[("image", "https://cdn.example/")],
        &["image_same_as_site_root"],
    ),
    (
        &[("image", "shirt.jpg|https://cdn.example/a.jpg")],
        &["image_dropped"],
    ),
    (&[("image", TWICE)], &["duplicate_image"]),
    (
        &[("image", "http://cdn.example/a.jpg|http://cdn.example/b.jpg")],
        &["http_not_https"],
    ),
    // Prices.
    (&[("price", "")], &["price_missing"]),
    (&[("price", "$15")], &["price_unparsable"]),
    (&[("price", "15.00")], &["price_currency_missing"]),
    (&[("price", "15.00 XYZ")], &["price_currency_unknown"]),
    (&[("price", "15.0001 USD")], &["price_too_precise"]),
    (&[("price", "15.000 USD")], &["price_ambiguous"]),
    (&[("price", "15,000 USD")], &["price_ambiguous"]),
    (&[("sale_price", "1.200 USD")], &["amount_ambiguous"]),
    (&[("list_price", "20.000 USD")], &["amount_ambiguous"]),
    (&[("shipping", "US:::1.500 USD")], &["amount_ambiguous"]),
    (&[("weight", "1.250 kg")], &["amount_ambiguous"]),
    (&[("price", "-1.00 USD")], &["price_negative"]),
    (&[("price", "0.00 USD")], &["price_zero"]),
    (&[("price", "90071992547409.92 USD")], &["price_overflow"]),
    (&[("price", "15 USD")], &["decimals_padded"]),
    (&[("sale_price", "12.00 EUR")], &["price_currency_mismatch"]),
    (&[("sale_price", "15.00 USD")], &["sale_price_not_lower"]),
    (&[("sale_price", "soon")], &["sale_ignored"]),
    (&[("sale_price", "0.00 USD")], &["sale_ignored"]),
    (&[SALE, ("sale_window", "soon")], &["sale_ignored"]),
    (
        &[SALE, ("sale_window", "2027-01-02T00:00Z/2027-01-01T00:00Z")],
        &["sale_window_inverted"],
    ),
    (
        &[("sale_window", "2027-01-01/2027-01-02")],
        &["window_ignored"],
    ),
    (&[("list_price", "10.00 USD")], &["list_price_ignored"]),
    // Availability and time.
    (&[("availability", "")], &["availability_missing"]),
    (&[("availability", "soon")], &["availability_unknown"]),
    (&[("availability", "unknown")], &["availability_unknown"]),
    (
        &[("availability", "preorder")],
        &["availability_date_missing"],
    ),
    (
        &[("availability", "backorder")],
        &["backorder_date_missing"],
    ),
    (
        &[
            ("availability", "preorder"),
            ("available_from", "2030-01-01T00:00Z"),
        ],
        &["availability_date_implausible"],
    ),
    (
        &[("availability", "InStoreOnly")],
        &["availability_in_store_only"],
    ),
    (&[("quantity", "0")], &["stock_conflict"]),
    (&[("quantity", "some")], &["quantity_invalid"]),
    (&[("quantity", "1.000")], &["quantity_ambiguous"]),
    (&[("quantity", "12,000")], &["quantity_ambiguous"]),
    (&[("max_per_order", "x")], &["quantity_invalid"]),
    (&[("expires_at", "tomorrow")], &["date_invalid"]),
    (
        &[("availability", "preorder"), ("available_from", "soon")],
        &["date_invalid", "availability_date_missing"],
    ),
    (
        &[("expires_at", "2027-03-01T08:00")],
        &["date_without_timezone"],
    ),
    (
        &[SALE, ("sale_window", "2027-01-01T00:00Z/2027-01-02")],
        &["date_without_timezone"],
    ),
    (&[("expires_at", "2026-11-21T11:00Z")], &["expired"]),
    // Identity and kind.
    (&[("gtin", "N/A")], &["gtin_not_digits"]),
    (&[("gtin", "'4006381333931")], &["spreadsheet_guard"]),
    (&[("gtin", "=\"4006381333931\"")], &["spreadsheet_guard"]),
    (&[("gtin", "4006381333931.0")], &["spreadsheet_guard"]),
    (&[("gtin", "4006381333932.0")], &["gtin_not_digits"]),
    (&[("gtin", "'4006381333932")], &["gtin_bad_check_digit"]),
    (&[("gtin", "36000291452")], &["gtin_bad_length"]),
    (&[("gtin", "4006381333932")], &["gtin_bad_check_digit"]),
    (&[("gtin", "2000000000008")], &["gtin_restricted"]),
    (&[("gtin", "9810000000006")], &["gtin_coupon"]),
    (&[("gtin", "4.00638E+12")], &["gtin_scientific"]),
    (&[("brand", "")], &["brand_missing"]),
    (
        &[("mpn", "1"), ("identifier_exists", "no")],
        &["identifier_conflict"],
    ),
    (&[("category:google", "0")], &["gpc_unknown"]),
    (
        &[("category:google", "Apparel > > Shirts")],
        &["gpc_unknown"],
    ),
    (&[("condition", "mint")], &["unknown_enum"]),
    (&[("adult", "maybe")], &["unknown_enum"]),
    (&[("option:size", "")], &["option_count_mismatch"]),
    (&[("option:", "M")], &["option_count_mismatch"]),
    (
        &[("option:size", "M"), ("option:size", "L")],
        &["option_count_mismatch"],
    ),
    (&[("shipping", "Mars:::5.00 USD")], &["shipping_invalid"]),
    (&[("shipping", "US:::$5")], &["shipping_invalid"]),
    (&[("shipping", "UK:::5.00 USD")], &["country_uk"]),
    (
        &[("shipping", "US:::5.00 EUR")],
        &["price_currency_mismatch"],
    ),
    (
        &[("attribute:target_countries", "US, Mars")],
        &["country_invalid"],
    ),
    (&[("attribute:excluded_countries", "us|UK")], &[]),
    (&[("weight", "heavy")], &["weight_invalid"]),
    // Valid values that look odd.
    (&[("availability", "preorder"), DAY], &[]),
    (&[("brand", ""), ("gtin", "4006381333931")], &[]),
    (&[("brand", ""), ("identifier_exists", "FALSE")], &[]),
    (&[("category:google", "212"), ("category:", "Shirts")], &[]),
    (&[("expires_at", "9999-12-31T00:00Z")], &[]),
    (&[("expires_at", "24.12.2026 18:00 +01:00")], &[]),
    (&[("title", "Salt & Pepper, 5 < 6, <Deluxe>")], &[]),
    (&[("image", IMAGE), ("weight", "0.0 lb")], &[]),
];

/// The same for values that are too long or too many to write out.
fn long_fixtures() -> Vec<(&'static str, String, &'static str)> {
    let images: Vec<_> = (0..13)
        .map(|n| format!("https://cdn.example/{n}.jpg"))
        .collect();
    let shipping: Vec<_> = (0..101).map(|n| format!("US:{n}::5.00 USD")).collect();
    let categories: Vec<_> = (0..11).map(|n| format!("Shirts > {n}")).collect();
    vec![
        ("id", "a".repeat(51), "id_long"),
        ("id", "a".repeat(129), "id_too_long"),
        ("group", "a".repeat(129), "group_id_invalid"),
        ("title", "shirt ".repeat(30), "title_truncated"),
        (
            "description",
            "soft ".repeat(1_100),
            "description_truncated",
        ),
        ("brand", "b".repeat(71), "text_truncated"),
        ("attribute:note", "x".repeat(1_001), "text_truncated"),
        (
            "url",
            format!("https://shop.example/{}", "a".repeat(2_000)),
            "link_too_long",
        ),
        ("image", images.join("|"), "too_many_images"),
        ("shipping", shipping.join("|"), "too_many_values"),
        ("category:", categories.join("|"), "too_many_values"),
    ]
}

#[test]
fn every_fixture_says_what_it_is_for_and_nothing_else() {
    for (changes, expected) in FIXTURES {
        assert_eq!(codes(&checked_draft(changes)), *expected, "{changes:?}");
    }
    for (field, text, expected) in long_fixtures() {
        assert_eq!(
            codes(&checked_draft(&[(field, &text)])),
            [expected],
            "{field}"
        );
    }
}

#[test]
fn an_error_costs_the_item_and_a_warning_does_not() {
    for (changes, _) in FIXTURES {
        let checked = checked_draft(changes);
        let mut severities = checked.issues.iter().map(|issue| issue.code.severity());
        let fails = severities.any(|severity| severity == Severity::Error);
        assert_eq!(checked.item.is_none(), fails, "{changes:?}");
    }
}

#[test]
fn an_assumed_currency_is_said() {
    let currency = buywire_schemas::money::Currency::parse("EUR").unwrap();
    let rules = Rules {
        default_currency: Some(currency),
        ..super::rules()
    };
    let checked = check(draft(&[("price", "15.00")]), &rules, super::NOW);
    assert_eq!(codes(&checked), ["default_currency_used"]);
    assert_eq!(checked.item.unwrap().price.currency, currency);
}

#[test]
fn no_code_is_without_a_fixture() {
    let here = FIXTURES.iter().flat_map(|(_, codes)| codes.iter().copied());
    let here: BTreeSet<_> = here
        .chain(long_fixtures().iter().map(|(_, _, code)| *code))
        .collect();
    let elsewhere: Vec<_> = ELSEWHERE.iter().flat_map(|(_, codes)| *codes).collect();
    let mut faults = Vec::new();
    for code in Code::ALL {
        let modules = elsewhere.iter().filter(|other| **other == code).count();
        let fixtures = modules + usize::from(here.contains(code.as_str()));
        if fixtures != 1 {
            faults.push(format!("{code}: {fixtures} places have its fixture"));
        }
        if here.contains(code.as_str()) && code.scope() == Scope::Run {
            faults.push(format!("{code} is about a run and was raised for an item"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
