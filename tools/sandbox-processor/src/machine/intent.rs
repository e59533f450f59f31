//! The state machine of a PaymentIntent with its refunds and its dispute.
//!
//! Promises: `0 <= refunded <= captured <= amount`; what was captured never changes again. Must not decide whether a
//! bank approves: the command says so.

use serde::Serialize;
use thiserror::Error;

/// Stripe's words for where an intent is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IntentStatus {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    RequiresCapture,
    Succeeded,
    Canceled,
}

impl IntentStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::Processing => "processing",
            Self::RequiresCapture => "requires_capture",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

/// When an approved payment is captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CaptureMethod {
    Automatic,
    AutomaticAsync,
    Manual,
}

impl CaptureMethod {
    /// `automatic_async` is what Stripe takes when nothing is stated.
    pub(crate) fn parse(text: Option<&str>) -> Self {
        match text {
            Some("manual") => Self::Manual,
            Some("automatic") => Self::Automatic,
            _ => Self::AutomaticAsync,
        }
    }
}

/// An intent, as far as rules go. Amounts are in the currency's smallest unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IntentState {
    pub(crate) status: IntentStatus,
    pub(crate) capture_method: CaptureMethod,
    pub(crate) amount: i64,
    pub(crate) captured: i64,
    pub(crate) refunded: i64,
    pub(crate) is_disputed: bool,
}

/// What the bank says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Authorization {
    Approved,
    Declined,
    /// The buyer must confirm at the bank first.
    Challenged,
    /// The bank decides later.
    Deferred,
}

/// What is requested of an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IntentCommand {
    AttachMethod,
    Authorize(Authorization),
    /// A deferred decision arrives.
    Settle {
        is_paid: bool,
    },
    /// None: everything.
    Capture {
        amount: Option<i64>,
    },
    Cancel,
    /// None: what is left.
    Refund {
        amount: Option<i64>,
    },
    /// The money of an earlier refund came back.
    FailRefund {
        amount: i64,
    },
    OpenDispute,
    CloseDispute,
}

impl IntentCommand {
    fn verb(self) -> &'static str {
        match self {
            Self::AttachMethod => "update",
            Self::Authorize(_) => "confirm",
            Self::Settle { .. } => "settle",
            Self::Capture { .. } => "capture",
            Self::Cancel => "cancel",
            Self::Refund { .. } => "refund",
            Self::FailRefund { .. } => "fail a refund of",
            Self::OpenDispute | Self::CloseDispute => "dispute",
        }
    }
}

/// What has become true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IntentEvent {
    ActionRequired,
    Processing,
    Capturable,
    /// `amount` was captured.
    Succeeded {
        amount: i64,
    },
    PaymentFailed,
    Canceled,
    Refunded {
        amount: i64,
    },
    RefundFailed {
        amount: i64,
    },
    DisputeOpened,
    DisputeClosed,
}

/// Why a command changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum IntentRefusal {
    #[error("it cannot {verb} an intent that is {}", status.as_str())]
    UnexpectedState {
        verb: &'static str,
        status: IntentStatus,
    },
    #[error("an amount is at least 1")]
    AmountTooSmall,
    #[error("at most {max} is left")]
    AmountTooLarge { max: i64 },
    #[error("everything has been refunded")]
    AlreadyRefunded,
    #[error("the charge is disputed")]
    Disputed,
}

impl IntentState {
    pub(crate) fn new(amount: i64, capture_method: CaptureMethod) -> Self {
        Self {
            status: IntentStatus::RequiresPaymentMethod,
            capture_method,
            amount,
            captured: 0,
            refunded: 0,
            is_disputed: false,
        }
    }

    /// The sum that a capture could take now.
    pub(crate) fn capturable(self) -> i64 {
        match self.status {
            IntentStatus::RequiresCapture => self.amount,
            _ => 0,
        }
    }

