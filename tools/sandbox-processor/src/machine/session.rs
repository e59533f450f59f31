//! The state machine of a Checkout Session.
//!
//! Promises: complete and expired stay; paid stays. Must not decide whether a payment succeeds.

use serde::Serialize;
use thiserror::Error;

/// Stripe's words for where a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SessionStatus {
    Open,
    Complete,
    Expired,
}

impl SessionStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Expired => "expired",
        }
    }
}

/// Whether the money is the merchant's. An authorised payment is unpaid until its capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentStatus {
    Unpaid,
    Paid,
}

/// A session, as far as rules go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SessionState {
    pub(crate) status: SessionStatus,
    pub(crate) payment: PaymentStatus,
}

/// What is requested of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionCommand {
    /// The buyer has finished: paid, authorised, or the bank decides later.
    Complete {
        is_paid: bool,
    },
    /// An authorised payment was captured.
    RecordCapture,
    /// The bank decided later.
    Settle {
        is_paid: bool,
    },
    Expire,
}

/// What has become true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionEvent {
    Completed,
    AsyncPaymentSucceeded,
    AsyncPaymentFailed,
    Expired,
}

/// Why a command changes nothing: the session is not in a status that allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the session is {}", .0.as_str())]
pub(crate) struct SessionRefusal(pub(crate) SessionStatus);

impl SessionState {
    pub(crate) const OPEN: Self = Self {
        status: SessionStatus::Open,
        payment: PaymentStatus::Unpaid,
    };

    /// The state after the command, with what has become true; or why nothing changes.
    pub(crate) fn apply(
        self,
        command: SessionCommand,
    ) -> Result<(Self, Option<SessionEvent>), SessionRefusal> {
        use SessionStatus::{Complete, Expired, Open};
        let is_unpaid = self.payment == PaymentStatus::Unpaid;
        match (command, self.status) {
            (SessionCommand::Complete { is_paid }, Open) => Ok((
                self.paid(is_paid).with(Complete),
                Some(SessionEvent::Completed),
            )),
            (SessionCommand::RecordCapture, Complete) if is_unpaid => Ok((self.paid(true), None)),
            (SessionCommand::Settle { is_paid }, Complete) if is_unpaid => {
                let event = match is_paid {
                    true => SessionEvent::AsyncPaymentSucceeded,
                    false => SessionEvent::AsyncPaymentFailed,
                };
                Ok((self.paid(is_paid), Some(event)))
            }
            (SessionCommand::Expire, Open) => Ok((self.with(Expired), Some(SessionEvent::Expired))),
            (_, status) => Err(SessionRefusal(status)),
        }
    }

    fn with(self, status: SessionStatus) -> Self {
        Self { status, ..self }
    }

    fn paid(self, is_paid: bool) -> Self {
        let payment = match is_paid {
            true => PaymentStatus::Paid,
            false => self.payment,
        };
        Self { payment, ..self }
    }
}
