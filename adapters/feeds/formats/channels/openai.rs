//! `OpenAI` product feed in its flat form: rows or JSON objects, with the names of 2025 and of today.

use crate::formats::flat::{COMMON, FlatFormat};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static OPENAI: FlatFormat = FlatFormat {
    name: "openai",
    title: "OpenAI product feed",
    unique_names: &[
        "is_eligible_search",
        "is_eligible_checkout",
        "enable_search",
        "enable_checkout",
        "seller_tos",
        "seller_privacy_policy",
        "variant_dict",
        "listing_has_variations",
    ],
    default_confidence: Confidence::No,
    required: &["item_id", "title", "url", "image_url", "price"],
    stock_only: false,
    vocabulary: &COMMON,
};
