//! The hosted session of an attempt: opened, expired, read again.

use buywire_checkout::machine::{Event, PaymentTerms};
use buywire_checkout::payment_method::PaymentMethod;
use buywire_schemas::ids::{CheckoutId, PaymentId};
use time::Duration;

use super::outcome::{Outcome, Performed};
use crate::ambient;
use crate::checkout::shared::{CheckoutError, Checkouts};
use crate::payments::{IdempotencyKey, OpenProcessor, PaymentError, SessionId, UnknownCause};
use crate::store::checkouts::StoredCheckout;
use crate::store::payments::{NewPayment, StoredPayment};

/// The shortest life of a session, and a minute for a slow clock. A hold ends before: the session is told then.
pub(super) const SESSION_LIFE: Duration = Duration::minutes(31);
/// A failure that the processor repeats for a key costs one more request under the next key.
pub(super) const NEXT_KEY_SECONDS: f64 = 1.0;

impl Checkouts {
    pub(super) async fn open_session(
        &self,
        id: CheckoutId,
        key: &str,
        attempt: u32,
        terms: PaymentTerms,
        method: PaymentMethod,
    ) -> Performed {
        let refused = Outcome::event(Event::SessionRefused { attempt });
        let Some(processor) = self.processors.taking(method) else {
            return Ok(refused);
        };
        let checkout = self.store.checkout(id).await?;
        let checkout = checkout.ok_or(CheckoutError::NotFound)?;
        let life = session_life(method);
        let (payment, is_first) = self
            .add_attempt(id, processor, attempt, terms, life)
            .await?;
        let instructions = self.instructions(&checkout, method).await?;
        let session = self.new_session(&checkout, &payment, terms, method, instructions)?;
        let Some(session) = session else {
            return Ok(refused);
        };
        let Some(key) = request_key(key, &payment) else {
            return Ok(refused);
        };
        match processor.client.create_session(&session, &key).await {
            Ok(opened) => {
                self.record_session(&payment, &opened).await?;
                let reference = opened.id.to_string();
                Ok(Outcome::event(Event::SessionOpened { attempt, reference }))
            }
            Err(PaymentError::Unknown(UnknownCause::FailureReplayed(_))) => {
                self.store.next_payment_key(payment.id).await?;
                Ok(Outcome::RetryIn(NEXT_KEY_SECONDS))
            }
            // An earlier request under this key may have opened one.
            Err(PaymentError::NotSent(_)) if !is_first => Ok(Outcome::Unknown),
            Err(error @ PaymentError::Unknown(_)) => {
                tracing::warn!(checkout = %id, error = %error, "checkout.session: unknown whether it is open, retrying");
                Ok(Outcome::Unknown)
            }
            Err(error) => {
                tracing::error!(checkout = %id, error = %error, "checkout.session: not opened");
                Ok(refused)
            }
        }
    }

    /// The row of an attempt, written before the processor is called; and whether this is the first call.
    pub(super) async fn add_attempt(
        &self,
        id: CheckoutId,
        processor: &OpenProcessor,
        attempt: u32,
        terms: PaymentTerms,
        life: Duration,
    ) -> Result<(StoredPayment, bool), CheckoutError> {
        let new = NewPayment {
            id: PaymentId::generate(),
            checkout: id,
            attempt: number(attempt),
            processor: processor.kind.name(),
            currency: terms.currency(),
            amount: terms.total(),
            session_ends_at: ambient::now() + life,
        };
        let payment = self.store.add_payment(&new).await?;
        let is_first = payment.id == new.id;
        Ok((payment, is_first))
    }

    /// How to pay by invoice, as the seller says it now.
    async fn instructions(
        &self,
        checkout: &StoredCheckout,
        method: PaymentMethod,
    ) -> Result<Option<String>, CheckoutError> {
        let PaymentMethod::Invoice { .. } = method else {
            return Ok(None);
        };
        let Some(line) = checkout.cart.lines.first() else {
            return Ok(None);
        };
        let terms = self.quotes.terms(&line.partner).await?;
        let invoice = terms.and_then(|terms| terms.policy.invoice);
        Ok(invoice.map(|invoice| invoice.instructions))
    }

    pub(super) async fn expire_session(
        &self,
        id: CheckoutId,
        key: &str,
        attempt: u32,
    ) -> Performed {
        let Some((payment, processor)) = self.payment_of(id, attempt).await? else {
            return Ok(Outcome::Unknown);
        };
        let session = payment.session_id.as_deref().and_then(SessionId::parse);
        if session.is_none() && payment.payment_id.is_some() {
            // A token's payment has no session.
            return self.void_payment(key, attempt, &payment, &processor).await;
        }
        let Some((session, key)) = session.zip(request_key(key, &payment)) else {
            return Ok(Outcome::Unknown);
        };
        match processor.client.expire_session(&session, &key).await {
            Ok(expired) => Ok(Outcome::event(
                self.observe_session(&payment, &expired).await?,
            )),
            // It is complete or has expired: what it says decides.
            Err(PaymentError::InvalidState { .. }) => self.ask_processor(id, attempt).await,
            Err(error) => {
                tracing::warn!(checkout = %id, error = %error, "checkout.session: not expired, retrying");
                self.replace_key_if_replayed(&payment, &error).await?;
                Ok(Outcome::Unknown)
            }
        }
    }

    /// Reads the payment and its refunds again.
    pub(super) async fn ask_processor(&self, id: CheckoutId, attempt: u32) -> Performed {
        let Some((payment, _)) = self.payment_of(id, attempt).await? else {
            return Ok(Outcome::Unknown);
        };
        match self.read_payment(&payment).await? {
            Ok(Some(read)) => {
                let mut events = vec![read.fact];
                events.extend(self.read_refunds(&payment, attempt).await?);
                Ok(Outcome::Done(events))
            }
            Ok(None) => Ok(Outcome::Unknown),
            Err(error) => {
                tracing::warn!(checkout = %id, error = %error, "checkout.payment: not read, retrying");
                Ok(Outcome::Unknown)
            }
        }
    }

    /// The next request has another key if the processor repeats a failure for this one.
    pub(super) async fn replace_key_if_replayed(
        &self,
        payment: &StoredPayment,
        error: &PaymentError,
    ) -> Result<(), CheckoutError> {
        if let PaymentError::Unknown(UnknownCause::FailureReplayed(_)) = error {
            self.store.next_payment_key(payment.id).await?;
        }
        Ok(())
    }
}

/// An invoice is open as long as its units are held.
fn session_life(method: PaymentMethod) -> Duration {
    match method {
        PaymentMethod::Card | PaymentMethod::BankRedirect(_) => SESSION_LIFE,
        PaymentMethod::Invoice { days } => Duration::days(i64::from(days)),
    }
}

/// The attempt's number as the database has it.
pub(super) fn number(attempt: u32) -> i32 {
    i32::try_from(attempt).unwrap_or(i32::MAX)
}

/// The effect's key, or the next one after a failure that the processor repeats.
pub(super) fn request_key(key: &str, payment: &StoredPayment) -> Option<IdempotencyKey> {
    match payment.key_generation {
        0 => IdempotencyKey::parse(key),
        generation => IdempotencyKey::parse(&format!("{key}.{generation}")),
    }
}
