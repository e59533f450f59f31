//! The small request bodies about an existing order: cancel and redact.

use crate::{
    problem::{BodyError, FieldError},
    read::{Reader, text},
    refund::REASON_CHARS_MAX,
};

/// `POST /v1/orders/{id}/cancel`: no body, or a reason.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CancelRequest {
    /// The reason, as free text. Kept in the audit log.
    pub reason: Option<String>,
}

impl CancelRequest {
    /// Reads the body, with warnings about what was normalised. An empty body has no reason.
    pub fn parse(body: &[u8]) -> Result<(Self, Vec<FieldError>), BodyError> {
        if body.trim_ascii().is_empty() {
            return Ok(Default::default());
        }
        let mut body = Reader::tolerant(body, &[])?;
        let reason = body.optional("reason", text(0..=REASON_CHARS_MAX));
        body.finish_with_warnings(|| Some(Self { reason }))
    }
}

/// `POST /v1/orders/{id}/redact`: the reason is required, because redaction cannot be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedactRequest {
    /// The reason, for the audit log. It must not name the buyer.
    pub reason: String,
}

impl RedactRequest {
    /// Reads the body, with warnings about what was normalised.
    pub fn parse(body: &[u8]) -> Result<(Self, Vec<FieldError>), BodyError> {
        let mut body = Reader::tolerant(body, &[])?;
        let reason = body.required("reason", text(1..=REASON_CHARS_MAX));
        body.finish_with_warnings(|| Some(Self { reason: reason? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancel_needs_no_body_and_a_redact_a_reason() {
        let request = |body: &[u8]| CancelRequest::parse(body).map(|(request, _)| request.reason);
        assert_eq!(request(b"").unwrap(), None);
        assert_eq!(request(b"{}").unwrap(), None);
        assert_eq!(request(br#"{"reason":" "}"#).unwrap(), None);
        assert_eq!(
            request(br#"{"reason":"sold\r\nout "}"#).unwrap().as_deref(),
            Some("sold\nout")
        );
        assert!(request(br#"{"cause":"x"}"#).is_err());
        assert!(RedactRequest::parse(b"{}").is_err());
        let (notice, warnings) = RedactRequest::parse(br#"{"reason":"GDPR 17"}"#).unwrap();
        assert_eq!((notice.reason.as_str(), warnings.len()), ("GDPR 17", 0));
    }
}
