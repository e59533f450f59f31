//! What a body would change of an endpoint, before it is saved.
//!
//! Promises: checks all that saving checks, and stores nothing.

use super::{EndpointRef, PartnerError, Partners, Principal};
use crate::store::partners::endpoints::Endpoint;

/// An endpoint before and after a change.
pub(crate) struct EndpointChange {
    pub(crate) before: Endpoint,
    pub(crate) after: Endpoint,
    /// Whether the whole URL differs, also in a part that is not shown.
    pub(crate) is_url_changed: bool,
}

impl Partners {
    /// The endpoint as this body would make it.
    pub(crate) async fn preview_endpoint(
        &self,
        principal: Principal<'_>,
        target: EndpointRef<'_>,
        body: &[u8],
    ) -> Result<EndpointChange, PartnerError> {
        let patch = self.parse_endpoint_patch(principal, body)?;
        patch.check_rights(principal)?;
        let before = self
            .store
            .endpoint(target.slug.as_str(), target.id)
            .await?
            .ok_or(PartnerError::NotFound)?;
        if target.version.is_some_and(|read| read != before.version) {
            return Err(PartnerError::Stale);
        }
        let mut after = before.clone();
        self.apply_endpoint_patch(patch, principal.saved_by(), &mut after)?;
        let is_url_changed = self.full_url(&before)? != self.full_url(&after)?;
        Ok(EndpointChange {
            before,
            after,
            is_url_changed,
        })
    }
}
