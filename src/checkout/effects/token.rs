//! The payment of an attempt with an agent's token: one request that asks the bank at once.
//!
//! Promises: the request is repeated under the same key until its outcome is known; the token is opened here only.

use std::collections::BTreeMap;

use buywire_checkout::machine::{CaptureMethod, Event, PaymentTerms};
use buywire_checkout::pricing::Pricing;
use buywire_schemas::ids::CheckoutId;

use super::outcome::{Outcome, Performed};
use super::session::{NEXT_KEY_SECONDS, SESSION_LIFE, request_key};
use crate::checkout::order::order_number;
use crate::checkout::shared::{CheckoutError, Checkouts};
use crate::payments::{Amount, PaymentError, PaymentToken, TokenPayment, UnknownCause};
use crate::store::checkouts::StoredCheckout;
use crate::store::payments::StoredPayment;

impl Checkouts {
    pub(super) async fn pay_token(
        &self,
        id: CheckoutId,
        key: &str,
        attempt: u32,
        terms: PaymentTerms,
        capture: CaptureMethod,
    ) -> Performed {
        let refused = Outcome::event(Event::SessionRefused { attempt });
        let Some(processor) = self.processors.hosted() else {
            return Ok(refused);
        };
        let checkout = self.store.checkout(id).await?;
        let checkout = checkout.ok_or(CheckoutError::NotFound)?;
        let Some(token) = self.payment_token(&checkout, attempt)? else {
            // Its outcome is known by now.
            return Ok(Outcome::Unknown);
        };
        let (payment, is_first) = self
            .add_attempt(id, processor, attempt, terms, SESSION_LIFE)
            .await?;
        let new = self.token_payment(&checkout, &payment, terms, capture, token)?;
        let Some((new, key)) = new.zip(request_key(key, &payment)) else {
            return Ok(refused);
        };
        match processor.client.pay_with_token(&new, &key).await {
            Ok(paid) => Ok(Outcome::event(self.observe_payment(&payment, &paid).await?)),
            Err(PaymentError::Unknown(UnknownCause::FailureReplayed(_))) => {
                self.store.next_payment_key(payment.id).await?;
                Ok(Outcome::RetryIn(NEXT_KEY_SECONDS))
            }
            // An earlier request under this key may have arrived.
            Err(PaymentError::NotSent(_)) if !is_first => Ok(Outcome::Unknown),
            Err(error @ PaymentError::Unknown(_)) => {
                tracing::warn!(checkout = %id, error = %error, "checkout.token: unknown whether it has paid, retrying");
                Ok(Outcome::Unknown)
            }
            Err(error) => {
                tracing::info!(checkout = %id, error = %error, "checkout.token: refused");
                Ok(refused)
            }
        }
    }

    /// What the token pays. The same attempt always gives the same request. `None`: the checkout has another quote.
    fn token_payment(
        &self,
        checkout: &StoredCheckout,
        payment: &StoredPayment,
        terms: PaymentTerms,
        capture: CaptureMethod,
        token: PaymentToken,
    ) -> Result<Option<TokenPayment>, CheckoutError> {
        let quote = checkout.pricing.as_ref().and_then(Pricing::quote);
        if quote.is_none_or(|quote| quote.digest() != terms.quote()) {
            return Ok(None);
        }
        let number = order_number(checkout.id);
        Ok(Some(TokenPayment {
            checkout_id: checkout.id,
            amount: Amount {
                minor: payment.amount,
                currency: payment.currency,
            },
            token,
            capture,
            return_url: self.order_page(&self.token(checkout)?),
            description: format!("Order {number}"),
            metadata: BTreeMap::from([("buywire_attempt", payment.attempt.to_string())]),
        }))
    }
}
