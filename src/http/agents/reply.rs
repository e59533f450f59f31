//! An answer to an agent before it is HTTP: what is kept under an idempotency key.

use serde_json::Value;

/// A status and a JSON document.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// It was given before.
    pub(super) is_replayed: bool,
}

impl Reply {
    pub(super) fn new(status: u16, body: &Value) -> Self {
        Self {
            status,
            body: body.to_string().into_bytes(),
            is_replayed: false,
        }
    }
}
