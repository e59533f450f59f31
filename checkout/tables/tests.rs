//! How tables are read and looked up.

use buywire_schemas::problem::BodyError;
use serde_json::{Value, json};
use time::macros::datetime;

use super::*;
use crate::quote::{LineTax, TaxRate};

fn shipping() -> Value {
    json!({"currency": "EUR", "zones": [
        {"countries": ["DE", "AT"], "options": [
            {"id": "std", "kind": "shipping", "title": "Standard", "price": 490, "free_from": 5000,
             "days_from": 2, "days_to": 4},
            {"id": "shop", "kind": "pickup", "title": "In the shop", "price": 0}]},
        {"countries": ["ES"], "regions": ["CN"], "options": [
            {"id": "sea", "kind": "shipping", "title": "By sea", "price": 1990}]},
        {"countries": ["ES"], "options": [
            {"id": "std", "kind": "shipping", "title": "Standard", "price": 690}]}]})
}

fn taxes() -> Value {
    let row = |country, region: Option<&str>, category: Option<&str>, rate| {
        json!({"country": country, "region": region, "category": category, "rate": rate,
               "taxes_shipping": true, "label": "VAT"})
    };
    let mut lowered = row("DE", None, None, "16");
    lowered["from"] = json!("2020-07-01T00:00:00Z");
    lowered["until"] = json!("2021-01-01T00:00:00Z");
    let mut usual = row("DE", None, None, "19");
    usual["from"] = json!("2021-01-01T00:00:00Z");
    let rates = [
        lowered,
        usual,
        row("DE", None, Some("books"), "7"),
        row("ES", None, None, "21"),
        row("ES", Some("CN"), None, "7"),
        row("US", Some("CA"), None, "7.25"),
    ];
    json!({"tax_included": true, "rates": rates})
}

fn problems<T: std::fmt::Debug>(parsed: Result<T, BodyError>) -> Vec<String> {
    match parsed.unwrap_err() {
        BodyError::Invalid(problems) => problems
            .iter()
            .map(|one| format!("{} {}", one.pointer, one.code))
            .collect(),
        BodyError::NotJson(text) => vec![text],
    }
}

#[test]
fn delivery_costs_what_its_zone_says() {
    let table = ShippingTable::parse(shipping().to_string().as_bytes()).unwrap();
    assert_eq!(table.currency().code(), "EUR");
    let prices = |country, region, subtotal| {
        let options = table.options(country, region, subtotal);
        options
            .iter()
            .map(|one| (one.id.clone(), one.price))
            .collect::<Vec<_>>()
    };
    let option = |id: &str, price| (id.to_owned(), price);
    assert_eq!(
        prices("DE", None, 4_999),
        [option("std", 490), option("shop", 0)]
    );
    assert_eq!(
        prices("AT", Some("9"), 5_000),
        [option("std", 0), option("shop", 0)]
    );
    assert_eq!(prices("ES", Some("CN"), 0), [option("sea", 1_990)]);
    assert_eq!(prices("ES", Some("MD"), 0), [option("std", 690)]);
    assert_eq!(prices("FR", None, 0), []);
    assert_eq!(table.options("DE", None, 0)[0].days, Some((2, 4)));
}

#[test]
fn the_rest_of_the_world_is_the_last_resort() {
    let mut table = shipping();
    let rest = json!({"countries": ["*"], "options": [
        {"id": "world", "kind": "shipping", "title": "Worldwide", "price": 2490}]});
    // First in the table, and still after every country.
    table["zones"].as_array_mut().unwrap().insert(0, rest);
    let parse = |table: &Value| ShippingTable::parse(table.to_string().as_bytes());
    let read = parse(&table).unwrap();
    let first = |country, region| read.options(country, region, 0)[0].id.clone();
    assert_eq!(first("NZ", None), "world");
    assert_eq!(first("NZ", Some("AUK")), "world");
    assert_eq!(first("DE", None), "std");
    assert_eq!(first("ES", Some("CN")), "sea");
    for (countries, regions, problem) in [
        (
            json!(["*", "FR"]),
            json!(null),
            "/zones/0/countries rest_of_world",
        ),
        (
            json!(["*", "*"]),
            json!(null),
            "/zones/0/countries rest_of_world",
        ),
        (
            json!(["*"]),
            json!(["CN"]),
            "/zones/0/regions regions_of_several",
        ),
        (
            json!(["**"]),
            json!(null),
            "/zones/0/countries/0 country_unknown",
        ),
    ] {
        let mut wrong = table.clone();
        wrong["zones"][0]["countries"] = countries;
        wrong["zones"][0]["regions"] = regions;
        let found = problems(parse(&wrong));
        assert!(found.contains(&problem.to_owned()), "{problem}: {found:?}");
    }
    let mut twice = table.clone();
    twice["zones"][1]["countries"] = json!(["*"]);
    assert_eq!(
        problems(parse(&twice)),
        ["/zones/1/countries zones_overlap"]
    );
}

