//! The sample of a document by which formats recognise it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::flat::aliases::Field;
use super::flat::spelling as names;
use super::map_output::excerpt;
use crate::read::{DocumentKind, Parsed};

/// The fields of an inventory besides the item id.
const INVENTORY_FIELDS: [Field; 14] = [
    Field::Id,
    Field::Sku,
    Field::Gtin,
    Field::Price,
    Field::SalePrice,
    Field::ListPrice,
    Field::Currency,
    Field::SaleWindow,
    Field::SaleStarts,
    Field::SaleEnds,
    Field::Availability,
    Field::AvailableFrom,
    Field::Quantity,
    Field::Delete,
];
/// Names of an inventory that are not fields of an item.
const INVENTORY_NAMES: [&str; 4] = ["store_code", "pickup_method", "pickup_sla", "location"];
/// The number of names per other name that is tolerated.
const INVENTORY_SHARE: usize = 5;

/// A document's kind, and its first records.
#[derive(Debug)]
pub struct Sample<'a> {
    /// What kind of document it is.
    pub kind: &'a DocumentKind,
    /// The first records. For a table, the header alone is enough.
    pub records: &'a [Parsed<'a>],
    /// Whether the feed changes existing items, so that it may have few columns.
    pub partial: bool,
    /// The names of its columns, elements or members, in the spelling of [`names::plain`].
    names: BTreeSet<String>,
    fields: BTreeSet<Field>,
}

impl<'a> Sample<'a> {
    /// Collects the names.
    #[must_use]
    pub fn new(kind: &'a DocumentKind, first: &'a [Parsed<'a>], partial: bool) -> Self {
        let mut names = BTreeSet::new();
        if let DocumentKind::Table { header, .. } = kind {
            names.extend(header.iter().map(|name| names::plain(name)));
        }
        for record in first {
            match record {
                Parsed::Cells { .. } => {}
                Parsed::Element(item) => {
                    names.extend(item.children.iter().map(|child| names::plain(&child.name)));
                }
                Parsed::Json(value) => {
                    let members = value.as_object().into_iter().flat_map(Map::keys);
                    names.extend(members.map(|name| names::plain(name)));
                }
            }
        }
        let fields = names.iter().filter_map(|name| names::field(name)).collect();
        Self {
            kind,
            records: first,
            partial,
            names,
            fields,
        }
    }

    /// Whether it is a table.
    #[must_use]
    pub fn is_table(&self) -> bool {
        matches!(self.kind, DocumentKind::Table { .. })
    }

    /// Whether a column, element or member has this name, in its plain spelling.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// The names, in their plain spelling.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Whether it is XML with this root element.
    #[must_use]
    pub fn has_root(&self, name: &str) -> bool {
        matches!(self.kind, DocumentKind::Xml { root, .. } if names::plain(root) == name)
    }

    /// Whether one of the names is a name of this field.
    #[must_use]
    pub fn has_field(&self, field: Field) -> bool {
        self.fields.contains(&field)
    }

    /// How many of the names stand for a field of an item.
    #[must_use]
    pub fn fields(&self) -> usize {
        self.fields.len()
    }

    /// Whether almost all names are those of an inventory.
    #[must_use]
    pub fn is_inventory(&self) -> bool {
        let is_other = |name: &&String| {
            let is_stock =
                names::field(name).is_some_and(|field| INVENTORY_FIELDS.contains(&field));
            !name.is_empty() && !is_stock && !INVENTORY_NAMES.contains(&name.as_str())
        };
        self.names.iter().filter(is_other).count() * INVENTORY_SHARE <= self.names.len()
    }

    /// The sample's JSON objects; of a JSON-LD graph and the like, the outer one.
    pub fn objects(&self) -> impl Iterator<Item = &'a Map<String, Value>> {
        self.records.iter().filter_map(|record| match record {
            Parsed::Json(Value::Object(object)) => Some(object),
            _ => None,
        })
    }

    /// The names, for the report of an unrecognised document.
    #[must_use]
    pub fn excerpt(&self) -> String {
        let names: Vec<_> = self.names.iter().map(String::as_str).collect();
        excerpt(&names.join(", "))
    }
}
