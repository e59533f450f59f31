//! The small bodies about an order that is already here: cancel and redact.

use crate::{
    problem::Refused,
    read::{Reader, text},
    refund::REASON_CHARS_MAX,
};

/// `POST /v1/orders/{id}/cancel`: no body, or why.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CancelRequest {
    /// Why, for people; kept in the audit.
    pub reason: Option<String>,
}

impl CancelRequest {
    /// Reads the body; an empty one gives no reason.
    pub fn parse(body: &[u8]) -> Result<Self, Refused> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        let mut body = Reader::object(body)?;
        let reason = body.optional("reason", text(0..=REASON_CHARS_MAX));
        body.finish(|| Some(Self { reason }))
    }
}

/// `POST /v1/orders/{id}/redact`: always with a reason, because it cannot be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedactRequest {
    /// Why, for the audit. It must not name the buyer.
    pub reason: String,
}

impl RedactRequest {
    /// Reads the body.
    pub fn parse(body: &[u8]) -> Result<Self, Refused> {
        let mut body = Reader::object(body)?;
        let reason = body.required("reason", text(1..=REASON_CHARS_MAX));
        body.finish(|| Some(Self { reason: reason? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancel_needs_no_body_and_a_redact_a_reason() {
        assert_eq!(
            CancelRequest::parse(b"").unwrap(),
            CancelRequest { reason: None }
        );
        assert_eq!(
            CancelRequest::parse(b"{}").unwrap(),
            CancelRequest { reason: None }
        );
        let told = CancelRequest::parse(br#"{"reason":"sold out"}"#).unwrap();
        assert_eq!(told.reason.as_deref(), Some("sold out"));
        assert!(CancelRequest::parse(br#"{"why":"x"}"#).is_err());
        assert!(RedactRequest::parse(b"{}").is_err());
        assert_eq!(
            RedactRequest::parse(br#"{"reason":"GDPR 17"}"#)
                .unwrap()
                .reason,
            "GDPR 17"
        );
    }
}
