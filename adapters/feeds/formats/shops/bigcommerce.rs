//! BigCommerce's product export, with the column names of its present and its former tool.
//!
//! Rows of variants, images and rules follow their product. A rule that changes prices is not calculated: then the
//! variants of this product have no price.

use crate::formats::flat::{Field, FlatFormat, Rows, Vocabulary};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static BIGCOMMERCE: FlatFormat = FlatFormat {
    name: "bigcommerce",
    title: "BigCommerce product export (CSV)",
    unique_names: &[],
    default_confidence: Confidence::No,
    required: &["name", "price"],
    stock_only: false,
    vocabulary: &VOCABULARY,
};

static VOCABULARY: Vocabulary = Vocabulary {
    names: &[
        (Field::RowKind, "item_type item"),
        (Field::Id, "product_id id"),
        (Field::Title, "product_name name"),
        (Field::Sku, "product_code/sku sku"),
        (Field::OptionList, "options"),
        (Field::Html, "product_description description"),
        (Field::Price, "price"),
        (Field::SalePrice, "sale_price"),
        (Field::Quantity, "current_stock_level current_stock"),
        (Field::StockTracked, "track_inventory inventory_tracking"),
        (
            Field::ForSale,
            "allow_purchases? product_visible? is_visible",
        ),
        (Field::Slug, "product_url"),
        (Field::Brand, "brand_name brand"),
        (Field::Condition, "product_condition"),
        (
            Field::MerchantCategory,
            "category categories category_string",
        ),
        (
            Field::Gtin,
            "product_upc/ean upc/ean global_trade_number global_trade_item_number gps_global_trade_item_number",
        ),
        (
            Field::Mpn,
            "manufacturer_part_number gps_manufacturer_part_number",
        ),
        (
            Field::Image,
            "variant_image_url product_image_url_# product_image_file_# internal_image_url_(export) image_url_(import)",
        ),
        (Field::Digital, "product_type type"),
        (Field::MaxPerOrder, "maximum_purchase_quantity"),
        (
            Field::Attribute,
            "search_keywords product_availability product_warranty warranty",
        ),
    ],
    words: &[
        (
            Field::RowKind,
            &[
                ("product", "product"),
                ("variant", "variant"),
                ("image", "image"),
                ("sku", "variant"),
                ("rule", "price_rule"),
            ],
        ),
        (
            Field::StockTracked,
            &[
                ("none", "no"),
                ("by product", "product"),
                ("by option", "variant"),
                ("by variant", "variant"),
            ],
        ),
        (
            Field::Digital,
            &[
                ("digital", "true"),
                ("d", "true"),
                ("physical", "false"),
                ("p", "false"),
            ],
        ),
    ],
    marks: &[
        "item_type product_name product_code/sku",
        "item name sku options inventory_tracking",
        "item name inventory_tracking current_stock",
    ],
    page: Some("{slug}"),
    rows: Rows::Kinds,
    ..Vocabulary::EXPORT
};
