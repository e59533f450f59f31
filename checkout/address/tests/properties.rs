//! What holds for every country and every text.
//!
//! Promises: no text stops the parser, and what it accepts is accepted by the order contract too.
//! Must not assert single spellings.

use buywire_schemas::order::{Address, Order};
use proptest::prelude::*;

use super::super::{AddressInput, Language, format::FORMATS, format_lines, parse};
use super::{complete, parsed};

const ORDER: &str = include_str!("../../../schemas/examples/valid/order/physical-goods.json");

/// The address after an order took it, which normalises what it must.
fn through_an_order(address: &Address) -> Address {
    let mut order: serde_json::Value = serde_json::from_str(ORDER).unwrap();
    order["ship_to"] = serde_json::to_value(address).unwrap();
    let order = Order::parse(order.to_string().as_bytes()).unwrap();
    let canonical: serde_json::Value = serde_json::from_str(order.canonical()).unwrap();
    serde_json::from_value(canonical["ship_to"].clone()).unwrap()
}

#[test]
fn a_complete_address_of_every_country_is_accepted_and_printed() {
    for country in FORMATS.keys() {
        let address = parsed(country, complete(country));
        assert_eq!(through_an_order(&address), address);
        let lines = format_lines(&address).join("\n").to_uppercase();
        for part in [
            &address.name,
            &address.line1,
            &address.city,
            &address.postal_code,
        ] {
            assert!(
                lines.contains(&part.to_uppercase()),
                "{country}: {part} in {lines}"
            );
        }
    }
}

#[test]
fn a_parsed_address_is_read_again_as_itself() {
    for country in FORMATS.keys() {
        let address = parsed(country, complete(country));
        let again = AddressInput {
            name: &address.name,
            line1: &address.line1,
            line2: address.line2.as_deref().unwrap_or_default(),
            city: &address.city,
            region: address.region.as_deref().unwrap_or_default(),
            postal_code: &address.postal_code,
            ..AddressInput::default()
        };
        assert_eq!(parsed(country, again), address);
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ \\-A-Za-z0-9０-９٠-٩東京都〒]{0,12}",
        "\\PC{190,210}",
        Just(String::new()),
        Just("CA".to_owned()),
        Just("4242 4242 4242 4242".to_owned()),
    ]
}

fn country() -> impl Strategy<Value = String> {
    let countries: Vec<String> = FORMATS.keys().map(ToString::to_string).collect();
    prop_oneof![9 => prop::sample::select(countries), 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_accepted_within_the_contract_or_refused_with_a_sentence(
        country in country(),
        texts in prop::collection::vec(text(), 8),
    ) {
        let input = AddressInput {
            name: &texts[0],
            line1: &texts[1],
            line2: &texts[2],
            dependent_locality: &texts[3],
            city: &texts[4],
            region: &texts[5],
            postal_code: &texts[6],
            sorting_code: &texts[7],
        };
        match parse(&country, &input) {
            Ok(address) => {
                prop_assert_eq!(&through_an_order(&address), &address);
                prop_assert!(!format_lines(&address).is_empty());
            }
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                for error in errors {
                    let sentence = error.sentence(Language::German);
                    let is_filled_in = !sentence.contains(['{', '}']);
                    prop_assert!(is_filled_in, "unfinished: {}", sentence);
                }
            }
        }
    }

    /// A code may be typed with blanks and hyphens anywhere.
    #[test]
    fn a_postcode_survives_any_spacing(country in country(), gaps in prop::collection::vec(0_u8..6, 20)) {
        let rule = FORMATS.get(country.as_str()).and_then(|format| format.postcode.as_ref());
        for example in rule.iter().flat_map(|rule| rule.examples.split(',')) {
            let spaced: String = example
                .chars()
                .zip(&gaps)
                .flat_map(|(letter, gap)| [Some(letter), (*gap == 0).then_some(' ')])
                .flatten()
                .collect();
            let normalized = rule.and_then(|rule| rule.normalize(&spaced));
            prop_assert_eq!(normalized.as_deref(), Some(example));
        }
    }
}
