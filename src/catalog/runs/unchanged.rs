//! Skips reading a document that equals the one last applied.
//!
//! Equal bytes make the same feed only if they are read in the same way: with the same settings and hints, by the
//! same release.

use buywire_feeds::read::Hints;
use buywire_schemas::catalog::issue::Code;
use buywire_schemas::catalog::report::RunStatus;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::catalog::runs::job::{RunCompletion, RunJob, event_data};
use crate::db::DatabaseError;
use crate::store::Store;
use crate::store::catalog::Mode;

/// The digest of what determines how a partner's documents are read.
pub(crate) fn settings_digest(settings: &Value, format: Option<&str>) -> [u8; 32] {
    // Another release may report other findings.
    let all = json!([env!("CARGO_PKG_VERSION"), settings, format]);
    Sha256::digest(all.to_string()).into()
}

/// [`settings_digest`], extended by the transport's hints for one document.
pub(crate) fn document_digest(settings: &Value, format: Option<&str>, hints: &Hints) -> [u8; 32] {
    let mut digest = Sha256::new_with_prefix(settings_digest(settings, format));
    digest.update(format!("{hints:?}"));
    digest.finalize().into()
}

/// Ends a run whose document equals the one last applied; returns `None` when the document must be read.
pub(crate) async fn end_if_unchanged(
    store: &Store,
    job: &RunJob,
) -> Result<RunCompletion, DatabaseError> {
    let submission = &job.submission;
    if submission.mode != Mode::Full {
        return Ok(None);
    }
    let data = |items: &_| {
        let reason = Some(Code::SameContent.as_str());
        event_data(&job.slug, job.id, RunStatus::Applied, reason, items)
    };
    store
        .end_unchanged_run(job.id, job.partner, submission.dry_run, data)
        .await
}
