//! Why a request of an agent is refused or fails. Faces write it in their own form.

use crate::checkout::CheckoutError;
use crate::db::DatabaseError;

/// Why.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AgentError {
    /// Also said of the sessions of others.
    #[error("there is no such session")]
    NotFound,
    /// A member of the request, by its JSON pointer.
    #[error("{detail}")]
    Invalid {
        pointer: String,
        code: &'static str,
        detail: String,
    },
    /// The session is completed or cancelled.
    #[error("the session has ended and is unchanged")]
    Ended,
    /// A payment is under way, which this would change.
    #[error("a payment is in progress: read the session until it has ended")]
    PaymentInProgress,
    /// The buyer has to confirm the payment at the bank.
    #[error(
        "the bank requires authentication: send the buyer to `continue_url`, then complete with its result"
    )]
    AuthenticationRequired,
    /// The session cannot be paid as it is; its messages say why.
    #[error("the session is not ready for payment: read its messages")]
    NotReady,
    /// This channel is closed for now.
    #[error("new purchases by agents are stopped")]
    Stopped,
    /// It is unknown whether it was done. Repeating it is safe.
    #[error("busy: repeat the request")]
    Busy,
    #[error(transparent)]
    Failed(CheckoutError),
}

impl AgentError {
    pub(crate) fn invalid(
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self::Invalid {
            pointer: pointer.into(),
            code,
            detail: detail.into(),
        }
    }
}

impl From<CheckoutError> for AgentError {
    fn from(error: CheckoutError) -> Self {
        use buywire_checkout::machine::Rejected as R;
        match error {
            CheckoutError::NotFound => Self::NotFound,
            CheckoutError::Busy => Self::Busy,
            CheckoutError::SwitchedOff => Self::Stopped,
            CheckoutError::Rejected(rejected) => match rejected {
                R::PaymentInProgress => Self::PaymentInProgress,
                R::AlreadyPaid | R::Ended | R::Fulfilled => Self::Ended,
                R::Stopped => Self::Stopped,
                _ => Self::NotReady,
            },
            CheckoutError::ItemUnknown { .. }
            | CheckoutError::NotBuyable { .. }
            | CheckoutError::NotOffered { .. }
            | CheckoutError::TooMany { .. }
            | CheckoutError::MixedCurrencies
            | CheckoutError::Empty
            | CheckoutError::MethodUnavailable
            | CheckoutError::QuoteChanged => Self::NotReady,
            CheckoutError::Sealed | CheckoutError::Store(_) => Self::Failed(error),
        }
    }
}

impl From<DatabaseError> for AgentError {
    fn from(error: DatabaseError) -> Self {
        CheckoutError::from(error).into()
    }
}
