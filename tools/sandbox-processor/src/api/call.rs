//! One call of an operation: who asks for what, at which time.

use serde_json::Value;

use crate::flows::Forced;

/// What a handler knows of a request. Its parameters are checked.
#[derive(Debug)]
pub(crate) struct ApiCall<'a> {
    pub(crate) now_s: i64,
    /// The ids in the path, in order.
    pub(crate) ids: Vec<&'a str>,
    /// The path without its query.
    pub(crate) path: &'a str,
    pub(crate) params: Value,
    pub(crate) forced: Forced,
    pub(crate) fingerprint_key: &'a [u8; 32],
    /// Whether `Stripe-Version` names a preview.
    pub(crate) is_preview: bool,
}

impl ApiCall<'_> {
    /// The first id in the path; the routes say that there is one.
    pub(crate) fn id(&self) -> &str {
        self.ids.first().copied().unwrap_or_default()
    }
}
