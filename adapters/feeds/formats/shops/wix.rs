//! Wix Stores' product export.
//!
//! Rows of variants follow their product and cost its price plus a surcharge. The export does not say where a
//! product's page is: items have a link only where the merchant adds a column `url`. Discounts are not calculated: the
//! price before them counts.

use crate::formats::flat::{Field, FlatFormat, Rows, Vocabulary};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static WIX: FlatFormat = FlatFormat {
    name: "wix",
    title: "Wix Stores product export (CSV)",
    unique_names: &[],
    default_confidence: Confidence::No,
    required: &["handle_id", "name", "price"],
    stock_only: false,
    vocabulary: &VOCABULARY,
};

static VOCABULARY: Vocabulary = Vocabulary {
    names: &[
        (Field::RowKind, "field_type"),
        (Field::Group, "handle_id handle"),
        (Field::Title, "name"),
        (Field::Html, "description"),
        (Field::Image, "product_image_url media_url"),
        (Field::Url, "url link product_page_url"),
        (Field::MerchantCategory, "collection"),
        (Field::Sku, "sku"),
        (Field::Price, "price"),
        (Field::Surcharge, "surcharge"),
        (Field::ForSale, "visible"),
        (Field::Stock, "inventory"),
        (Field::Brand, "brand"),
        (Field::NumberedName, "product_option_name#"),
        (Field::NumberedValue, "product_option_description#"),
        (Field::Attribute, "ribbon discount_mode discount_value"),
    ],
    words: &[
        (
            Field::RowKind,
            &[
                ("product", "product"),
                ("variant", "variant"),
                ("image", "image"),
                ("media", "image"),
            ],
        ),
        (
            Field::Stock,
            &[("InStock", "in_stock"), ("OutOfStock", "out_of_stock")],
        ),
    ],
    marks: &["handle_id field_type name", "handle field_type name price"],
    images: Some("https://static.wixstatic.com/media/"),
    rows: Rows::Kinds,
    ..Vocabulary::EXPORT
};
