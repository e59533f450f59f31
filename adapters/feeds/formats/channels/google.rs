//! Google Merchant Center: RSS 2.0, Atom 1.0, TSV and CSV, and feeds modelled on it.
//!
//! Attributes may have the prefix `g:`, no prefix, an undeclared one, or a mix in one item.
//! Columns may have names or labels.

use crate::formats::flat::{COMMON, FlatFormat};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static GOOGLE: FlatFormat = FlatFormat {
    name: "google",
    title: "Google Merchant Center",
    unique_names: &[],
    default_confidence: Confidence::Likely,
    required: &["id", "title", "link", "image_link", "price"],
    stock_only: false,
    vocabulary: &COMMON,
};
