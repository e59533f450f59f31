//! The registry of adapters. Each has a folder of the name that partners' rows use.
//!
//! This is the only file that lists them all; `buywire adapter new` adds its two lines here.

pub mod acp;
pub mod fancy;
pub mod gumroad;
pub mod musictoday;
pub mod shopify;
pub mod standard;
pub mod stripe;
pub mod template;
pub mod ucp;

use crate::contract::Adapter;

/// Every adapter of this build.
#[must_use]
pub fn all() -> &'static [&'static dyn Adapter] {
    &[
        &standard::Standard,
        &acp::Acp,
        &ucp::Ucp,
        &stripe::Stripe,
        &shopify::Shopify,
        &gumroad::Gumroad,
        &fancy::Fancy,
        &musictoday::Musictoday,
        &template::Template,
    ]
}

/// The adapter of that name, if there is one.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static dyn Adapter> {
    all().iter().copied().find(|adapter| adapter.name() == name)
}
