//! Exports of shop systems: one format for each system's own file or API answer.

pub(super) mod bigcommerce;
pub(super) mod etsy;
pub(super) mod gumroad;
pub(super) mod magento;
pub(super) mod medusa;
pub(super) mod prestashop;
pub(super) mod shopify_csv;
pub(super) mod shopify_json;
pub(super) mod spree;
pub(super) mod spree_json;
pub(super) mod squarespace;
pub(super) mod stripe;
pub(super) mod vendure;
pub(super) mod wix;
pub(super) mod woocommerce;
