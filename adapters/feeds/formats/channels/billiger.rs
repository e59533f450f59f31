//! billiger.de's offers. Prices are euros. They state no availability: a delivery within a week counts as in stock.

use crate::formats::flat::{Field, FlatFormat, Vocabulary};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static BILLIGER: FlatFormat = FlatFormat {
    name: "billiger",
    title: "billiger.de offers (CSV)",
    unique_names: &[],
    default_confidence: Confidence::No,
    required: &["aid", "name", "link", "price"],
    stock_only: false,
    vocabulary: &VOCABULARY,
};

static VOCABULARY: Vocabulary = Vocabulary {
    names: &[
        (Field::Id, "aid"),
        (Field::Title, "name"),
        (Field::Brand, "brand"),
        (Field::Mpn, "mpnr mpn"),
        (Field::Gtin, "ean gtin"),
        (Field::Html, "desc"),
        (Field::MerchantCategory, "shop_cat"),
        (Field::Price, "price"),
        (Field::ListPrice, "old_price"),
        (Field::Url, "link"),
        (Field::Image, "image images"),
        (Field::DeliveryTime, "dlv_time"),
        (Field::Attribute, "ppu dlv_cost pzn"),
    ],
    words: &[(
        Field::DeliveryTime,
        &[
            ("sofort lieferbar", "in_stock"),
            ("auf Lager", "in_stock"),
            ("nicht lieferbar", "out_of_stock"),
        ],
    )],
    marks: &["aid mpnr dlv_time", "aid name shop_cat dlv_cost"],
    currency: Some("EUR"),
    sku_is_id: false,
    ..Vocabulary::EXPORT
};
