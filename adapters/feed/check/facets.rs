//! Lists of an item: categories, options, and what has no field of its own.

use std::collections::BTreeMap;

use buywire_schemas::catalog::issue::Code;
use buywire_schemas::catalog::{Category, Choice};

use super::notes::Notes;
use super::text::{Form, clean, clean_text};
use crate::feed::draft::Said;

const CATEGORIES_MAX: usize = 10;
const OPTIONS_MAX: usize = 10;
pub(super) const ATTRIBUTES_MAX: usize = 50;
/// Names of options and attributes, and options' values.
const NAME: Form = Form::line(100);
const CATEGORY: Form = Form::line(750);
const ATTRIBUTE: Form = Form::line(1_000);
/// The taxonomy of those that are in nobody else's.
const OWN_TAXONOMY: &str = "merchant";

/// The categories, in the feed's order, each once.
pub(super) fn categories(told: Vec<(&'static str, Said)>, notes: &mut Notes) -> Vec<Category> {
    let mut categories: Vec<Category> = Vec::with_capacity(told.len().min(CATEGORIES_MAX));
    for (taxonomy, said) in told {
        if categories.len() == CATEGORIES_MAX {
            notes.raise(Code::TooManyValues, &said);
            break;
        }
        let name = said.name.clone();
        let Some(value) = clean(said, CATEGORY, notes) else {
            continue;
        };
        let foreign = taxonomy == "google" && !is_google(&value);
        if foreign {
            notes.raise_value(Code::GpcUnknown, &name, &value);
        }
        let taxonomy = if foreign { OWN_TAXONOMY } else { taxonomy };
        let category = Category {
            taxonomy: taxonomy.to_owned(),
            value,
        };
        if !categories.contains(&category) {
            categories.push(category);
        }
    }
    categories
}

/// Whether this has the form of a number or a path of Google's taxonomy. The list itself changes.
fn is_google(text: &str) -> bool {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return (1..=7).contains(&text.len()) && !text.starts_with('0');
    }
    let named = |part: &str| part.chars().any(char::is_alphabetic);
    text.split('>').all(named)
}

/// What tells variants apart, in the feed's order.
pub(super) fn options(told: Vec<(String, Said)>, notes: &mut Notes) -> Vec<Choice> {
    let mut options: Vec<Choice> = Vec::with_capacity(told.len().min(OPTIONS_MAX));
    for (name, said) in told {
        if options.len() == OPTIONS_MAX {
            notes.raise(Code::TooManyValues, &said);
            break;
        }
        let name = clean_text(&said.name, name, NAME, false, notes);
        let repeated = options.iter().any(|option| option.name == name);
        if name.is_empty() || repeated || said.text.trim().is_empty() {
            notes.raise(Code::OptionCountMismatch, &said);
            continue;
        }
        if let Some(value) = clean(said, NAME, notes) {
            options.push(Choice { name, value });
        }
    }
    options
}

/// Everything else, by the feed's own names, and before it the words that no field could take. Of
/// a name that comes twice the first counts.
pub(super) fn attributes(
    told: Vec<(String, String)>,
    notes: &mut Notes,
) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::new();
    for (name, value) in notes.take_kept().into_iter().chain(told) {
        let name = clean_text("attributes", name, NAME, false, notes);
        if attributes.len() == ATTRIBUTES_MAX {
            notes.raise_value(Code::TooManyValues, &name, &value);
            break;
        }
        let value = clean_text(&name, value, ATTRIBUTE, false, notes);
        if !name.is_empty() && !value.is_empty() {
            attributes.entry(name).or_insert(value);
        }
    }
    attributes
}
