//! X Shopping Manager. It has no name of its own: undeclared, its feeds are read as Google's, alike.

use crate::formats::flat::FlatFormat;
use crate::formats::format::Confidence;

/// The channel.
pub(crate) static X: FlatFormat = FlatFormat {
    name: "x",
    title: "X Shopping Manager",
    unique_names: &[],
    default_confidence: Confidence::Possible,
    required: &["id", "title", "link", "image_link", "price"],
    stock_only: false,
};
