//! X Shopping Manager. It has no unique names: unless declared, its feeds are read as Google's, with the same result.

use crate::formats::flat::{COMMON, FlatFormat};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static X: FlatFormat = FlatFormat {
    name: "x",
    title: "X Shopping Manager",
    unique_names: &[],
    default_confidence: Confidence::Possible,
    required: &["id", "title", "link", "image_link", "price"],
    stock_only: false,
    vocabulary: &COMMON,
};
