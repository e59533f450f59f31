//! Exports of shop systems: one format for each system's own file or API answer.

pub(super) mod gumroad;
pub(super) mod medusa;
pub(super) mod shopify_csv;
pub(super) mod shopify_json;
pub(super) mod stripe;
pub(super) mod woocommerce;
