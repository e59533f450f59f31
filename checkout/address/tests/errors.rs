//! What a buyer reads about an address that cannot be used.
//!
//! Promises: each error has a sentence in every language. Must not test which addresses are refused in which country.

use super::super::{AddressErrorCode, AddressField, AddressInput, Language, labels, parse};
use super::{complete, refused};

fn sentences(country: &str, input: AddressInput<'_>, language: Language) -> Vec<String> {
    let errors = parse(country, &input).expect_err("must be refused");
    errors
        .iter()
        .map(|error| error.sentence(language))
        .collect()
}

#[test]
fn an_empty_form_is_answered_in_its_own_order() {
    assert_eq!(
        sentences("FR", AddressInput::default(), Language::French),
        [
            "À remplir : Nom et prénom.",
            "À remplir : Numéro et rue.",
            "À remplir : Code postal, par exemple 33380.",
            "À remplir : Ville.",
        ]
    );
    assert_eq!(
        refused("JP", AddressInput::default()),
        [
            "name required",
            "postal_code required",
            "region required",
            "city required",
            "line1 required",
        ]
    );
}

#[test]
fn a_sentence_shows_how_it_is_written() {
    let postcode = |country| AddressInput {
        postal_code: "?",
        ..complete(country)
    };
    assert_eq!(
        sentences("US", postcode("US"), Language::English),
        ["ZIP code: check this and write it like 95014, 22162-1010."]
    );
    assert_eq!(
        sentences("IE", postcode("IE"), Language::English),
        ["Eircode: write it like A65 F4E2, or leave it empty."]
    );
    let region = AddressInput {
        region: "Exampleshire",
        ..complete("AU")
    };
    assert_eq!(
        sentences("AU", region, Language::German),
        [
            "Bundesstaat: bitte aus der Liste wählen, zum Beispiel Australian Capital Territory, Jervis Bay Territory, New South Wales."
        ]
    );
    assert_eq!(
        sentences("ZZ", AddressInput::default(), Language::Dutch),
        ["Land of regio: kies uit de lijst."]
    );
}

#[test]
fn a_text_that_is_too_long_says_the_limit() {
    let long = "a".repeat(201);
    let input = AddressInput {
        line1: &long,
        ..complete("DE")
    };
    assert_eq!(
        sentences("DE", input, Language::German),
        ["Straße und Hausnummer: bitte auf höchstens 200 Zeichen kürzen."]
    );
    // Two fields that an order has as one have its room together.
    let half = "a".repeat(150);
    let input = AddressInput {
        line2: &half,
        dependent_locality: &half,
        ..complete("BR")
    };
    assert_eq!(
        sentences("BR", input, Language::English),
        ["Neighbourhood: shorten this to 48 characters or fewer."]
    );
}

#[test]
fn a_card_number_is_never_part_of_an_address() {
    let input = AddressInput {
        line2: "4242 4242 4242 4242",
        ..complete("DE")
    };
    assert_eq!(refused("DE", input), ["line2 card_number"]);
}

#[test]
fn every_sentence_is_there_in_every_language() {
    let codes = [
        AddressErrorCode::Required,
        AddressErrorCode::TooLong,
        AddressErrorCode::PostalCodeMalformed,
        AddressErrorCode::RegionUnknown,
        AddressErrorCode::CountryUnknown,
        AddressErrorCode::CardNumber,
    ];
    let more = ["required_like", "postal_code_malformed_optional"];
    for key in codes.map(AddressErrorCode::as_str).into_iter().chain(more) {
        for language in Language::ALL {
            let sentence = labels::sentence(key, language);
            assert!(sentence.contains("{label}"), "{key} {language:?}");
            let has_hint = !matches!(key, "required" | "country_unknown" | "card_number");
            assert_eq!(sentence.contains("{hint}"), has_hint, "{key} {language:?}");
        }
    }
    assert_eq!(AddressField::PostalCode.name(), "postal_code");
}
