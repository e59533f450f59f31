//! The formats: one file each, which maps a parsed record to drafts and checks nothing.
//!
//! A [`Format`] is chosen once per document, from its first records ([`detect`]) or by its name
//! ([`by_name`]). It then makes a [`Mapper`] for this one document, which resolves the header
//! once. Tables, XML items and flat JSON objects that differ in their columns' names only share
//! one mechanism, [`flat`]: a new name is one line of `flat/aliases.rs`.
//!
//! Promises: no input panics; a record gives at most [`map_output::DRAFTS_MAX`] drafts and each
//! draft is bounded; names in drafts are those that the feed uses. Must not decide what is valid.

mod channels;
mod columns;
mod escapes;
pub mod flat;
mod format;
mod json;
mod localised;
pub mod map_output;
mod parent_cache;
mod sample;
mod shops;
mod stock_status;
#[cfg(test)]
mod tests;

use buywire_schemas::catalog::issue::{Code, Issue};

pub use self::format::{Confidence, Format, FormatRules, Mapper, Row};
pub use self::map_output::MapOutput;
pub use self::sample::Sample;
use crate::read::{DocumentKind, Parsed};

/// Every format, the more specific before the more general: of equally confident formats, the first wins.
pub static FORMATS: &[&dyn Format] = &[
    &shops::shopify_csv::ShopifyCsv,
    &shops::woocommerce::WOOCOMMERCE,
    &shops::medusa::Medusa,
    &shops::shopify_json::ShopifyJson,
    &shops::gumroad::Gumroad,
    &shops::stripe::Stripe,
    &shops::prestashop::PRESTASHOP,
    &shops::magento::MAGENTO,
    &shops::bigcommerce::BIGCOMMERCE,
    &shops::wix::WIX,
    &shops::squarespace::SQUARESPACE,
    &shops::etsy::ETSY,
    &shops::spree::SPREE,
    &shops::spree_json::SpreeJson,
    &shops::vendure::VENDURE,
    &channels::heureka::HEUREKA,
    &channels::yandex::YANDEX,
    &channels::idealo::IDEALO,
    &channels::kelkoo::KELKOO,
    &channels::ceneo::CENEO,
    &channels::trovaprezzi::TROVAPREZZI,
    &channels::billiger::BILLIGER,
    &localised::CS.woocommerce,
    &localised::DE.woocommerce,
    &localised::ES.woocommerce,
    &localised::FR.woocommerce,
    &localised::IT.woocommerce,
    &localised::NL.woocommerce,
    &localised::PL.woocommerce,
    &localised::CS.meta,
    &localised::DE.meta,
    &localised::ES.meta,
    &localised::FR.meta,
    &localised::IT.meta,
    &localised::NL.meta,
    &localised::PL.meta,
    &localised::CS.google,
    &localised::DE.google,
    &localised::ES.google,
    &localised::FR.google,
    &localised::IT.google,
    &localised::NL.google,
    &localised::PL.google,
    &channels::google_retail::GoogleRetail,
    &channels::schema_org::SchemaOrg,
    &channels::acp::ACP,
    &channels::acp::OPENAI_PRODUCTS,
    &channels::openai::OPENAI,
    &channels::meta::META,
    &channels::tiktok::TIKTOK,
    &channels::pinterest::PINTEREST,
    &channels::google::GOOGLE,
    &channels::x::X,
    &channels::inventory::INVENTORY,
];

/// The format with this name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}

/// The format of a document that begins with these records.
///
/// # Errors
/// A run-level issue with the names found, if no format has them.
pub fn detect(
    kind: &DocumentKind,
    records: &[Parsed<'_>],
    rules: &FormatRules,
) -> Result<&'static dyn Format, Issue> {
    let sample = Sample::new(kind, records, rules.partial);
    let mut best: (Confidence, Option<&'static dyn Format>) = (Confidence::No, None);
    for format in FORMATS.iter().copied() {
        let confidence = format.confidence(&sample);
        if confidence > best.0 {
            best = (confidence, Some(format));
        }
    }
    best.1.ok_or_else(|| Issue {
        value: Some(sample.excerpt()).filter(|names| !names.is_empty()),
        ..Issue::new(Code::FormatUnknown)
    })
}
