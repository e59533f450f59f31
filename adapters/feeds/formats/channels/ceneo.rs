//! Ceneo's offers: most values are attributes of the element `o`. Prices are Polish złoty, weights kilograms.
//!
//! `avail` 1 is in the shop; 3, 7, 14 and 90 come from the supplier; 99 says nothing.

use crate::formats::flat::{Field, FlatFormat, Vocabulary};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static CENEO: FlatFormat = FlatFormat {
    name: "ceneo",
    title: "Ceneo offers (XML)",
    unique_names: &[],
    default_confidence: Confidence::No,
    required: &[],
    stock_only: false,
    vocabulary: &VOCABULARY,
};

static VOCABULARY: Vocabulary = Vocabulary {
    names: &[
        (Field::Id, "@id"),
        (Field::Url, "@url"),
        (Field::Price, "@price"),
        (Field::Availability, "@avail"),
        (Field::Quantity, "@stock"),
        (Field::Weight, "@weight"),
        (Field::Title, "name"),
        (Field::MerchantCategory, "cat"),
        (Field::Image, "imgs"),
        (Field::Html, "desc"),
        (Field::Parameters, "attrs"),
        (Field::Brand, "param.producent"),
        (Field::Gtin, "param.ean param.isbn"),
        (Field::Mpn, "param.kod_producenta"),
    ],
    words: &[(
        Field::Availability,
        &[
            ("1", "in_stock"),
            ("3", "backorder"),
            ("7", "backorder"),
            ("14", "backorder"),
            ("90", "backorder"),
            ("99", "unknown"),
            ("110", "preorder"),
        ],
    )],
    marks: &["root=offers name cat"],
    currency: Some("PLN"),
    weight_unit: Some("kg"),
    sku_is_id: false,
    ..Vocabulary::EXPORT
};
