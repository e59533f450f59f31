//! Why a processor did not do what was requested, as what the caller may conclude from it.
//!
//! Promises: no message holds a key, a body or personal data: codes and names of parameters only, in a fixed alphabet.

/// What the caller may conclude.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaymentError {
    /// The buyer's bank or the processor said no. The buyer may try again, also with another card.
    #[error("the payment was declined ({code})")]
    Declined { code: String },
    /// It was not done, and never will be: do not repeat it.
    #[error("the processor refuses the request ({code}{})", of_param(.param.as_deref()))]
    Refused { code: String, param: Option<String> },
    /// The object is in another state than this needs, such as captured or expired already. Read it again.
    #[error("the object's state does not allow this ({code}): read it again")]
    InvalidState { code: String },
    /// It was not done: nothing arrived at the processor, or it was too busy to begin. Repeat it later.
    #[error("the processor did not begin the request: {0}")]
    NotSent(&'static str),
    /// It may have been done. Repeat it with the same idempotency key, or read the object again.
    #[error("the outcome is unknown: {0}")]
    Unknown(UnknownCause),
    /// It was not done: the operator must correct a setting.
    #[error("the processor's settings are wrong: {0}")]
    Misconfigured(&'static str),
    /// The processor's page is not on its own hosts. No buyer may be sent there.
    #[error("the hosted page is not on the processor's hosts")]
    UnexpectedRedirect,
}

/// Why an outcome is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnknownCause {
    #[error("no answer in time")]
    Timeout,
    #[error("the connection broke")]
    ConnectionLost,
    #[error("the processor failed with status {0}")]
    ServerError(u16),
    /// An earlier request with the same key has not ended yet.
    #[error("the same request is in progress")]
    InFlight,
    /// The processor failed under this key and repeats that answer. What it did is only visible in the object itself.
    #[error("the processor repeats the failure with status {0} for this key")]
    FailureReplayed(u16),
    /// Too large, not JSON, or not the object that was requested.
    #[error("the answer cannot be read")]
    Unreadable,
}

impl PaymentError {
    /// Refused here: the request was not sent.
    pub(super) fn refused(code: &'static str, param: Option<&'static str>) -> Self {
        Self::Refused {
            code: code.to_owned(),
            param: param.map(str::to_owned),
        }
    }

    pub(super) fn unreadable() -> Self {
        Self::Unknown(UnknownCause::Unreadable)
    }
}

fn of_param(param: Option<&str>) -> String {
    param.map_or_else(String::new, |param| format!(", {param}"))
}
