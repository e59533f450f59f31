//! The same once more: when a document need not be read, because the catalog is what it says.
//!
//! Equal bytes are the same feed only when they are read in the same way: under the same settings, with the same
//! hints, by the same release.

use buywire_adapters::read::Hints;
use buywire_schemas::catalog::issue::Code;
use buywire_schemas::catalog::report::Status;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::run::{Done, Task, event};
use crate::store::catalog::Mode;
use crate::store::{Store, StoreError};

/// Digest of what decides how any document of a partner is read.
pub(super) fn reading(settings: &Value, format: Option<&str>) -> [u8; 32] {
    // A later release may find what this one did not.
    let all = json!([env!("CARGO_PKG_VERSION"), settings, format]);
    Sha256::digest(all.to_string()).into()
}

/// The same, with what the transport has said of one document.
pub(super) fn reading_of(settings: &Value, format: Option<&str>, hints: &Hints) -> [u8; 32] {
    let mut digest = Sha256::new_with_prefix(reading(settings, format));
    digest.update(format!("{hints:?}"));
    digest.finalize().into()
}

/// Ends a run whose document says what the catalog is; none when it must be read.
pub(super) async fn cut_short(store: &Store, task: &Task) -> Result<Done, StoreError> {
    let brought = &task.brought;
    if brought.mode != Mode::Full {
        return Ok(None);
    }
    let about = |items: &_| {
        let reason = Some(Code::SameContent.as_str());
        event(&task.slug, task.id, Status::Applied, reason, items)
    };
    store
        .end_as_same(task.id, task.partner, brought.dry_run, about)
        .await
}
