//! Spree Commerce's product export: one row a variant, the first with the product's texts.
//!
//! The first row of a product with options is its master, which is not sold.

use crate::formats::flat::{Field, FlatFormat, Rows, Vocabulary};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static SPREE: FlatFormat = FlatFormat {
    name: "spree",
    title: "Spree product export (CSV)",
    unique_names: &[],
    default_confidence: Confidence::No,
    required: &["product_id", "name", "price"],
    stock_only: false,
    vocabulary: &VOCABULARY,
};

static VOCABULARY: Vocabulary = Vocabulary {
    names: &[
        (Field::Group, "product_id"),
        (Field::Sku, "sku"),
        (Field::Title, "name"),
        (Field::Slug, "slug"),
        (Field::ForSale, "status"),
        (Field::Brand, "brand_name"),
        (Field::Html, "description"),
        (Field::Price, "price"),
        (Field::ListPrice, "compare_at_price"),
        (Field::Currency, "currency"),
        (Field::Weight, "weight"),
        (Field::WeightUnit, "weight_unit"),
        (Field::StockTracked, "track_inventory"),
        (Field::Stock, "inventory_count"),
        (Field::Backorders, "inventory_backorderable"),
        (Field::Image, "image#_src"),
        (Field::NumberedName, "option#_name"),
        (Field::NumberedValue, "option#_value"),
        (Field::MerchantCategory, "category#"),
        (
            Field::Attribute,
            "tags labels vendor_name tax_category shipping_category",
        ),
    ],
    words: &[
        (
            Field::ForSale,
            &[
                ("active", "true"),
                ("draft", "false"),
                ("archived", "false"),
                ("paused", "false"),
            ],
        ),
        (Field::Stock, &[("∞", "in_stock")]),
    ],
    marks: &[
        "product_id sku slug track_inventory inventory_count",
        "product_id sku slug inventory_count inventory_backorderable",
    ],
    page: Some("products/{slug}"),
    rows: Rows::Untitled,
    ..Vocabulary::EXPORT
};
