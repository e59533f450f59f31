//! Payments: one trait for payment processors, Stripe's client and the manual processor behind it, and the
//! verification of a processor's webhooks.
//!
//! Promises: an error says what its caller may conclude: done, not done, or unknown; no key, body or personal data is in
//! an error or a log; a buyer is sent to the processor's own hosts only; amounts are ours, whatever unit the processor
//! counts in. Must not decide: it never captures, voids or refunds by itself. Must not see a card number.

mod error;
mod facts;
mod ids;
mod invoice;
mod manual;
mod open;
mod processor;
mod sessions;
mod settings;
mod stripe;
mod tokens;

pub use self::error::{PaymentError, UnknownCause};
pub use self::facts::{
    CardFacts, DisputeFacts, DisputeStatus, ProcessorPayment, ProcessorPaymentStatus,
    ProcessorRefund, ProcessorRefundStatus,
};
pub use self::ids::{IdempotencyKey, ProcessorPaymentId, ProcessorRefundId, SessionId};
pub(crate) use self::invoice::{
    InvoiceMark, InvoiceRefundMark, MarkRefused, mark_invoice, mark_invoice_refund,
};
pub(crate) use self::open::{OpenProcessor, Processors};
pub use self::processor::{Amount, Answer, PaymentProcessor};
pub use self::sessions::{NamedAmount, NewSession, Session, SessionLine, SessionStatus};
pub use self::settings::{
    PaymentSettings, PaymentSettingsError, Processor, ProcessorSettings, StripeSettings,
};
pub use self::stripe::{EventHint, NotAnEvent, StripeProcessor, StripeTimeouts, WebhookVerifier};
pub(crate) use self::tokens::{PaymentToken, TokenPayment};
