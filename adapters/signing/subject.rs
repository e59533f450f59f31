//! What a signature covers and what the signing headers say: one attempt, in
//! the very text that is sent. Must not hold a key.

/// One attempt as schemes see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) webhook_id: &'a str,
    /// Unix seconds, in the decimal digits that are sent.
    pub(super) timestamp: &'a str,
    pub(super) body: &'a [u8],
}
