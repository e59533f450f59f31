//! Stock and prices by id, for items that exist: Google's and Stripe's inventory feeds, and the like.

use crate::formats::flat::FlatFormat;
use crate::formats::format::Confidence;

/// Any such list.
pub(crate) static INVENTORY: FlatFormat = FlatFormat {
    name: "inventory",
    title: "Stock and prices by id",
    unique_names: &[],
    default_confidence: Confidence::Possible,
    required: &["id"],
    stock_only: true,
};
