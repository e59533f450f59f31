//! UCP's errors: an envelope with a message, and the code once more for clients that read only that.

use actix_web::http::StatusCode;
use actix_web::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use serde_json::{Value, json};

use super::reply::Reply;
use crate::agents::AgentError;
use crate::agents::ucp::{VERSION, failure};
use crate::http::problem::ApiError;

/// An error on its way to an agent.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{code}")]
pub(in crate::http) struct UcpError {
    status: u16,
    code: String,
    content: String,
}

impl UcpError {
    fn new(status: u16, code: impl Into<String>, content: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            content: content.into(),
        }
    }

    pub(super) fn profile() -> Self {
        let content = "Send the header `UCP-Agent: profile=\"https://…/.well-known/ucp\"`.";
        Self::new(400, "invalid_profile_url", content)
    }

    pub(super) fn version() -> Self {
        let content = format!("This endpoint speaks release {VERSION}.");
        Self::new(422, "version_unsupported", content)
    }

    pub(super) fn in_flight() -> Self {
        let content =
            "The first request with this key is not answered yet: repeat it after `Retry-After`.";
        Self::new(409, "idempotency_in_flight", content)
    }

    pub(super) fn conflict() -> Self {
        let content = "The first request with this key had another body: use a new key.";
        Self::new(409, "idempotency_conflict", content)
    }

    pub(super) fn not_json() -> Self {
        Self::new(400, "invalid_json", "Send a JSON document.")
    }

    pub(super) fn document(&self) -> Value {
        let severity = match self.status {
            409 | 429 | 503 => "recoverable",
            _ => "unrecoverable",
        };
        let mut document = failure(&self.code, &self.content, severity);
        if let Some(members) = document.as_object_mut() {
            members.insert("code".to_owned(), json!(self.code));
            members.insert("content".to_owned(), json!(self.content));
            members.insert("detail".to_owned(), json!(self.content));
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
            409 | 429 | 503 => response.insert_header((RETRY_AFTER, "1")),
            _ => &mut response,
        };
        response.insert_header(("cache-control", "no-store"));
        response
    }
}

impl ResponseError for UcpError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        self.response().json(self.document())
    }
}

impl From<AgentError> for UcpError {
    fn from(error: AgentError) -> Self {
        let content = format!("{error}.");
        let refuse = |status, code| Self::new(status, code, content.clone());
        match error {
            AgentError::NotFound => refuse(404, "not_found"),
            AgentError::Invalid {
                pointer,
                code,
                detail,
            } => Self::new(400, code, format!("{pointer}: {detail}")),
            AgentError::Ended => refuse(409, "checkout_ended"),
            AgentError::PaymentInProgress | AgentError::AuthenticationRequired => {
                refuse(409, "payment_in_progress")
            }
            AgentError::NotReady => refuse(409, "not_ready_for_complete"),
            AgentError::Stopped | AgentError::Busy => refuse(503, "unavailable"),
            AgentError::Failed(cause) => {
                tracing::error!(error = %cause, "agents.ucp: failed");
                Self::new(
                    500,
                    "internal",
                    "Something failed here. Repeat the request.",
                )
            }
        }
    }
}

impl From<ApiError> for UcpError {
    fn from(error: ApiError) -> Self {
        let problem = error.problem();
        let code = problem.kind.rsplit('/').next().unwrap_or_default();
        Self::new(problem.status, code.replace('-', "_"), problem.detail)
    }
}
