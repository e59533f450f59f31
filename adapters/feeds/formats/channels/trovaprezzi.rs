//! Trovaprezzi's offers. Prices are euros.

use crate::formats::flat::{Field, FlatFormat, Vocabulary};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static TROVAPREZZI: FlatFormat = FlatFormat {
    name: "trovaprezzi",
    title: "Trovaprezzi offers (XML, CSV)",
    unique_names: &[],
    default_confidence: Confidence::No,
    required: &["code", "name", "link", "price"],
    stock_only: false,
    vocabulary: &VOCABULARY,
};

static VOCABULARY: Vocabulary = Vocabulary {
    names: &[
        (Field::Id, "code"),
        (Field::Title, "name"),
        (Field::Brand, "brand"),
        (Field::Html, "description"),
        (Field::Price, "price"),
        (Field::ListPrice, "original_price"),
        (Field::Url, "link"),
        (Field::Stock, "stock"),
        (Field::MerchantCategory, "categories"),
        (Field::Image, "image"),
        (Field::MoreImages, "image#"),
        (Field::Gtin, "ean_code"),
        (Field::Mpn, "part_number"),
        (Field::Attribute, "shipping_cost"),
    ],
    words: &[(
        Field::Stock,
        &[
            ("disponibile", "in_stock"),
            ("non disponibile", "out_of_stock"),
        ],
    )],
    marks: &[
        "code link shipping_cost ean_code",
        "code link shipping_cost part_number",
        "root=products code link shipping_cost",
    ],
    currency: Some("EUR"),
    sku_is_id: false,
    ..Vocabulary::EXPORT
};
