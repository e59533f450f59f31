//! Stripe behind the trait of processors, and the sandbox processor, which speaks the same API.
//!
//! Promises: every request goes through the egress guard, with the pinned API version, a bounded time and a bounded
//! answer; nothing is sent twice by itself. Must not keep state: what was requested under which key is the caller's.

mod amounts;
mod client;
mod errors;
mod events;
mod form;
mod payments;
mod refunds;
mod sessions;
mod signature;
mod tokens;
mod wire;

pub use self::client::StripeTimeouts;
pub use self::events::{EventHint, NotAnEvent};
pub use self::signature::WebhookVerifier;

use std::sync::Arc;

use self::client::Client;
use super::facts::{ProcessorPayment, ProcessorRefund};
use super::ids::{IdempotencyKey, ProcessorPaymentId, ProcessorRefundId, SessionId};
use super::processor::{Amount, Answer, PaymentProcessor};
use super::sessions::{NewSession, Session};
use super::settings::StripeSettings;
use super::tokens::TokenPayment;
use crate::egress::{Clients, EgressPolicy, SharedLookup, SystemLookup, system_roots};

/// What this machine's own processor needs and nothing more.
const LOOPBACK_RANGES: &str = "127.0.0.0/8,::1/128";

/// Stripe, or the sandbox processor.
pub struct StripeProcessor {
    client: Client,
}

/// Why the client cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("the payment processor's client cannot be set up: {0}")]
pub struct StripeSetupError(String);

impl StripeProcessor {
    /// Opens the client. A processor on this machine is reachable without BUYWIRE_ALLOW_PRIVATE: its URL is a setting.
    ///
    /// # Errors
    /// TLS or the HTTP client cannot be set up, or the key does not fit a header.
    pub fn open(
        settings: &StripeSettings,
        policy: EgressPolicy,
        timeouts: StripeTimeouts,
    ) -> Result<Self, StripeSetupError> {
        let failed = |error: &dyn std::fmt::Display| StripeSetupError(error.to_string());
        let policy = match settings.is_loopback {
            true => EgressPolicy::parse(LOOPBACK_RANGES).map_err(|error| failed(&error))?,
            false => policy.without_client_certificate(),
        };
        let lookup = Arc::new(SharedLookup::new(SystemLookup));
        let clients = Clients::new(policy.clone(), lookup, system_roots(), timeouts.connect);
        let clients = clients.map_err(|error| failed(&error))?;
        let client = Client::new(clients, policy, settings, timeouts);
        let client = client.ok_or_else(|| failed(&"the key does not fit a header"))?;
        Ok(Self { client })
    }
}

impl PaymentProcessor for StripeProcessor {
    fn create_session<'a>(
        &'a self,
        new: &'a NewSession,
        key: &'a IdempotencyKey,
    ) -> Answer<'a, Session> {
        Box::pin(sessions::create(&self.client, new, key))
    }

    fn session<'a>(&'a self, id: &'a SessionId) -> Answer<'a, Session> {
        Box::pin(sessions::read(&self.client, id))
    }

    fn expire_session<'a>(
        &'a self,
        id: &'a SessionId,
        key: &'a IdempotencyKey,
    ) -> Answer<'a, Session> {
        Box::pin(sessions::expire(&self.client, id, key))
    }

    fn pay_with_token<'a>(
        &'a self,
        new: &'a TokenPayment,
        key: &'a IdempotencyKey,
    ) -> Answer<'a, ProcessorPayment> {
        Box::pin(tokens::pay(&self.client, new, key))
    }

    fn payment<'a>(&'a self, id: &'a ProcessorPaymentId) -> Answer<'a, ProcessorPayment> {
        Box::pin(payments::read(&self.client, id))
    }

    fn capture<'a>(
        &'a self,
        id: &'a ProcessorPaymentId,
        amount: Amount,
        key: &'a IdempotencyKey,
    ) -> Answer<'a, ProcessorPayment> {
        Box::pin(payments::capture(&self.client, id, amount, key))
    }

    fn void<'a>(
        &'a self,
        id: &'a ProcessorPaymentId,
        key: &'a IdempotencyKey,
    ) -> Answer<'a, ProcessorPayment> {
        Box::pin(payments::void(&self.client, id, key))
    }

    fn refund<'a>(
        &'a self,
        id: &'a ProcessorPaymentId,
        amount: Amount,
        key: &'a IdempotencyKey,
    ) -> Answer<'a, ProcessorRefund> {
        Box::pin(refunds::create(&self.client, id, amount, key))
    }

    fn refund_status<'a>(&'a self, id: &'a ProcessorRefundId) -> Answer<'a, ProcessorRefund> {
        Box::pin(refunds::read(&self.client, id))
    }
}
