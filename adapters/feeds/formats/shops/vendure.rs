//! Vendure's product file: one row a variant, the first with the product's texts.
//!
//! Assets are read if they are URLs: files have no address.

use crate::formats::flat::{Field, FlatFormat, Rows, Vocabulary};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static VENDURE: FlatFormat = FlatFormat {
    name: "vendure",
    title: "Vendure product import (CSV)",
    unique_names: &[],
    default_confidence: Confidence::No,
    required: &["name", "sku", "price"],
    stock_only: false,
    vocabulary: &VOCABULARY,
};

static VOCABULARY: Vocabulary = Vocabulary {
    names: &[
        (Field::Title, "name"),
        (Field::Slug, "slug"),
        (Field::Html, "description"),
        (Field::Image, "assets variant_assets"),
        (Field::PositionedNames, "option_groups"),
        (Field::PositionedValues, "option_values"),
        (Field::Sku, "sku"),
        (Field::Price, "price"),
        (Field::Quantity, "stock_on_hand"),
        (Field::StockTracked, "track_inventory"),
        (Field::Attribute, "facets variant_facets tax_category"),
    ],
    marks: &[
        "name slug assets option_groups option_values",
        "slug sku tax_category stock_on_hand",
    ],
    page: Some("products/{slug}"),
    rows: Rows::Untitled,
    ..Vocabulary::EXPORT
};
