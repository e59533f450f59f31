//! Single values: numbers, amounts, weights, times and GTINs. No file here knows an item.

pub(super) mod amount;
pub(super) mod datetime;
pub(super) mod decimal_sign;
pub(super) mod gtin;
pub(super) mod number;
pub(super) mod sign_proofs;
pub(super) mod weight;
