//! Meta Commerce Manager (Facebook, Instagram): Google's names and some of its own.

use crate::formats::flat::{COMMON, FlatFormat};
use crate::formats::format::Confidence;

/// Names that no other channel has.
pub(crate) const UNIQUE_NAMES: &[&str] = &[
    "quantity_to_sell_on_facebook",
    "quantity_to_sell_on_fb",
    "fb_product_category",
    "rich_text_description",
    "commerce_tax_category",
    "additional_variant_attribute",
    "image[].url",
    "image[].tag[]",
    "wa_compliance_category",
    "retailer_id",
];

/// The format.
pub(crate) static META: FlatFormat = FlatFormat {
    name: "meta",
    title: "Meta catalog",
    unique_names: UNIQUE_NAMES,
    default_confidence: Confidence::No,
    required: &["id", "title", "link", "image_link", "price"],
    stock_only: false,
    vocabulary: &COMMON,
};
