//! Meta Commerce Manager (Facebook, Instagram): Google's names and some of its own.

use crate::formats::flat::FlatFormat;
use crate::formats::format::Confidence;

/// The format.
pub(crate) static META: FlatFormat = FlatFormat {
    name: "meta",
    title: "Meta catalog",
    unique_names: &[
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
    ],
    default_confidence: Confidence::No,
    required: &["id", "title", "link", "image_link", "price"],
    stock_only: false,
};
