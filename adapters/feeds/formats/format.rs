//! What a format is: it recognises its documents and maps their records to drafts.
//!
//! [`Format`] is chosen once per document; its [`Mapper`] works on that one document.

use buywire_schemas::catalog::issue::Issue;

use super::map_output::MapOutput;
use super::sample::Sample;
use crate::read::{DocumentKind, Parsed};

/// A format's confidence that a document is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// The document is not of this format.
    No,
    /// The document may be of this format: the known names fit.
    Possible,
    /// The names are typical of this format, but others use them too.
    Likely,
    /// Only this format has these names.
    Certain,
}

/// What a format needs to know about the feed besides its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormatRules {
    /// The shop's URL, for exports without links, such as `https://shop.example`. No trailing slash.
    pub shop_url: Option<String>,
    /// ISO 4217: which price to use if an export has one column per currency.
    pub default_currency: Option<String>,
    /// The feed changes existing items (inventory, supplemental): only the id column is required.
    pub partial: bool,
}

impl FormatRules {
    /// The URL of a page of the shop.
    pub(super) fn page_url(&self, path: &str) -> Option<String> {
        let shop = self.shop_url.as_deref()?.trim_end_matches('/');
        Some(format!("{shop}/{path}"))
    }
}

/// A feed format.
pub trait Format: Sync {
    /// The stable name, in reports and as `?format=`.
    fn name(&self) -> &'static str;

    /// The display name.
    fn title(&self) -> &'static str;

    /// The confidence that a document with this sample is of this format.
    fn confidence(&self, sample: &Sample<'_>) -> Confidence;

    /// Whether records only change stock and prices of existing items.
    fn is_stock_only(&self) -> bool {
        false
    }

    /// Whether the format has brands, so that a missing one is reported.
    fn has_brands(&self) -> bool {
        true
    }

    /// Creates the mapper of one document. Columns that the header lacks, repeats or adds
    /// are reported in `issues`.
    fn mapper(
        &self,
        kind: &DocumentKind,
        rules: &FormatRules,
        issues: &mut Vec<Issue>,
    ) -> Box<dyn Mapper + Send>;
}

/// A record and its position.
#[derive(Debug)]
pub struct Row<'a> {
    /// The row of a table, whose header is row 1, or the line where the record begins.
    pub row: u64,
    /// The parsed record.
    pub parsed: Parsed<'a>,
}

/// Maps the records of one document.
pub trait Mapper {
    /// Maps a group of records: one record, unless [`Self::groups_rows`]. A record may give
    /// several drafts, or none.
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut MapOutput);

    /// Whether [`Self::continues_group`] must be asked before records are mapped.
    fn groups_rows(&self) -> bool {
        false
    }

    /// Whether the next record continues the group of the previous one.
    fn continues_group(&self, _previous: &Parsed<'_>, _next: &Parsed<'_>) -> bool {
        false
    }

    /// Whether a record's drafts depend on that record (or group) alone. If not, a record that has
    /// not changed may still give different drafts.
    fn is_self_contained(&self) -> bool {
        true
    }

    /// Emits what is left after the last record.
    fn finish(&mut self, _out: &mut MapOutput) {}
}
