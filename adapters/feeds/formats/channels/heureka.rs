//! Heureka's product feed, and Zboží.cz's, which has the same names.
//!
//! Prices contain tax, and have no currency: it is the shop's. `DELIVERY_DATE` counts days: 0 is in stock, more of
//! them mean an order to the supplier. Parameters are options of the items of a group.

use crate::formats::flat::{Field, FlatFormat, Vocabulary};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static HEUREKA: FlatFormat = FlatFormat {
    name: "heureka",
    title: "Heureka and Zboží.cz (XML)",
    unique_names: &[],
    default_confidence: Confidence::No,
    required: &[],
    stock_only: false,
    vocabulary: &VOCABULARY,
};

static VOCABULARY: Vocabulary = Vocabulary {
    names: &[
        (Field::Id, "item_id"),
        (Field::Title, "productname product"),
        (Field::Html, "description"),
        (Field::Url, "url"),
        (Field::Image, "imgurl"),
        (Field::MoreImages, "imgurl_alternative"),
        (Field::Price, "price_vat"),
        (Field::Brand, "manufacturer"),
        (Field::MerchantCategory, "categorytext"),
        (Field::Gtin, "ean isbn"),
        (Field::Mpn, "productno"),
        (Field::Group, "itemgroup_id"),
        (Field::Parameters, "param"),
        (Field::Dispatch, "delivery_date"),
        (Field::Condition, "item_type"),
        (Field::Attribute, "extra_message gift video_url"),
    ],
    words: &[(Field::Condition, &[("bazar", "used"), ("bazaar", "used")])],
    marks: &["root=shop url price_vat", "root=shop productname url"],
    sku_is_id: false,
    ..Vocabulary::EXPORT
};
