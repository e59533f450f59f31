//! Lists of an item: categories, options, and attributes without a field.

use std::collections::BTreeMap;

use buywire_schemas::catalog::countries_of_sale::invalid_country;
use buywire_schemas::catalog::issue::Code;
use buywire_schemas::catalog::{Category, Choice};

use super::findings::FindingsBuilder;
use super::text::{TextRules, clean, clean_text};
use crate::draft::RawField;

const CATEGORIES_MAX: usize = 10;
const OPTIONS_MAX: usize = 10;
pub(super) const ATTRIBUTES_MAX: usize = 50;
/// Characters of option and attribute names, and of option values.
const NAME: TextRules = TextRules::line(100);
const CATEGORY: TextRules = TextRules::line(750);
const ATTRIBUTE: TextRules = TextRules::line(1_000);
/// The taxonomy of categories that belong to no known one.
const OWN_TAXONOMY: &str = "merchant";

/// The categories, without duplicates, in the feed's order.
pub(super) fn categories(
    fields: Vec<(&'static str, RawField)>,
    findings: &mut FindingsBuilder,
) -> Vec<Category> {
    let mut categories: Vec<Category> = Vec::with_capacity(fields.len().min(CATEGORIES_MAX));
    for (taxonomy, raw) in fields {
        if categories.len() == CATEGORIES_MAX {
            findings.raise(Code::TooManyValues, &raw);
            break;
        }
        let name = raw.name.clone();
        let Some(value) = clean(raw, CATEGORY, findings) else {
            continue;
        };
        let is_unlisted = taxonomy == "google" && !is_google_category(&value);
        if is_unlisted {
            findings.raise_value(Code::GpcUnknown, &name, &value);
        }
        let taxonomy = if is_unlisted { OWN_TAXONOMY } else { taxonomy };
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

/// Whether this looks like an id or a path of Google's taxonomy. The list itself changes.
fn is_google_category(text: &str) -> bool {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return (1..=7).contains(&text.len()) && !text.starts_with('0');
    }
    let named = |part: &str| part.chars().any(char::is_alphabetic);
    text.split('>').all(named)
}

/// The options that distinguish variants, in the feed's order.
pub(super) fn options(
    fields: Vec<(String, RawField)>,
    findings: &mut FindingsBuilder,
) -> Vec<Choice> {
    let mut options: Vec<Choice> = Vec::with_capacity(fields.len().min(OPTIONS_MAX));
    for (name, raw) in fields {
        if options.len() == OPTIONS_MAX {
            findings.raise(Code::TooManyValues, &raw);
            break;
        }
        let name = clean_text(&raw.name, name, NAME, false, findings);
        let repeated = options.iter().any(|option| option.name == name);
        if name.is_empty() || repeated || raw.text.trim().is_empty() {
            findings.raise(Code::OptionCountMismatch, &raw);
            continue;
        }
        if let Some(value) = clean(raw, NAME, findings) {
            options.push(Choice { name, value });
        }
    }
    options
}

/// All other values under the feed's names, preceded by values that no field accepted. Of
/// a duplicate name, the first value counts.
pub(super) fn attributes(
    pairs: Vec<(String, String)>,
    findings: &mut FindingsBuilder,
) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::new();
    for (name, value) in findings.take_unknown_values().into_iter().chain(pairs) {
        let name = clean_text("attributes", name, NAME, false, findings);
        if attributes.len() == ATTRIBUTES_MAX {
            findings.raise_value(Code::TooManyValues, &name, &value);
            break;
        }
        let value = clean_text(&name, value, ATTRIBUTE, false, findings);
        if let Some(part) = invalid_country(&name, &value) {
            findings.raise_value(Code::CountryInvalid, &name, part);
        }
        if !name.is_empty() && !value.is_empty() {
            attributes.entry(name).or_insert(value);
        }
    }
    attributes
}
