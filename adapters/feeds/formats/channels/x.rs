//! X Shopping Manager. It has no name of its own: undeclared, its feeds are read as Google's, alike.

use super::Confidence;
use super::flat::FlatFormat;

/// The channel.
pub(super) static X: FlatFormat = FlatFormat {
    name: "x",
    title: "X Shopping Manager",
    unique_names: &[],
    default_confidence: Confidence::Possible,
    required: &["id", "title", "link", "image_link", "price"],
    stock_only: false,
};
