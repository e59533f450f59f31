//! Flat items: rows, XML items and JSON objects in which one name is one field.
//!
//! `aliases` says which name is which field, [`names`] compares names whatever their spelling,
//! `builder` puts values where they belong. A [`FlatFormat`] adds only what sets one channel's
//! feeds apart: its name, the columns that no other channel has, and those it requires. A format with names or words
//! of its own has a [`Vocabulary`]: tables, and rules for rows, links and stock, which `complete` and `rows` apply.

pub(super) mod aliases;
mod builder;
mod complete;
mod element;
mod extras;
mod grouped;
mod header;
mod lists;
mod mapper;
mod members;
pub mod names;
mod options;
mod rows;
pub(super) mod spelling;
mod vocabulary;

use buywire_schemas::catalog::issue::Issue;

pub use self::aliases::Field;
pub(super) use self::builder::{is_no, is_yes};
pub(super) use self::header::missing_column;
pub(super) use self::lists::links;
use self::mapper::FlatMapper;
pub(super) use self::vocabulary::COMMON;
pub use self::vocabulary::{Rows, Vocabulary, Words};
use super::format::{Confidence, Format, FormatRules, Mapper};
use super::sample::Sample;
use crate::read::DocumentKind;

/// A channel whose feeds are flat.
#[derive(Debug)]
pub struct FlatFormat {
    /// The stable name, in reports and as `?format=`.
    pub name: &'static str,
    /// The display name.
    pub title: &'static str,
    /// Plain names that no other channel has.
    pub unique_names: &'static [&'static str],
    /// The confidence for items without any unique name.
    pub default_confidence: Confidence,
    /// The columns that a table must have, by this channel's names.
    pub required: &'static [&'static str],
    /// Whether the feed has only stock and prices.
    pub stock_only: bool,
    /// Its own names and words.
    pub vocabulary: &'static Vocabulary,
}

impl FlatFormat {
    fn matches(&self, sample: &Sample<'_>) -> bool {
        if matches!(sample.kind, DocumentKind::JsonObject) || !sample.has_field(Field::Id) {
            return false;
        }
        let has = |fields: &[Field]| fields.iter().any(|field| sample.has_field(*field));
        let is_stock = has(&[Field::Price, Field::Availability, Field::Quantity])
            && !has(&[Field::Title, Field::Url, Field::Image]);
        if self.stock_only {
            // Any table of other things has an id and a price or a count: it must be asked for, or say little else.
            return is_stock && (sample.partial || sample.is_inventory());
        }
        if sample.partial || sample.has_field(Field::Delete) {
            return !is_stock;
        }
        // An id, a title and a price also make a list of shipping rates.
        let page = [Field::Url, Field::Image, Field::Description];
        let offer = [Field::Price, Field::Availability];
        let count = |fields: &[Field]| {
            fields
                .iter()
                .filter(|field| sample.has_field(**field))
                .count()
        };
        // A table's header shows what is missing. A list of JSON or XML items has no header to check.
        let is_offer = sample.is_table() || count(&offer) > 0;
        let is_page = count(&page) > 0 && count(&page) + count(&offer) > 1;
        sample.has_field(Field::Title) && is_page && is_offer
    }

    fn confidence_by_marks(&self, sample: &Sample<'_>) -> Confidence {
        let has = |name: &str| match name.strip_prefix("root=") {
            Some(root) => sample.has_root(root),
            None => sample.has(name),
        };
        let mut sets = self.vocabulary.marks.iter();
        match sets.any(|set| set.split(' ').all(has)) {
            true => Confidence::Certain,
            false => Confidence::No,
        }
    }

    fn confidence_in_language(&self, is_language: bool, sample: &Sample<'_>) -> Confidence {
        let has_own =
            |marks: &[&str]| marks.is_empty() || marks.iter().any(|name| sample.has(name));
        match is_language && has_own(self.unique_names) {
            true => Confidence::Certain,
            false => Confidence::No,
        }
    }
}

impl Format for FlatFormat {
    fn name(&self) -> &'static str {
        self.name
    }

    fn title(&self) -> &'static str {
        self.title
    }

    fn confidence(&self, sample: &Sample<'_>) -> Confidence {
        if !self.vocabulary.marks.is_empty() {
            return self.confidence_by_marks(sample);
        }
        if let Some(is_language_of) = self.vocabulary.is_language_of {
            return self.confidence_in_language(is_language_of(self.vocabulary, sample), sample);
        }
        if !self.matches(sample) {
            return Confidence::No;
        }
        if self.unique_names.iter().any(|mark| sample.has(mark)) {
            return Confidence::Certain;
        }
        self.default_confidence
    }

    fn is_stock_only(&self) -> bool {
        self.stock_only
    }

    fn has_brands(&self) -> bool {
        !self.stock_only
    }

    fn mapper(
        &self,
        kind: &DocumentKind,
        rules: &FormatRules,
        issues: &mut Vec<Issue>,
    ) -> Box<dyn Mapper + Send> {
        let columns: &[_] = match kind {
            DocumentKind::Table { header, .. } => header,
            _ => &[],
        };
        let mapper = FlatMapper::new(self.vocabulary, rules.clone(), columns);
        let required: &[&'static str] = match rules.partial && self.vocabulary.has_common_names {
            true => &["id"],
            false => self.required,
        };
        if matches!(kind, DocumentKind::Table { .. }) {
            header::check_header(&mapper.names, &mapper.columns, required, issues);
        }
        Box::new(mapper)
    }
}
