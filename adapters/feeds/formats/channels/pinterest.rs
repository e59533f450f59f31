//! Pinterest catalogs: Google's names, options as two lists.

use crate::formats::flat::{COMMON, FlatFormat};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static PINTEREST: FlatFormat = FlatFormat {
    name: "pinterest",
    title: "Pinterest catalog",
    unique_names: &["variant_names", "variant_values", "min_ad_price", "ad_link"],
    default_confidence: Confidence::No,
    required: &["id", "title", "link", "image_link", "price"],
    stock_only: false,
    vocabulary: &COMMON,
};