#[test]
fn the_closest_row_decides_and_no_row_is_unknown() {
    let table = TaxTable::parse(taxes().to_string().as_bytes()).unwrap();
    let now = datetime!(2026-11-30 10:00 UTC);
    let rate = |country, region, category, now| match table.line_tax(country, region, category, now)
    {
        LineTax::Rate { rate, .. } => Some(rate.to_string()),
        LineTax::Unknown | LineTax::Amount(_) => None,
    };
    let percent = |text: &str| Some(TaxRate::parse(text).unwrap().to_string());
    assert_eq!(rate("DE", None, None, now), percent("19"));
    assert_eq!(rate("DE", None, Some("books"), now), percent("7"));
    assert_eq!(
        rate("DE", None, None, datetime!(2020-12-31 23:59:59 UTC)),
        percent("16")
    );
    assert_eq!(
        rate("DE", None, None, datetime!(2021-01-01 0:00 UTC)),
        percent("19")
    );
    assert_eq!(rate("DE", None, None, datetime!(2020-06-30 0:00 UTC)), None);
    assert_eq!(rate("ES", Some("CN"), Some("books"), now), percent("7"));
    assert_eq!(rate("US", Some("CA"), None, now), percent("7.25"));
    assert_eq!(rate("US", Some("OR"), None, now), None);
    assert_eq!(rate("US", None, None, now), None);
    assert_eq!(rate("FR", None, None, now), None);
}

#[test]
fn a_wrong_shipping_table_names_every_problem() {
    for (pointer, value, problem) in [
        ("/currency", json!("eur"), "/currency currency_unknown"),
        (
            "/zones/0/countries/1",
            json!("UK"),
            "/zones/0/countries/1 country_unknown",
        ),
        (
            "/zones/0/countries",
            json!([]),
            "/zones/0/countries wrong_count",
        ),
        (
            "/zones/0/countries",
            json!(["DE", "ES"]),
            "/zones/2/countries zones_overlap",
        ),
        (
            "/zones/1/countries",
            json!(["ES", "PT"]),
            "/zones/1/regions regions_of_several",
        ),
        (
            "/zones/0/options/0/price",
            json!(-1),
            "/zones/0/options/0/price out_of_range",
        ),
        (
            "/zones/0/options/0/price",
            json!(4.9),
            "/zones/0/options/0/price not_integer",
        ),
        (
            "/zones/0/options/0/kind",
            json!("drone"),
            "/zones/0/options/0/kind unknown_value",
        ),
        (
            "/zones/0/options/0/days_to",
            json!(1),
            "/zones/0/options/0/days_to days_malformed",
        ),
        (
            "/zones/0/options/1/id",
            json!("std"),
            "/zones/0/options/1/id duplicate_id",
        ),
    ] {
        let mut wrong = shipping();
        *wrong.pointer_mut(pointer).unwrap() = value;
        let found = problems(ShippingTable::parse(wrong.to_string().as_bytes()));
        assert!(found.contains(&problem.to_owned()), "{problem}: {found:?}");
    }
    let mut wrong = shipping();
    wrong["zones"][0]["options"][0]["weight"] = json!(1);
    let found = problems(ShippingTable::parse(wrong.to_string().as_bytes()));
    assert_eq!(found, ["/zones/0/options/0/weight unknown_field"]);
}

#[test]
fn a_wrong_tax_table_names_every_problem() {
    for (pointer, value, problem) in [
        ("/rates/1/rate", json!(19), "/rates/1/rate wrong_type"),
        (
            "/rates/1/rate",
            json!("190"),
            "/rates/1/rate rate_malformed",
        ),
        (
            "/rates/1/from",
            json!("2020-12-31T00:00:00Z"),
            "/rates/1 rates_overlap",
        ),
        (
            "/rates/0/until",
            json!("2020-07-01T00:00:00Z"),
            "/rates/0/until period_empty",
        ),
        ("/rates/2/category", json!(null), "/rates/0 rates_overlap"),
        (
            "/rates/3/taxes_shipping",
            json!(null),
            "/rates/3/taxes_shipping missing",
        ),
    ] {
        let mut wrong = taxes();
        *wrong.pointer_mut(pointer).unwrap() = value;
        let found = problems(TaxTable::parse(wrong.to_string().as_bytes()));
        assert!(found.contains(&problem.to_owned()), "{problem}: {found:?}");
    }
}
