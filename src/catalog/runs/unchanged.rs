//! The same once more: when a document need not be read, because the catalog is what it says.
//!
//! Equal bytes are the same feed only when they are read in the same way: under the same settings, with the same
//! hints, by the same release.

use buywire_feeds::read::Hints;
use buywire_schemas::catalog::issue::Code;
use buywire_schemas::catalog::report::RunStatus;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::catalog::runs::job::{RunCompletion, RunJob, event_data};
use crate::db::DatabaseError;
use crate::store::Store;
use crate::store::catalog::Mode;

/// Digest of what decides how any document of a partner is read.
pub(crate) fn settings_digest(settings: &Value, format: Option<&str>) -> [u8; 32] {
    // A later release may find what this one did not.
    let all = json!([env!("CARGO_PKG_VERSION"), settings, format]);
    Sha256::digest(all.to_string()).into()
}

/// The same, with what the transport has said of one document.
pub(crate) fn document_digest(settings: &Value, format: Option<&str>, hints: &Hints) -> [u8; 32] {
    let mut digest = Sha256::new_with_prefix(settings_digest(settings, format));
    digest.update(format!("{hints:?}"));
    digest.finalize().into()
}

/// Ends a run whose document says what the catalog is; none when it must be read.
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
