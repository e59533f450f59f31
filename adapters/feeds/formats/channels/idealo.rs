//! idealo's offers.
//!
//! They state no availability. A delivery within a week counts as in stock, anything else as no statement.

use crate::formats::flat::{Field, FlatFormat, Vocabulary};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static IDEALO: FlatFormat = FlatFormat {
    name: "idealo",
    title: "idealo offers (CSV)",
    unique_names: &[],
    default_confidence: Confidence::No,
    required: &["sku", "title", "url", "price"],
    stock_only: false,
    vocabulary: &VOCABULARY,
};

static VOCABULARY: Vocabulary = Vocabulary {
    names: &[
        (Field::Id, "sku"),
        (Field::Title, "title"),
        (Field::Brand, "brand"),
        (Field::MerchantCategory, "category_path"),
        (Field::Url, "url"),
        (Field::Gtin, "eans"),
        (Field::Mpn, "hans"),
        (Field::Html, "description"),
        (Field::Price, "price"),
        (Field::ListPrice, "former_price"),
        (Field::DeliveryTime, "delivery_time delivery"),
        (Field::Image, "image_urls image_url"),
        (Field::Attribute, "base_price voucher_code"),
    ],
    words: &[(
        Field::DeliveryTime,
        &[
            ("sofort lieferbar", "in_stock"),
            ("auf Lager", "in_stock"),
            ("in stock", "in_stock"),
            ("en stock", "in_stock"),
        ],
    )],
    marks: &[
        "title url price eans delivery_time",
        "title url price hans delivery_time",
        "title url price category_path delivery_time",
    ],
    has_common_names: true,
    sku_is_id: false,
    ..Vocabulary::EXPORT
};
