//! Stripe's error envelope: `{"error": {type, code, message, param, …}}`.
//!
//! Promises: no message repeats what was sent but the names of parameters. An error knows whether an idempotency key
//! keeps it: what was refused before anything was tried may be repeated with the same key.

use serde_json::{Map, Value, json};

use crate::machine::{IntentRefusal, SessionRefusal};
use crate::store::OBJECTS_MAX;

/// Why a request is refused.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    /// Whether an idempotency key keeps this answer.
    pub(crate) is_kept: bool,
    members: Map<String, Value>,
}

impl ApiError {
    fn new(status: u16, kind: &str, code: Option<&str>, message: impl Into<String>) -> Self {
        let mut members = Map::new();
        members.insert("type".to_owned(), kind.into());
        members.insert("message".to_owned(), message.into().into());
        members.extend(code.map(|code| ("code".to_owned(), code.into())));
        Self {
            status,
            is_kept: true,
            members,
        }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    fn not_kept(self) -> Self {
        Self {
            is_kept: false,
            ..self
        }
    }

    /// A parameter that cannot be used.
    pub(crate) fn parameter(code: Option<&str>, param: &str, message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", code, message)
            .with("param", param)
            .not_kept()
    }

    pub(crate) fn missing(param: &str) -> Self {
        let message = format!("Missing required param: {param}.");
        Self::parameter(Some("parameter_missing"), param, message)
    }

    /// The request as a whole cannot be used.
    pub(crate) fn request(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", None, message).not_kept()
    }

    pub(crate) fn unauthorized(message: &str) -> Self {
        Self::new(401, "invalid_request_error", None, message).not_kept()
    }

    pub(crate) fn no_route() -> Self {
        let message = "The sandbox has no such route. Its README lists those it has.";
        Self::new(404, "invalid_request_error", None, message).not_kept()
    }

    pub(crate) fn no_object(kind: &str, param: &str) -> Self {
        let message = format!("No such {kind}.");
        Self::new(
            404,
            "invalid_request_error",
            Some("resource_missing"),
            message,
        )
        .with("param", param)
    }

    /// A rule of the object refuses.
    pub(crate) fn refused(code: Option<&str>, message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", code, message)
    }

    pub(crate) fn full() -> Self {
        let message = format!(
            "The sandbox keeps {OBJECTS_MAX} objects of a kind. Forget them with DELETE /_control/data."
        );
        Self::new(400, "invalid_request_error", None, message).not_kept()
    }

    pub(crate) fn idempotency(status: u16, code: Option<&str>, message: &str) -> Self {
        Self::new(status, "idempotency_error", code, message).not_kept()
    }

    /// A failure of the processor itself.
    pub(crate) fn api(status: u16) -> Self {
        let message = "The sandbox fails here because a fault demands it.";
        Self::new(status, "api_error", None, message)
    }

    /// A command that an intent's state does not allow, with the intent as it is.
    pub(crate) fn intent(refusal: IntentRefusal, intent: Value) -> Self {
        let (code, message) = match refusal {
            IntentRefusal::UnexpectedState { verb, status } => (
                "payment_intent_unexpected_state",
                format!(
                    "You cannot {verb} this PaymentIntent because it has a status of {}.",
                    status.as_str()
                ),
            ),
            IntentRefusal::AmountTooSmall => (
                "parameter_invalid_integer",
                "An amount is at least 1.".to_owned(),
            ),
            IntentRefusal::AmountTooLarge { max } => (
                "amount_too_large",
                format!("The amount exceeds what is left: at most {max}."),
            ),
            IntentRefusal::AlreadyRefunded => (
                "charge_already_refunded",
                "The charge has been refunded already.".to_owned(),
            ),
            IntentRefusal::Disputed => (
                "charge_disputed",
                "The charge is disputed and cannot be refunded.".to_owned(),
            ),
        };
        let error = Self::refused(Some(code), message);
        match intent {
            Value::Null => error,
            intent => error.with("payment_intent", intent),
        }
    }

    pub(crate) fn session(SessionRefusal(status): SessionRefusal) -> Self {
        let message = format!(
            "Only Checkout Sessions with a status of open can be expired. This one is {}.",
            status.as_str()
        );
        Self::refused(None, message)
    }

    /// The bank declined: what the intent's last error says, and the intent.
    pub(crate) fn declined(last_error: Value, intent: Value) -> Self {
        let mut error = Self::new(402, "card_error", None, "");
        if let Value::Object(members) = last_error {
            error.members = members;
        }
        error.with("payment_intent", intent)
    }

    /// The document that the client reads.
    pub(crate) fn document(&self) -> Value {
        json!({"error": self.members})
    }
}
