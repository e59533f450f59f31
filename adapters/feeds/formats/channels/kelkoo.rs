//! Kelkoo's offers, as a table or as XML. Availability is a number.

use crate::formats::flat::{Field, FlatFormat, Vocabulary};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static KELKOO: FlatFormat = FlatFormat {
    name: "kelkoo",
    title: "Kelkoo offers (CSV, XML)",
    unique_names: &[],
    default_confidence: Confidence::No,
    required: &["offer_id", "title", "product_url", "price"],
    stock_only: false,
    vocabulary: &VOCABULARY,
};

static VOCABULARY: Vocabulary = Vocabulary {
    names: &[
        (Field::Id, "offer_id sku"),
        (Field::Title, "title"),
        (Field::Url, "landing_page_url product_url"),
        (Field::Price, "price"),
        (Field::ListPrice, "price_no_rebate"),
        (Field::Brand, "brand"),
        (Field::Html, "description"),
        (Field::Image, "image_url"),
        (Field::MoreImages, "image_url_#"),
        (Field::Gtin, "ean"),
        (Field::Mpn, "mpn"),
        (Field::MerchantCategory, "merchant_category"),
        (Field::Availability, "availability"),
        (Field::Currency, "currency"),
        (
            Field::Attribute,
            "delivery_cost delivery_time warranty ecotax kelkoo_category_id",
        ),
    ],
    words: &[(
        Field::Availability,
        &[
            ("1", "in_stock"),
            ("2", "backorder"),
            ("3", "unknown"),
            ("4", "preorder"),
            ("5", "backorder"),
            ("6", "out_of_stock"),
        ],
    )],
    marks: &[
        "offer_id product_url delivery_cost",
        "title product_url merchant_category",
        "title product_url kelkoo_category_id",
    ],
    has_common_names: true,
    sku_is_id: false,
    ..Vocabulary::EXPORT
};
