//! Squarespace's product export: further variants of a product are rows without a title.
//!
//! A link follows from the store page and the product's URL, as sites of version 7.1 have it.

use crate::formats::flat::{Field, FlatFormat, Rows, Vocabulary};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static SQUARESPACE: FlatFormat = FlatFormat {
    name: "squarespace",
    title: "Squarespace product export (CSV)",
    unique_names: &[],
    default_confidence: Confidence::No,
    required: &["variant_id_[non_editable]", "title", "price"],
    stock_only: false,
    vocabulary: &VOCABULARY,
};

static VOCABULARY: Vocabulary = Vocabulary {
    names: &[
        (Field::Group, "product_id_[non_editable]"),
        (Field::Id, "variant_id_[non_editable]"),
        (Field::Digital, "product_type_[non_editable]"),
        (Field::Section, "product_page"),
        (Field::Slug, "product_url"),
        (Field::Title, "title"),
        (Field::Html, "description"),
        (Field::Sku, "sku"),
        (Field::Gtin, "gtin"),
        (Field::Mpn, "mpn"),
        (Field::NumberedName, "option_name_#"),
        (Field::NumberedValue, "option_value_#"),
        (Field::Price, "price"),
        (Field::SalePrice, "sale_price"),
        (Field::OnSale, "on_sale"),
        (Field::Stock, "stock"),
        (Field::MerchantCategory, "categories"),
        (Field::ForSale, "visible"),
        (Field::Image, "hosted_image_urls"),
        (Field::Attribute, "tags"),
    ],
    words: &[
        (Field::Stock, &[("Unlimited", "in_stock")]),
        (
            Field::Digital,
            &[
                ("DOWNLOAD", "true"),
                ("GIFT_CARD", "true"),
                ("PHYSICAL", "false"),
                ("SERVICE", "false"),
            ],
        ),
    ],
    marks: &["product_id_[non_editable] variant_id_[non_editable]"],
    page: Some("{section}/p/{slug}"),
    rows: Rows::Untitled,
    ..Vocabulary::EXPORT
};
