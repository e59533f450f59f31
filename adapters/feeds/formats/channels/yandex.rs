//! Yandex Market Language, in which shops of many countries publish their offers.
//!
//! `available="false"` is an item on order. Weights are kilograms.

use crate::formats::flat::{Field, FlatFormat, Vocabulary};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static YANDEX: FlatFormat = FlatFormat {
    name: "yandex",
    title: "Yandex Market Language (YML)",
    unique_names: &[],
    default_confidence: Confidence::No,
    required: &[],
    stock_only: false,
    vocabulary: &VOCABULARY,
};

static VOCABULARY: Vocabulary = Vocabulary {
    names: &[
        (Field::Id, "@id"),
        (Field::Group, "@group_id"),
        (Field::Availability, "@available"),
        (Field::Title, "name model"),
        (Field::Brand, "vendor"),
        (Field::Mpn, "vendor_code"),
        (Field::Url, "url"),
        (Field::Image, "picture"),
        (Field::Price, "price"),
        (Field::ListPrice, "oldprice"),
        (Field::Currency, "currency_id"),
        (Field::Html, "description"),
        (Field::Gtin, "barcode"),
        (Field::Parameters, "param"),
        (Field::Quantity, "count"),
        (Field::Weight, "weight"),
        (Field::Adult, "adult"),
        (Field::Digital, "downloadable"),
        (Field::Condition, "condition"),
        (
            Field::Attribute,
            "category_id type_prefix sales_notes country_of_origin manufacturer_warranty",
        ),
    ],
    words: &[
        (
            Field::Availability,
            &[("true", "in_stock"), ("false", "backorder")],
        ),
        (Field::Currency, &[("RUR", "RUB")]),
    ],
    marks: &["root=yml_catalog url price"],
    weight_unit: Some("kg"),
    sku_is_id: false,
    ..Vocabulary::EXPORT
};
