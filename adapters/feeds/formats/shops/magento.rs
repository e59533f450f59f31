//! Magento 2's and Adobe Commerce's catalog export.
//!
//! A configurable product is not an item. The rows of its variants, before or after it, are: they have no page of
//! their own and take the product's. Rows for one view of the shop only replace texts and are passed over.

use crate::formats::flat::{Field, FlatFormat, Rows, Vocabulary};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static MAGENTO: FlatFormat = FlatFormat {
    name: "magento",
    title: "Magento 2 catalog export (CSV)",
    unique_names: &[],
    default_confidence: Confidence::No,
    required: &["sku", "name", "price"],
    stock_only: false,
    vocabulary: &VOCABULARY,
};

static VOCABULARY: Vocabulary = Vocabulary {
    names: &[
        (Field::Sku, "sku"),
        (Field::RowKind, "product_type"),
        (Field::StoreView, "store_view_code"),
        (Field::Title, "name"),
        (Field::Html, "description short_description"),
        (Field::Slug, "url_key"),
        (Field::Image, "base_image"),
        (Field::MoreImages, "additional_images"),
        (Field::Price, "price"),
        (Field::SalePrice, "special_price"),
        (Field::SaleStarts, "special_price_from_date"),
        (Field::SaleEnds, "special_price_to_date"),
        (Field::Quantity, "qty"),
        (Field::Availability, "is_in_stock"),
        (Field::Backorders, "allow_backorders"),
        (Field::ForSale, "product_online"),
        (Field::HasPage, "visibility"),
        (Field::Variants, "configurable_variations"),
        (Field::MerchantCategory, "categories"),
        (Field::Brand, "manufacturer brand"),
        (Field::Gtin, "gtin ean upc barcode"),
        (
            Field::Attribute,
            "additional_attributes attribute_set_code tax_class_name",
        ),
    ],
    words: &[
        // An image that nobody has chosen.
        (Field::Image, &[("no_selection", "")]),
        (
            Field::RowKind,
            &[
                ("simple", "product"),
                ("virtual", "product"),
                ("downloadable", "product"),
                ("configurable", "product"),
            ],
        ),
        (
            Field::Availability,
            &[("1", "in_stock"), ("0", "out_of_stock")],
        ),
        (
            Field::Backorders,
            &[("0", "no"), ("1", "yes"), ("2", "yes")],
        ),
        (Field::ForSale, &[("1", "true"), ("2", "false")]),
        (Field::HasPage, &[("Not Visible Individually", "no")]),
    ],
    marks: &[
        "sku product_type url_key",
        "sku product_type attribute_set_code",
    ],
    page: Some("{slug}.html"),
    images: Some("media/catalog/product/"),
    rows: Rows::Listed,
    ..Vocabulary::EXPORT
};
