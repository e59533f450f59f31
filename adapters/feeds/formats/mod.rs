//! The formats: one file each, which sorts a parsed record into drafts and judges nothing.
//!
//! A [`Format`] is chosen once per document, from its first records ([`detect`]) or by its name
//! ([`by_name`]). It then makes a [`Mapper`] for this one document, which resolves the header
//! once. Tables, XML items and flat JSON objects that differ in their columns' names only share
//! one mechanism, [`flat`]: a new name is one line of `flat/aliases.rs`.
//!
//! Promises: no input panics; a record gives at most `DRAFTS_MAX` drafts and each
//! draft is bounded; names in drafts are those that the feed uses. Must not decide what is valid.

mod acp;
mod columns;
mod escapes;
pub mod flat;
mod google;
mod google_retail;
mod gumroad;
mod inventory;
mod json;
pub mod map_output;
mod medusa;
mod meta;
mod openai;
mod parent_cache;
mod pinterest;
mod sample;
mod schema_org;
mod shopify_csv;
mod shopify_json;
mod stock_status;
mod stripe;
#[cfg(test)]
mod tests;
mod tiktok;
mod woocommerce;
mod x;

use buywire_schemas::catalog::issue::{Code, Issue};

use crate::read::{DocumentKind, Parsed};

pub use self::map_output::MapOutput;
pub use self::sample::Sample;

/// Every format, the more particular before the more general: of equal confidence the first is taken.
pub static FORMATS: &[&dyn Format] = &[
    &shopify_csv::ShopifyCsv,
    &woocommerce::WooCommerce,
    &medusa::Medusa,
    &shopify_json::ShopifyJson,
    &gumroad::Gumroad,
    &stripe::Stripe,
    &google_retail::GoogleRetail,
    &schema_org::SchemaOrg,
    &acp::ACP,
    &acp::OPENAI_PRODUCTS,
    &openai::OPENAI,
    &meta::META,
    &tiktok::TIKTOK,
    &pinterest::PINTEREST,
    &google::GOOGLE,
    &x::X,
    &inventory::INVENTORY,
];

/// How sure a format is that a document is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// It is not.
    No,
    /// It could be: the names fit as far as they go.
    Possible,
    /// The names are its own, and others use them too.
    Likely,
    /// Nobody else has these names.
    Certain,
}

/// What a format must know of the feed beside its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormatRules {
    /// Where exports that have no links lead, such as `https://shop.example`; without a final slash.
    pub shop_url: Option<String>,
    /// ISO 4217: which price is taken where an export has one column a currency.
    pub default_currency: Option<String>,
    /// The feed changes items that exist (inventory, supplemental): no column but the id is required.
    pub partial: bool,
}

impl FormatRules {
    /// The address of a page of the shop.
    fn page_url(&self, path: &str) -> Option<String> {
        let shop = self.shop_url.as_deref()?.trim_end_matches('/');
        Some(format!("{shop}/{path}"))
    }
}

/// One form in which merchants write their catalogs.
pub trait Format: Sync {
    /// Stable; in reports, and as `?format=`.
    fn name(&self) -> &'static str;

    /// For people.
    fn title(&self) -> &'static str;

    /// Whether a document that begins so is of this format.
    fn confidence(&self, sample: &Sample<'_>) -> Confidence;

    /// Whether its records are stock and prices of items that exist already, and cannot make new ones.
    fn is_stock_only(&self) -> bool {
        false
    }

    /// Whether it has a place for brands, so that a missing one is worth a word.
    fn has_brands(&self) -> bool {
        true
    }

    /// What takes the records of this one document apart. What its header lacks, doubles or has
    /// in excess goes to `issues`.
    fn mapper(
        &self,
        kind: &DocumentKind,
        rules: &FormatRules,
        issues: &mut Vec<Issue>,
    ) -> Box<dyn Mapper + Send>;
}

/// A record and where it stands.
#[derive(Debug)]
pub struct Row<'a> {
    /// The row of a table with its header as row 1, or the line where the record begins.
    pub row: u64,
    /// Taken apart.
    pub parsed: Parsed<'a>,
}

/// A format at work on one document.
pub trait Mapper {
    /// What this group of records says: one record, unless [`Self::groups_rows`]. One record may give
    /// several drafts, or none.
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut MapOutput);

    /// Whether [`Self::continues_group`] must be asked before the records are mapped.
    fn groups_rows(&self) -> bool {
        false
    }

    /// Whether the next record continues the group of the previous one.
    fn continues_group(&self, _previous: &Parsed<'_>, _next: &Parsed<'_>) -> bool {
        false
    }

    /// Whether a record's drafts depend on that record (or group) alone. If not, a record that has
    /// not changed may still give other drafts than before.
    fn is_self_contained(&self) -> bool {
        true
    }

    /// What is left to say when there are no more records.
    fn finish(&mut self, _out: &mut MapOutput) {}
}

/// The format with this name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}

/// The format of a document that begins with these records.
///
/// # Errors
/// A run-level issue, with the names that were found, when no format has them.
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
