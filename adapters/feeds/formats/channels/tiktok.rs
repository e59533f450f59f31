//! TikTok catalogs: Google's names, and `sku_id` for the id.

use super::Confidence;
use super::flat::FlatFormat;

/// The channel.
pub(super) static TIKTOK: FlatFormat = FlatFormat {
    name: "tiktok",
    title: "TikTok catalog",
    unique_names: &["sku_id", "merchant_brand"],
    default_confidence: Confidence::No,
    required: &["sku_id", "title", "link", "image_link", "price"],
    stock_only: false,
};
