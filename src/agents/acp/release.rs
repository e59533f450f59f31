//! What a release of ACP fixes.

/// The release.
pub(crate) const VERSION: &str = "2026-04-17";

/// The id of the one payment handler.
pub(super) const HANDLER: &str = "card_tokenized";
