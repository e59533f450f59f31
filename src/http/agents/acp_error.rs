//! ACP's errors: flat, with a type, a code, a sentence, and the path of what is wrong.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use serde_json::{Value, json};

use super::reply::Reply;
use crate::agents::AgentError;
use crate::agents::acp::VERSION;
use crate::http::problem::ApiError;

/// An error on its way to an agent.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{code}")]
pub(in crate::http) struct AcpError {
    status: u16,
    kind: &'static str,
    code: String,
    message: String,
    param: Option<String>,
    names_versions: bool,
}

impl AcpError {
    fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        let kind = match status {
            429 | 503 => "service_unavailable",
            500.. => "processing_error",
            _ => "invalid_request",
        };
        Self {
            status,
            kind,
            code: code.into(),
            message: message.into(),
            param: None,
            names_versions: false,
        }
    }

    fn at(self, param: impl Into<String>) -> Self {
        Self {
            param: Some(param.into()),
            ..self
        }
    }

    pub(super) fn version(code: &'static str) -> Self {
        let message = format!("Send the header `API-Version: {VERSION}`.");
        Self {
            names_versions: true,
            ..Self::new(400, code, message)
        }
    }

    pub(super) fn key_required() -> Self {
        let message = "Send the header `Idempotency-Key`, 1 to 255 characters, with every POST.";
        Self::new(400, "idempotency_key_required", message)
    }

    pub(super) fn in_flight() -> Self {
        let message =
            "The first request with this key is not answered yet: repeat it after `Retry-After`.";
        Self::new(409, "idempotency_in_flight", message)
    }

    pub(super) fn conflict() -> Self {
        let message = "The first request with this key had another body: use a new key.";
        Self::new(422, "idempotency_conflict", message)
    }

    pub(super) fn not_json() -> Self {
        Self::new(400, "invalid_json", "Send a JSON document.")
    }

    /// What a refusal of the room is in this protocol.
    pub(super) fn of(error: AgentError, is_cancel: bool) -> Self {
        let message = error.to_string();
        let refuse = |status, code| Self::new(status, code, format!("{message}."));
        match error {
            AgentError::NotFound => refuse(404, "not_found"),
            AgentError::Invalid {
                pointer,
                code,
                detail,
            } => Self::new(400, code, detail).at(json_path(&pointer)),
            AgentError::Ended if is_cancel => refuse(405, "not_cancelable"),
            AgentError::Ended => refuse(409, "session_ended"),
            AgentError::PaymentInProgress => refuse(409, "payment_in_progress"),
            AgentError::AuthenticationRequired => {
                refuse(400, "requires_3ds").at("$.authentication_result")
            }
            AgentError::NotReady => refuse(409, "not_ready_for_payment"),
            AgentError::Stopped | AgentError::Busy => refuse(503, "unavailable"),
            AgentError::Failed(cause) => {
                tracing::error!(error = %cause, "agents.acp: failed");
                Self::new(
                    500,
                    "internal",
                    "Something failed here. Repeat the request.",
                )
            }
        }
    }

    pub(super) fn document(&self) -> Value {
        let mut document = json!({"type": self.kind, "code": self.code, "message": self.message});
        let Some(members) = document.as_object_mut() else {
            return document;
        };
        if let Some(param) = &self.param {
            members.insert("param".to_owned(), json!(param));
        }
        if self.names_versions {
            members.insert("supported_versions".to_owned(), json!([VERSION]));
        }
        document
    }

    pub(super) fn reply(&self) -> Reply {
        Reply::new(self.status, &self.document())
    }

    pub(super) fn response(&self) -> HttpResponseBuilder {
        let mut response = HttpResponseBuilder::new(self.status_code());
        match self.status {
            401 => response.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"buywire\"")),
            405 => response.insert_header((ALLOW, "GET")),
            409 | 429 | 503 => response.insert_header((RETRY_AFTER, "1")),
            _ => &mut response,
        };
        response.insert_header(("cache-control", "no-store"));
        response
    }
}

/// A JSON pointer in the protocol's notation: `/line_items/0/id` is `$.line_items[0].id`.
fn json_path(pointer: &str) -> String {
    let mut path = "$".to_owned();
    for part in pointer.split('/').filter(|part| !part.is_empty()) {
        match part.bytes().all(|byte| byte.is_ascii_digit()) {
            true => path.push_str(&format!("[{part}]")),
            false => path.push_str(&format!(".{part}")),
        }
    }
    path
}

impl ResponseError for AcpError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        self.response().json(self.document())
    }
}

impl From<AgentError> for AcpError {
    fn from(error: AgentError) -> Self {
        Self::of(error, false)
    }
}

impl From<ApiError> for AcpError {
    fn from(error: ApiError) -> Self {
        let problem = error.problem();
        let code = problem.kind.rsplit('/').next().unwrap_or_default();
        Self::new(problem.status, code.replace('-', "_"), problem.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_becomes_a_path() {
        assert_eq!(json_path("/line_items/0/id"), "$.line_items[0].id");
        assert_eq!(json_path(""), "$");
    }
}
