//! What a run's report says of pictures: the items of its feed that cannot be bought because of them.

use buywire_schemas::catalog::issue::{Code, EXCERPT_CHARS_MAX, Issue};

use crate::catalog::reading::Notes;
use crate::store::StoreError;
use crate::store::catalog::Live;

/// Adds a finding for each item of a compared run whose picture is refused.
pub(in crate::catalog) async fn note_refused(
    live: &Live<'_>,
    is_full: bool,
    notes: &mut Notes,
) -> Result<(), StoreError> {
    for refusal in live.refused_images(is_full).await? {
        let code = refusal.why.as_deref().and_then(|why| why.parse().ok());
        notes.add(Issue {
            attribute: Some("image".to_owned()),
            row: refusal.line,
            item_id: Some(refusal.item_id),
            value: Some(refusal.url.chars().take(EXCERPT_CHARS_MAX).collect()),
            ..Issue::new(code.unwrap_or(Code::ImageNotFound))
        });
    }
    Ok(())
}
