//! Every format with a vocabulary: its fixtures have every field of its table, in the format's own names.

use std::collections::{BTreeMap, BTreeSet};

use super::super::flat::{Field, FlatFormat, names};
use super::super::{channels, localised, shops};
use crate::read::{self, Element, Hints, Parsed};

fn formats() -> Vec<&'static FlatFormat> {
    let mut formats = vec![
        &shops::prestashop::PRESTASHOP,
        &shops::magento::MAGENTO,
        &shops::bigcommerce::BIGCOMMERCE,
        &shops::wix::WIX,
        &shops::squarespace::SQUARESPACE,
        &shops::etsy::ETSY,
        &shops::spree::SPREE,
        &shops::vendure::VENDURE,
        &channels::heureka::HEUREKA,
        &channels::yandex::YANDEX,
        &channels::idealo::IDEALO,
        &channels::kelkoo::KELKOO,
        &channels::ceneo::CENEO,
        &channels::trovaprezzi::TROVAPREZZI,
        &channels::billiger::BILLIGER,
    ];
    let languages = [
        &localised::CS,
        &localised::DE,
        &localised::ES,
        &localised::FR,
        &localised::IT,
        &localised::NL,
        &localised::PL,
    ];
    formats.extend(languages.map(|language| &language.google));
    formats
}

/// The names of a document's columns, elements, attributes and parameters, folded, that have a value.
fn names_with_values(bytes: Vec<u8>, found: &mut BTreeSet<String>) {
    let mut document = read::open(std::io::Cursor::new(bytes), &Hints::default()).unwrap();
    let kind = document.kind().clone();
    while let Some(record) = document.next().unwrap() {
        match kind.parse(record.raw).unwrap() {
            Parsed::Cells { header, cells, .. } => {
                let pairs = header.iter().zip(cells);
                let full = pairs.filter(|(_, cell)| !cell.trim().is_empty());
                found.extend(full.map(|(name, _)| names::fold(&names::plain(name))));
            }
            Parsed::Element(element) => names_of_element(&element, found),
            Parsed::Json(_) => {}
        }
    }
}

fn names_of_element(element: &Element, found: &mut BTreeSet<String>) {
    for (name, value) in &element.attributes {
        found.insert(names::fold(&format!("@{name}")));
        if name == "name" {
            found.insert(names::fold(&format!("param.{value}")));
        }
    }
    for child in &element.children {
        found.insert(names::fold(&names::plain(&child.name)));
        names_of_element(child, found);
    }
}

/// Whether a name fits one in a table, in which `#` stands for a number.
fn fits(name: &str, pattern: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('#') else {
        return name == pattern;
    };
    let number = name
        .strip_prefix(head)
        .and_then(|rest| rest.strip_suffix(tail));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

#[test]
fn every_field_of_a_table_is_in_a_fixture() {
    let mut missing = BTreeMap::new();
    for format in formats() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/");
        let mut found = BTreeSet::new();
        for file in std::fs::read_dir(format!("{folder}{}", format.name)).unwrap() {
            let path = file.unwrap().path();
            if !path.to_str().unwrap().ends_with(".drafts.json") {
                names_with_values(std::fs::read(path).unwrap(), &mut found);
            }
        }
        for (field, line) in format.vocabulary.names {
            let patterns: Vec<_> = line.split(' ').map(names::fold).collect();
            let is_there = |name: &String| patterns.iter().any(|pattern| fits(name, pattern));
            if *field != Field::Ignored && !found.iter().any(is_there) {
                missing.insert(format!("{} {field:?}", format.name), *line);
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn a_table_has_each_name_and_each_word_once() {
    for format in formats() {
        let mut spelled = BTreeSet::new();
        for (_, line) in format.vocabulary.names {
            for name in line.split(' ') {
                assert!(spelled.insert(names::fold(name)), "{}: {name}", format.name);
            }
        }
        for (field, words) in format.vocabulary.words {
            let mut spelled = BTreeSet::new();
            for (word, _) in *words {
                assert!(
                    spelled.insert(names::fold(word)),
                    "{} {field:?}: {word}",
                    format.name
                );
            }
        }
    }
}

#[test]
fn required_columns_are_in_the_table() {
    for format in formats() {
        for required in format.required {
            let is_own = |(_, line): &(Field, &str)| line.split(' ').any(|name| name == *required);
            let is_common = names::field(required).is_some();
            let is_known = format.vocabulary.names.iter().any(is_own);
            assert!(is_known || is_common, "{}: {required}", format.name);
        }
    }
}
