//! The interface of a payment processor.

use buywire_schemas::money::Currency;
use futures_util::future::BoxFuture;

use super::error::PaymentError;
use super::facts::{ProcessorPayment, ProcessorRefund};
use super::ids::{IdempotencyKey, ProcessorPaymentId, ProcessorRefundId, SessionId};
use super::sessions::{NewSession, Session};
use super::tokens::TokenPayment;

/// The answer of a processor.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, PaymentError>>;

/// A processor that takes payments on a page of its own.
///
/// Reads may be repeated at will. Everything else takes an idempotency key: one for each intention, stored before the
/// call, and used again with the same arguments whenever its outcome is unknown.
pub trait PaymentProcessor: Send + Sync {
    /// Opens a session whose page asks for exactly `new.amount`.
    fn create_session<'a>(
        &'a self,
        new: &'a NewSession,
        key: &'a IdempotencyKey,
    ) -> Answer<'a, Session>;

    /// Reads a session, and its payment once there is one.
    fn session<'a>(&'a self, id: &'a SessionId) -> Answer<'a, Session>;

    /// Closes an open session: nobody can pay in it afterwards. `InvalidState` when it is complete or expired already.
    fn expire_session<'a>(
        &'a self,
        id: &'a SessionId,
        key: &'a IdempotencyKey,
    ) -> Answer<'a, Session>;

    /// Pays with a token that an agent brought: one try, without a page. A decline is a payment, not an error.
    fn pay_with_token<'a>(
        &'a self,
        new: &'a TokenPayment,
        key: &'a IdempotencyKey,
    ) -> Answer<'a, ProcessorPayment>;

    /// Reads a payment.
    fn payment<'a>(&'a self, id: &'a ProcessorPaymentId) -> Answer<'a, ProcessorPayment>;

    /// Takes this much of what is authorised and gives back the rest. A payment is captured once.
    fn capture<'a>(
        &'a self,
        id: &'a ProcessorPaymentId,
        amount: Amount,
        key: &'a IdempotencyKey,
    ) -> Answer<'a, ProcessorPayment>;

    /// Gives back what is authorised and not captured.
    fn void<'a>(
        &'a self,
        id: &'a ProcessorPaymentId,
        key: &'a IdempotencyKey,
    ) -> Answer<'a, ProcessorPayment>;

    /// Sends captured money back. It has arrived only when the refund's status says so, and may fail until then.
    fn refund<'a>(
        &'a self,
        id: &'a ProcessorPaymentId,
        amount: Amount,
        key: &'a IdempotencyKey,
    ) -> Answer<'a, ProcessorRefund>;

    /// Reads a refund.
    fn refund_status<'a>(&'a self, id: &'a ProcessorRefundId) -> Answer<'a, ProcessorRefund>;
}

/// Money: minor units of a currency, as the currency itself has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    pub minor: i64,
    pub currency: Currency,
}
