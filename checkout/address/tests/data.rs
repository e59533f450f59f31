//! The tables agree with the order contract and with one another.
//!
//! Promises: a row that the readers would skip or misread fails here. Must not test single countries.

use std::collections::BTreeSet;

use buywire_schemas::text::parse_country;

use super::super::{
    AddressField, AddressFormat, Language, cleaning::fold, country_name, country_names,
    format::FORMATS, labels, table,
};

/// Every pair of letters that an order accepts as a country.
fn countries() -> BTreeSet<String> {
    let pairs = ('A'..='Z').flat_map(|one| ('A'..='Z').map(move |other| format!("{one}{other}")));
    pairs.filter(|code| parse_country(code).is_ok()).collect()
}

#[test]
fn every_country_of_an_order_has_one_format() {
    let formats: BTreeSet<String> = FORMATS.keys().map(ToString::to_string).collect();
    assert_eq!(formats, countries());
    assert_eq!(formats.len(), 250);
    let rows = table::rows::<1>(include_str!("../data/formats.tsv")).count();
    assert_eq!(rows, formats.len());
    // Exceptional reservations that belong to SH, and a code that is not ISO's.
    for code in ["AC", "TA", "UK", "ZZ", "fr", ""] {
        assert!(AddressFormat::of(code).is_none(), "{code}");
    }
}

#[test]
fn every_form_asks_once_for_what_an_order_needs() {
    for (country, format) in FORMATS.iter() {
        let fields: Vec<_> = format.fields().iter().map(|form| form.field).collect();
        let unique: BTreeSet<_> = fields.iter().map(|field| field.name()).collect();
        assert_eq!(unique.len(), fields.len(), "{country}");
        assert_eq!(fields.first(), Some(&AddressField::Name), "{country}");
        assert!(format.is_required(AddressField::Line1), "{country}");
        assert!(!format.is_required(AddressField::Line2), "{country}");
        let has_code = fields.contains(&AddressField::PostalCode);
        assert_eq!(has_code, format.postcode.is_some(), "{country}");
        let has_region = fields.contains(&AddressField::Region);
        assert!(has_region || format.regions().is_empty(), "{country}");
        let needs_city = fields.contains(&AddressField::City) && *country != "HK";
        assert_eq!(
            needs_city,
            format.is_required(AddressField::City),
            "{country}"
        );
    }
}

#[test]
fn a_latin_layout_has_the_fields_of_the_other() {
    for (country, format) in FORMATS.iter() {
        let names = |layout: &super::super::layout::Layout| -> BTreeSet<_> {
            layout.fields().iter().map(|field| field.name()).collect()
        };
        if let Some(latin) = &format.latin_layout {
            assert_eq!(names(latin), names(&format.layout), "{country}");
        }
    }
}

#[test]
fn every_example_is_a_postcode_of_its_country() {
    for (country, format) in FORMATS.iter() {
        let Some(rule) = &format.postcode else {
            continue;
        };
        assert!(
            rule.regex().is_some(),
            "{country}: the pattern cannot be compiled"
        );
        assert!(!rule.fits("?") && !rule.fits(""), "{country}");
        for example in rule.examples.split(',') {
            assert_eq!(
                rule.normalize(example).as_deref(),
                Some(example),
                "{country}"
            );
            let compact = example.replace([' ', '-'], "");
            assert_eq!(
                rule.normalize(&compact).as_deref(),
                Some(example),
                "{country}"
            );
            let lower = example.to_lowercase();
            assert_eq!(
                rule.normalize(&lower).as_deref(),
                Some(example),
                "{country}"
            );
        }
    }
}

#[test]
fn every_region_is_found_by_its_code_and_names() {
    let rows = table::rows::<5>(include_str!("../data/regions.tsv")).count();
    let regions: usize = FORMATS.values().map(|format| format.regions().len()).sum();
    assert_eq!(rows, regions);
    let mut missed = Vec::new();
    for (country, format) in FORMATS.iter() {
        for region in format.regions() {
            assert!(!region.name.is_empty());
            let iso = format!("{country}-{}", region.code);
            let texts = [region.code, region.name, region.written, &iso];
            let texts = texts
                .into_iter()
                .filter(|text| !region.code.is_empty() || *text != iso);
            for text in texts.filter(|text| !fold(text).is_empty()) {
                if format.find_region(text) != Some(region) {
                    missed.push(format!("{country} {text}"));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn every_label_is_there_in_every_language() {
    let forms = FORMATS.values().flat_map(AddressFormat::fields);
    let forms = forms.map(|form| (form.field, form.kind));
    let country = (AddressField::Country, "");
    for (field, kind) in forms.chain([country]) {
        for language in Language::ALL {
            let label = labels::label(field.name(), kind, language);
            assert!(
                !label.is_empty() && label != field.name(),
                "{field:?} {kind} {language:?}"
            );
        }
    }
}

#[test]
fn every_list_of_countries_is_complete() {
    for language in Language::ALL {
        let codes: BTreeSet<_> = country_names(language)
            .iter()
            .map(|(code, _)| (*code).to_owned())
            .collect();
        assert_eq!(codes, countries());
        assert_eq!(country_names(language).len(), codes.len());
        assert!(
            country_names(language)
                .iter()
                .all(|(_, name)| !name.is_empty())
        );
        assert_eq!(Language::from_tag(language.tag()), Some(language));
    }
    assert_eq!(country_name("DE", Language::Dutch), Some("Duitsland"));
    assert_eq!(country_name("CI", Language::German), Some("Côte d’Ivoire"));
    assert_eq!(country_name("ZZ", Language::German), None);
    assert_eq!(Language::from_tag("de-AT"), Some(Language::German));
    assert_eq!(Language::from_tag("ja"), None);
}

/// Umlauts sort as their vowels, and not behind Z as their bytes would.
#[test]
fn names_are_in_their_language_s_order() {
    let position = |language, code| {
        country_names(language)
            .iter()
            .position(|(one, _)| *one == code)
    };
    assert!(position(Language::German, "AT") < position(Language::German, "PL"));
    assert!(position(Language::French, "EG") < position(Language::French, "ES"));
    assert!(position(Language::Spanish, "TN") < position(Language::Spanish, "TR"));
}

#[test]
fn browsers_can_fill_the_fields_in() {
    let tokens =
        AddressField::ALL.map(|field| (field.name(), field.autocomplete(), field.chars_max()));
    let expected = [
        ("name", "shipping name", 200),
        ("line1", "shipping address-line1", 200),
        ("line2", "shipping address-line2", 200),
        ("dependent_locality", "shipping address-level3", 200),
        ("city", "shipping address-level2", 200),
        ("region", "shipping address-level1", 200),
        ("postal_code", "shipping postal-code", 20),
        ("sorting_code", "off", 200),
        ("country", "shipping country", 2),
    ];
    assert_eq!(tokens, expected);
}
