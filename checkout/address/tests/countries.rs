//! Real addresses of the countries that buyers come from.
//!
//! Promises: for each, the order of its form, what becomes of a carelessly typed address, and its lines.
//! Must not cover what the tests of all countries cover.

use super::super::{AddressFormat, AddressInput, Language, format_lines, table};
use super::{complete, parsed, refused};

/// The form as `field` or `field?`, without the name and the second line, which are the same everywhere.
fn form(country: &str) -> String {
    let fields = AddressFormat::of(country).unwrap().fields();
    let shown = fields
        .iter()
        .filter(|form| !matches!(form.field.name(), "name" | "line2"));
    let shown = shown.map(|form| {
        format!(
            "{}{}",
            form.field.name(),
            if form.is_required { "" } else { "?" }
        )
    });
    shown.collect::<Vec<_>>().join(" ")
}

fn labels(country: &str, language: Language) -> String {
    let fields = AddressFormat::of(country).unwrap().fields();
    let shown = fields
        .iter()
        .filter(|form| !matches!(form.field.name(), "name" | "line1" | "line2"));
    shown
        .map(|form| form.label(language))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The stored city, region and postcode, and the printed lines without the name.
fn read(country: &str, [line1, city, region, postal_code]: [&str; 4]) -> (String, String) {
    let input = AddressInput {
        name: "A",
        line1,
        city,
        region,
        postal_code,
        ..AddressInput::default()
    };
    let address = parsed(country, input);
    let stored = [
        &address.city,
        address.region.as_deref().unwrap_or("-"),
        &address.postal_code,
    ]
    .join("|");
    let mut lines = format_lines(&address);
    lines.retain(|line| line != "A");
    (stored, lines.join("|"))
}

#[test]
fn forms_have_the_country_s_order_and_names() {
    let forms = [
        ("FR", "line1 postal_code city"),
        ("DE", "line1 postal_code city"),
        ("NL", "line1 postal_code city"),
        ("SE", "line1 postal_code city"),
        ("CH", "line1 postal_code city"),
        ("GB", "line1 city postal_code"),
        ("IE", "line1 dependent_locality? city region? postal_code?"),
        ("US", "line1 city region postal_code"),
        ("CA", "line1 city region postal_code"),
        ("AU", "line1 city region postal_code"),
        ("JP", "postal_code region city line1"),
        ("CN", "postal_code region city dependent_locality? line1"),
        ("KR", "region city dependent_locality? line1 postal_code"),
        ("HK", "region city? line1"),
        ("AE", "line1 region"),
        ("BR", "line1 dependent_locality? city region postal_code"),
        ("IN", "line1 city postal_code region"),
        ("SG", "line1 postal_code"),
        ("XK", "line1 postal_code? city"),
        ("AO", "line1 city"),
        ("AS", "line1 city postal_code"),
    ];
    for (country, expected) in forms {
        assert_eq!(form(country), expected, "{country}");
    }
    assert_eq!(labels("US", Language::English), "City, State, ZIP code");
    assert_eq!(labels("GB", Language::English), "Town or city, Postcode");
    assert_eq!(
        labels("JP", Language::French),
        "Code postal, Préfecture, Ville"
    );
    assert_eq!(labels("DE", Language::German), "Postleitzahl, Ort");
    assert_eq!(labels("HK", Language::Spanish), "Zona, Distrito");
    assert_eq!(labels("AE", Language::Dutch), "Emiraat");
    assert_eq!(labels("IN", Language::English), "City, PIN code, State");
}

#[test]
fn a_carelessly_typed_address_is_put_right() {
    for [country, line1, city, region, code, stored, printed] in
        table::rows(include_str!("addresses.tsv"))
    {
        let result = read(country, [line1, city, region, code]);
        assert_eq!(result, (stored.to_owned(), printed.to_owned()), "{country}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let us = complete("US");
    let ontario = AddressInput {
        region: "Ontario",
        ..us
    };
    assert_eq!(refused("US", ontario), ["region region_unknown"]);
    let short = AddressInput {
        postal_code: "1234",
        ..us
    };
    assert_eq!(refused("US", short), ["postal_code postal_code_malformed"]);
    let nowhere = AddressInput {
        region: "",
        ..complete("AE")
    };
    assert_eq!(refused("AE", nowhere), ["region required"]);
}

#[test]
fn what_an_order_has_no_field_for_is_part_of_its_lines() {
    let brazil = AddressInput {
        line2: "Apto 12",
        dependent_locality: "Bela Vista",
        ..complete("BR")
    };
    assert_eq!(
        parsed("BR", brazil).line2.as_deref(),
        Some("Apto 12, Bela Vista")
    );
    let china = AddressInput {
        line1: "建国路1号",
        dependent_locality: "朝阳区",
        ..complete("CN")
    };
    let address = parsed("CN", china);
    assert_eq!(
        (address.line1.as_str(), address.line2),
        ("朝阳区 建国路1号", None)
    );
    let china = AddressInput {
        dependent_locality: "Chaoyang",
        ..complete("CN")
    };
    assert_eq!(parsed("CN", china).line2.as_deref(), Some("Chaoyang"));
    let guadeloupe = AddressInput {
        sorting_code: "CEDEX 3",
        ..complete("GP")
    };
    assert_eq!(parsed("GP", guadeloupe).city, "Exampleton CEDEX 3");
}

#[test]
fn an_address_s_region_is_found_again() {
    let code = |country, region| {
        let address = parsed(
            country,
            AddressInput {
                region,
                ..complete(country)
            },
        );
        AddressFormat::region_of(&address).map(|region| region.code)
    };
    assert_eq!(code("JP", "Tokyo"), Some("13"));
    assert_eq!(code("US", "California"), Some("CA"));
    assert_eq!(code("DE", "Bayern"), None);
}
