//! Adds image findings to a run's report: items of its feed that cannot be bought because of their image.

use buywire_schemas::catalog::issue::{Code, EXCERPT_CHARS_MAX, Issue};

use crate::catalog::ingest::RunFindings;
use crate::db::DatabaseError;
use crate::store::catalog::LiveCatalog;

/// Adds a finding for each item of a compared run whose image is refused.
pub(crate) async fn add_image_findings(
    live: &LiveCatalog<'_>,
    is_full: bool,
    findings: &mut RunFindings,
) -> Result<(), DatabaseError> {
    for refusal in live.refused_images(is_full).await? {
        let code = refusal
            .reason
            .as_deref()
            .and_then(|reason| reason.parse().ok());
        findings.add(Issue {
            attribute: Some("image".to_owned()),
            row: refusal.line,
            item_id: Some(refusal.item_id),
            value: Some(refusal.url.chars().take(EXCERPT_CHARS_MAX).collect()),
            ..Issue::new(code.unwrap_or(Code::ImageNotFound))
        });
    }
    Ok(())
}
