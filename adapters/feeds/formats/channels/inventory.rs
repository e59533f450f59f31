//! Stock and prices by id, for existing items: inventory feeds of Google, Stripe and others.

use crate::formats::flat::{COMMON, FlatFormat};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static INVENTORY: FlatFormat = FlatFormat {
    name: "inventory",
    title: "Stock and prices by id",
    unique_names: &[],
    default_confidence: Confidence::Possible,
    required: &["id"],
    stock_only: true,
    vocabulary: &COMMON,
};
