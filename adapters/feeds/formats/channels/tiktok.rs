//! TikTok catalogs: Google's names, and `sku_id` for the id.

use crate::formats::flat::{COMMON, FlatFormat};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static TIKTOK: FlatFormat = FlatFormat {
    name: "tiktok",
    title: "TikTok catalog",
    unique_names: &["sku_id", "merchant_brand"],
    default_confidence: Confidence::No,
    required: &["sku_id", "title", "link", "image_link", "price"],
    stock_only: false,
    vocabulary: &COMMON,
};
