//! Reads a refusal of Stripe's API: what it means for the caller.
//!
//! By the table of statuses and codes at <https://docs.stripe.com/api/errors> and
//! <https://docs.stripe.com/api/idempotent_requests>. Must not pass on its message, which may repeat what was sent.

use serde::Deserialize;

use crate::payments::error::{PaymentError, UnknownCause};

/// The object is not in the state that the request needs.
const STATE_CODES: [&str; 10] = [
    "capture_charge_authorization_expired",
    "capture_unauthorized_payment",
    "charge_already_captured",
    "charge_already_refunded",
    "charge_disputed",
    "charge_expired_for_capture",
    "charge_not_refundable",
    "intent_invalid_state",
    "payment_intent_unexpected_state",
    "resource_already_exists",
];

/// Codes are short; anything longer is not one.
const CODE_BYTES_MAX: usize = 64;
const PARAM_BYTES_MAX: usize = 128;

#[derive(Deserialize, Default)]
struct Envelope {
    #[serde(default)]
    error: Refusal,
}

#[derive(Deserialize, Default)]
struct Refusal {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    decline_code: Option<String>,
    #[serde(default)]
    param: Option<String>,
}

/// An answer with another status than 2xx.
pub(super) fn classify(status: u16, is_replay: bool, body: &[u8]) -> PaymentError {
    let envelope = serde_json::from_slice::<Envelope>(body).unwrap_or_default();
    let refusal = envelope.error;
    let code = code(refusal.code.as_deref());
    let is_idempotency = refusal.kind.as_deref() == Some("idempotency_error");
    match status {
        401 | 403 => PaymentError::Misconfigured("the key is not accepted"),
        402 => PaymentError::Declined {
            code: decline_code(refusal.decline_code.as_deref(), refusal.code.as_deref()),
        },
        409 => PaymentError::Unknown(UnknownCause::InFlight),
        // Refused before it began, also when another request holds the object.
        429 => PaymentError::NotSent("too many requests"),
        // The processor depends on somebody who failed.
        424 | 500.. if is_replay => PaymentError::Unknown(UnknownCause::FailureReplayed(status)),
        424 | 500.. => PaymentError::Unknown(UnknownCause::ServerError(status)),
        400..=499 if is_idempotency => PaymentError::refused("idempotency_key_reused", None),
        400..=499 if STATE_CODES.contains(&code.as_str()) => PaymentError::InvalidState { code },
        400..=499 => PaymentError::Refused {
            code,
            param: refusal.param.as_deref().and_then(param),
        },
        // The API never redirects: something else answers at this URL.
        _ => PaymentError::Misconfigured("the URL is not the processor's API"),
    }
}

/// Why a payment failed, by the more precise of the two.
pub(super) fn decline_code(decline_code: Option<&str>, fallback: Option<&str>) -> String {
    code(decline_code.or(fallback))
}

fn code(text: Option<&str>) -> String {
    let is_code = |text: &&str| {
        let is_letter =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        (1..=CODE_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_letter)
    };
    text.filter(is_code).unwrap_or("unspecified").to_owned()
}

/// The name of a parameter, such as `line_items[0][quantity]`.
fn param(text: &str) -> Option<String> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'[' | b']');
    let is_param = (1..=PARAM_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_letter);
    is_param.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn classified(status: u16, error: serde_json::Value) -> PaymentError {
        classify(
            status,
            false,
            json!({"error": error}).to_string().as_bytes(),
        )
    }

    #[test]
    fn a_status_says_what_may_be_concluded() {
        use PaymentError as E;
        let declined = json!({"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"});
        let state =
            json!({"type": "invalid_request_error", "code": "payment_intent_unexpected_state"});
        let missing = json!({"code": "parameter_missing", "param": "line_items[0][quantity]", "message": "a@b.c"});
        let reused = json!({"type": "idempotency_error"});
        let code = |code: &str| code.to_owned();
        for (status, error, expected) in [
            (
                402,
                declined,
                E::Declined {
                    code: code("insufficient_funds"),
                },
            ),
            (
                402,
                json!({}),
                E::Declined {
                    code: code("unspecified"),
                },
            ),
            (
                400,
                state,
                E::InvalidState {
                    code: code("payment_intent_unexpected_state"),
                },
            ),
            (
                400,
                missing,
                E::Refused {
                    code: code("parameter_missing"),
                    param: Some(code("line_items[0][quantity]")),
                },
            ),
            (400, reused, E::refused("idempotency_key_reused", None)),
            (401, json!({}), E::Misconfigured("the key is not accepted")),
            (403, json!({}), E::Misconfigured("the key is not accepted")),
            (
                404,
                json!({"code": "resource_missing"}),
                E::refused("resource_missing", None),
            ),
            (409, json!({}), E::Unknown(UnknownCause::InFlight)),
            (424, json!({}), E::Unknown(UnknownCause::ServerError(424))),
            (429, json!({}), E::NotSent("too many requests")),
            (500, json!({}), E::Unknown(UnknownCause::ServerError(500))),
            (
                302,
                json!({}),
                E::Misconfigured("the URL is not the processor's API"),
            ),
        ] {
            assert_eq!(classified(status, error), expected);
        }
        let replayed = E::Unknown(UnknownCause::FailureReplayed(500));
        assert_eq!(classify(500, true, b"<html>"), replayed);
    }

    proptest! {
        /// Nothing of the buyer's can hide in a code.
        #[test]
        fn nothing_but_codes_is_passed_on(status in 300_u16..600, code in ".*", param in ".*", body in ".*") {
            let of_fields = classified(status, json!({"code": code, "decline_code": code, "param": param}));
            for error in [of_fields, classify(status, false, body.as_bytes())] {
                let text = format!("{error:?}");
                prop_assert!(!text.contains('@') && text.is_ascii() && text.len() < 400);
            }
        }
    }
}
