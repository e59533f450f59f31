//! Why a hook gave no answer.

use crate::secrets::master_key::SealError;

/// Without values: it is logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HookFailure {
    /// It has failed too often, and is given a rest.
    #[error("its circuit is open")]
    CircuitOpen,
    /// It has as many questions as it may have at a time.
    #[error("it has too many questions at a time")]
    Busy,
    #[error("it did not answer in time")]
    Timeout,
    #[error("it cannot be reached, or broke off")]
    Unreachable,
    #[error("it answered {0}")]
    Status(u16),
    #[error("its reply is too large")]
    TooLarge,
    /// Not what the contract says.
    #[error("its reply is refused: {code} at `{pointer}`")]
    Malformed { pointer: String, code: &'static str },
    /// The URL may not be reached any more.
    #[error("its URL is refused: {0}")]
    Url(&'static str),
    #[error("its URL or secret cannot be opened: {0}")]
    Sealed(SealError),
    /// Ours: the question cannot be written as a request.
    #[error("the question cannot be sent")]
    Unsendable,
    /// This node stops.
    #[error("the node stopped")]
    Stopped,
}

impl HookFailure {
    /// The label of the metric.
    pub(super) fn outcome(&self) -> &'static str {
        match self {
            Self::CircuitOpen => "circuit_open",
            Self::Busy => "busy",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Status(_) => "status",
            Self::TooLarge | Self::Malformed { .. } => "malformed",
            Self::Url(_) | Self::Sealed(_) => "misconfigured",
            Self::Unsendable | Self::Stopped => "failed",
        }
    }
}
