//! What a format is: it recognises its documents and maps their records to drafts.
//!
//! [`Format`] is chosen once per document; its [`Mapper`] works on that one document.

use buywire_schemas::catalog::issue::Issue;

use super::map_output::MapOutput;
use super::sample::Sample;
use crate::read::{DocumentKind, Parsed};

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
    pub(super) fn page_url(&self, path: &str) -> Option<String> {
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
    /// What this group of records says: one record, unless [`Self::groups`]. One record may give
    /// several drafts, or none.
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut MapOutput);

    /// Whether [`Self::joins`] must be asked before the records are mapped.
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
