//! Flat items: rows, XML items and JSON objects in which one name is one field.
//!
//! `aliases` says which name is which field, [`names`] compares names whatever their spelling,
//! `builder` puts values where they belong. A [`FlatFormat`] adds only what sets one channel's
//! feeds apart: its name, the columns that no other channel has, and those it requires.

pub(super) mod aliases;
mod builder;
mod element;
mod grouped;
mod header;
mod lists;
mod members;
pub mod names;

use buywire_schemas::catalog::issue::Issue;

pub use self::aliases::Field;
use self::builder::DraftBuilder;
pub(super) use self::builder::{is_no, is_yes};
pub(super) use self::header::missing_column;
pub(super) use self::lists::links;
use self::names::Names;
use super::format::{Confidence, Format, FormatRules, Mapper, Row};
use super::map_output::MapOutput;
use super::sample::Sample;
use crate::read::{DocumentKind, Parsed};

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
}

impl Format for FlatFormat {
    fn name(&self) -> &'static str {
        self.name
    }

    fn title(&self) -> &'static str {
        self.title
    }

    fn confidence(&self, sample: &Sample<'_>) -> Confidence {
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
        let mut mapper = FlatMapper::default();
        if let DocumentKind::Table { header, .. } = kind {
            let required: &[&'static str] = if rules.partial {
                &["id"]
            } else {
                self.required
            };
            let columns = header.iter().map(|name| mapper.names.index(name));
            mapper.columns = columns.collect();
            header::check_header(&mapper.names, &mapper.columns, required, issues);
        }
        Box::new(mapper)
    }
}

/// Names resolved once for all records of a document.
#[derive(Debug, Default)]
struct FlatMapper {
    names: Names,
    /// Of a table: what each column is.
    columns: Vec<usize>,
}

impl Mapper for FlatMapper {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut MapOutput) {
        for Row { row, parsed } in rows {
            let mut builder = DraftBuilder::new(*row);
            match parsed {
                Parsed::Cells { cells, .. } => {
                    for (column, cell) in self.columns.iter().zip(cells) {
                        if let Some(name) = self.names.get(*column) {
                            builder.put(name, cell);
                        }
                    }
                }
                Parsed::Element(item) => element::fill(&mut builder, item, &mut self.names, out),
                Parsed::Json(value) => members::fill(&mut builder, value, &mut self.names, out),
            }
            if let Some(draft) = builder.build() {
                out.push(draft);
            }
        }
    }
}
