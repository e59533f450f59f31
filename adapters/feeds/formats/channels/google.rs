//! Google Merchant Center: RSS 2.0, Atom 1.0, TSV and CSV; and whatever is written after it.
//!
//! Attributes with `g:`, without it, with a prefix that is not declared, or both in one item;
//! columns by their names or their labels.

use crate::formats::flat::FlatFormat;
use crate::formats::format::Confidence;

/// The channel.
pub(crate) static GOOGLE: FlatFormat = FlatFormat {
    name: "google",
    title: "Google Merchant Center",
    unique_names: &[],
    default_confidence: Confidence::Likely,
    required: &["id", "title", "link", "image_link", "price"],
    stock_only: false,
};
