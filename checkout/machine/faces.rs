//! What the page, ACP and UCP say of a checkout: one table each.
//!
//! A checkout is said to be completed once its money is captured: completed is final for agents, and a capture that fails
//! would turn it back.

use serde::Serialize;

use super::payment::PaymentFlow;
use super::returning::{RefundProgress, Returning};
use super::state::{CancelRequest, Checkout, ClosingReason, PayingStage, Setback, State};
use crate::payment_method::PaymentMethod;

/// The status of an ACP session (2026-04-17). Those that no checkout has are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AcpStatus {
    /// Something is missing.
    NotReadyForPayment,
    /// Complete may be called.
    ReadyForPayment,
    /// 3-D Secure.
    AuthenticationRequired,
    /// The buyer is on the processor's page.
    InProgress,
    /// The payment is under way.
    CompleteInProgress,
    /// Paid and ordered.
    Completed,
    /// Nothing was bought.
    Canceled,
    /// Nobody paid in time.
    Expired,
}

/// The status of a UCP checkout (2026-04-08).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UcpStatus {
    /// Something is missing.
    Incomplete,
    /// The buyer must act on our page or the bank's.
    RequiresEscalation,
    /// Complete may be called.
    ReadyForComplete,
    /// The payment is under way.
    CompleteInProgress,
    /// Paid and ordered.
    Completed,
    /// Nothing was bought.
    Canceled,
}

/// What the order page tells the buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PageSituation {
    /// Something is missing.
    Incomplete,
    /// The button can be pressed.
    Ready,
    /// The button was pressed, and there were not enough units.
    SoldOut,
    /// The processor would not open a session.
    PaymentUnavailable,
    /// New payments are stopped.
    Stopped,
    /// The processor's page is being prepared.
    Preparing,
    /// The buyer may pay there.
    PayNow,
    /// The buyer transfers the money by the seller's instructions.
    PayInvoice,
    /// The bank refused: try again while the units are held.
    Declined,
    /// The payment is under way.
    Processing,
    /// The time is over. A payment on its way still counts if there are units.
    TooLate,
    /// The payment is being cancelled.
    Cancelling,
    /// Order confirmed.
    Confirmed,
    /// The confirmed order is being cancelled.
    CancellingOrder,
    /// Nobody paid in time.
    Expired,
    /// Given up.
    Cancelled,
    /// Nothing was charged: what the bank held is released.
    Released,
    /// The money is on its way back.
    RefundDue,
    /// The refund failed, and is tried again.
    RefundFailed,
    /// The money is back.
    Refunded,
}

impl Checkout {
    /// The status for ACP.
    #[must_use]
    pub fn acp_status(&self) -> AcpStatus {
        match &self.state {
            State::Open => AcpStatus::NotReadyForPayment,
            State::Priced { .. } if self.is_stopped => AcpStatus::NotReadyForPayment,
            State::Priced { .. } => AcpStatus::ReadyForPayment,
            State::Paying { payment, stage, .. } => match (stage, payment.flow) {
                (PayingStage::ActionRequired, _) => AcpStatus::AuthenticationRequired,
                (PayingStage::Declined, PaymentFlow::Token) => AcpStatus::ReadyForPayment,
                (PayingStage::Unpaid | PayingStage::Declined, PaymentFlow::Hosted) => {
                    AcpStatus::InProgress
                }
                (
                    PayingStage::Holding
                    | PayingStage::Opening
                    | PayingStage::Unpaid
                    | PayingStage::Processing,
                    _,
                ) => AcpStatus::CompleteInProgress,
            },
            State::Closing { reason, .. } => match reason {
                ClosingReason::HoldEnded | ClosingReason::Repricing => {
                    AcpStatus::CompleteInProgress
                }
                ClosingReason::Cancelled | ClosingReason::Stopped => AcpStatus::Canceled,
            },
            State::Authorised { .. } | State::Placed { .. } => AcpStatus::CompleteInProgress,
            State::Captured { .. } => AcpStatus::Completed,
            State::Returning(_) | State::Cancelled { .. } => AcpStatus::Canceled,
            State::Expired { .. } => AcpStatus::Expired,
        }
    }

    /// The status for UCP.
    #[must_use]
    pub fn ucp_status(&self) -> UcpStatus {
        match self.acp_status() {
            AcpStatus::NotReadyForPayment => UcpStatus::Incomplete,
            AcpStatus::ReadyForPayment => UcpStatus::ReadyForComplete,
            AcpStatus::AuthenticationRequired | AcpStatus::InProgress => {
                UcpStatus::RequiresEscalation
            }
            AcpStatus::CompleteInProgress => UcpStatus::CompleteInProgress,
            AcpStatus::Completed => UcpStatus::Completed,
            AcpStatus::Canceled | AcpStatus::Expired => UcpStatus::Canceled,
        }
    }

    /// What the order page tells the buyer.
    #[must_use]
    pub fn page_situation(&self) -> PageSituation {
        match &self.state {
            State::Open => PageSituation::Incomplete,
            State::Priced { .. } if self.is_stopped => PageSituation::Stopped,
            State::Priced { setback, .. } => match setback {
                None => PageSituation::Ready,
                Some(Setback::SoldOut) => PageSituation::SoldOut,
                Some(Setback::PaymentUnavailable) => PageSituation::PaymentUnavailable,
            },
            State::Paying { payment, stage, .. } => match stage {
                PayingStage::Holding | PayingStage::Opening => PageSituation::Preparing,
                PayingStage::Unpaid if matches!(payment.method, PaymentMethod::Invoice { .. }) => {
                    PageSituation::PayInvoice
                }
                PayingStage::Unpaid | PayingStage::ActionRequired => PageSituation::PayNow,
                PayingStage::Processing => PageSituation::Processing,
                PayingStage::Declined => PageSituation::Declined,
            },
            State::Closing { reason, .. } => match reason {
                ClosingReason::HoldEnded => PageSituation::TooLate,
                ClosingReason::Repricing | ClosingReason::Cancelled | ClosingReason::Stopped => {
                    PageSituation::Cancelling
                }
            },
            State::Authorised { .. } | State::Placed { .. } => PageSituation::Processing,
            State::Captured { cancel, .. } => match cancel {
                CancelRequest::Requested => PageSituation::CancellingOrder,
                CancelRequest::Absent | CancelRequest::Refused => PageSituation::Confirmed,
            },
            State::Returning(returning) => match returning {
                Returning::Void { .. } => PageSituation::Released,
                Returning::RefundDue {
                    progress: RefundProgress::Failed,
                    ..
                } => PageSituation::RefundFailed,
                Returning::RefundDue { .. } => PageSituation::RefundDue,
                Returning::Refunded { .. } => PageSituation::Refunded,
            },
            State::Expired { .. } => PageSituation::Expired,
            State::Cancelled { .. } => PageSituation::Cancelled,
        }
    }
}