    /// The state after the command, with what has become true; or why nothing changes.
    pub(crate) fn apply(
        self,
        command: IntentCommand,
    ) -> Result<(Self, Vec<IntentEvent>), IntentRefusal> {
        use IntentStatus::{
            Canceled, Processing, RequiresAction, RequiresCapture, RequiresConfirmation,
            RequiresPaymentMethod, Succeeded,
        };
        match (command, self.status) {
            (
                IntentCommand::AttachMethod,
                RequiresPaymentMethod | RequiresConfirmation | RequiresAction,
            ) => Ok((self.with(RequiresConfirmation), Vec::new())),
            (
                IntentCommand::Authorize(answer),
                RequiresPaymentMethod | RequiresConfirmation | RequiresAction,
            ) => Ok(self.authorize(answer)),
            (IntentCommand::Settle { is_paid: true }, Processing) => Ok(self.capture(self.amount)),
            (IntentCommand::Settle { is_paid: false }, Processing) => Ok((
                self.with(RequiresPaymentMethod),
                vec![IntentEvent::PaymentFailed],
            )),
            (IntentCommand::Capture { amount }, RequiresCapture) => {
                let amount = bounded(amount.unwrap_or(self.amount), self.amount)?;
                Ok(self.capture(amount))
            }
            (
                IntentCommand::Cancel,
                RequiresPaymentMethod | RequiresConfirmation | RequiresAction | RequiresCapture,
            ) => Ok((self.with(Canceled), vec![IntentEvent::Canceled])),
            (IntentCommand::Refund { amount }, Succeeded) => self.refund(amount),
            (IntentCommand::FailRefund { amount }, Succeeded) => {
                let amount = bounded(amount, self.refunded)?;
                let refunded = self.refunded - amount;
                let state = Self { refunded, ..self };
                Ok((state, vec![IntentEvent::RefundFailed { amount }]))
            }
            (IntentCommand::OpenDispute, Succeeded) if !self.is_disputed => {
                Ok((self.disputed(true), vec![IntentEvent::DisputeOpened]))
            }
            (IntentCommand::CloseDispute, Succeeded) if self.is_disputed => {
                Ok((self.disputed(false), vec![IntentEvent::DisputeClosed]))
            }
            (command, status) => Err(IntentRefusal::UnexpectedState {
                verb: command.verb(),
                status,
            }),
        }
    }

    fn with(self, status: IntentStatus) -> Self {
        Self { status, ..self }
    }

    fn disputed(self, is_disputed: bool) -> Self {
        Self {
            is_disputed,
            ..self
        }
    }

    fn authorize(self, answer: Authorization) -> (Self, Vec<IntentEvent>) {
        let (status, event) = match answer {
            Authorization::Approved if self.capture_method != CaptureMethod::Manual => {
                return self.capture(self.amount);
            }
            Authorization::Approved => (IntentStatus::RequiresCapture, IntentEvent::Capturable),
            Authorization::Declined => (
                IntentStatus::RequiresPaymentMethod,
                IntentEvent::PaymentFailed,
            ),
            Authorization::Challenged => {
                (IntentStatus::RequiresAction, IntentEvent::ActionRequired)
            }
            Authorization::Deferred => (IntentStatus::Processing, IntentEvent::Processing),
        };
        (self.with(status), vec![event])
    }

    fn capture(self, amount: i64) -> (Self, Vec<IntentEvent>) {
        let state = Self {
            status: IntentStatus::Succeeded,
            captured: amount,
            ..self
        };
        (state, vec![IntentEvent::Succeeded { amount }])
    }

    fn refund(self, amount: Option<i64>) -> Result<(Self, Vec<IntentEvent>), IntentRefusal> {
        let left = self.captured - self.refunded;
        if left == 0 {
            return Err(IntentRefusal::AlreadyRefunded);
        }
        if self.is_disputed {
            return Err(IntentRefusal::Disputed);
        }
        let amount = bounded(amount.unwrap_or(left), left)?;
        let refunded = self.refunded + amount;
        let state = Self { refunded, ..self };
        Ok((state, vec![IntentEvent::Refunded { amount }]))
    }
}

fn bounded(amount: i64, max: i64) -> Result<i64, IntentRefusal> {
    match amount {
        ..=0 => Err(IntentRefusal::AmountTooSmall),
        amount if amount > max => Err(IntentRefusal::AmountTooLarge { max }),
        amount => Ok(amount),
    }
}
