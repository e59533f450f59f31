//! Etsy's download of a shop's listings: one row a listing.
//!
//! It has neither ids nor links. The SKU is the id; a link needs a column `url`, or `listing_id` and
//! `https://www.etsy.com` as the shop's URL. Variations are kept as attributes, because the file does not say what each
//! of them costs.

use crate::formats::flat::{Field, FlatFormat, Vocabulary};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static ETSY: FlatFormat = FlatFormat {
    name: "etsy",
    title: "Etsy listings (CSV)",
    unique_names: &[],
    default_confidence: Confidence::No,
    required: &["sku", "title", "price"],
    stock_only: false,
    vocabulary: &VOCABULARY,
};

static VOCABULARY: Vocabulary = Vocabulary {
    names: &[
        (Field::Sku, "sku"),
        (Field::Slug, "listing_id"),
        (Field::Title, "title"),
        (Field::Description, "description"),
        (Field::Price, "price"),
        (Field::Currency, "currency_code"),
        (Field::Quantity, "quantity"),
        (Field::Image, "image#"),
        (Field::Url, "url link listing_url"),
        (
            Field::Attribute,
            "tags materials variation_#_name variation_#_values",
        ),
    ],
    marks: &[
        "title currency_code quantity image1",
        "title currency_code quantity tags materials",
    ],
    page: Some("listing/{slug}"),
    ..Vocabulary::EXPORT
};
