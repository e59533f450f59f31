//! Completion: the money is there; units are sold and the order is accepted, in one transaction with the decision.
//!
//! Promises: whoever comes first does it and all others see it, because the checkout's row is locked; either units, order,
//! its deliveries and the new state are there, or none of them. Must not capture anything: that follows.

use buywire_checkout::machine::{Event, State};
use buywire_checkout::pricing::Pricing;
use time::OffsetDateTime;

use super::effects::Outcome;
use super::order::order_body;
use super::shared::{CheckoutError, Checkouts};
use super::view::SetbackDetail;
use crate::ambient;
use crate::db::Tx;
use crate::orders::OrderError;
use crate::stock::{BuyerFingerprints, Sale, sell};
use crate::store::checkouts::effects::{self, ClaimedEffect};
use crate::store::checkouts::{self, StoredCheckout};
use crate::store::events::EmittedDelivery;
use crate::store::orders::{self, NewOrder};
use crate::store::payments::StoredPayment;

/// When an order is tried again that could not be prepared.
const RETRY_SECONDS: f64 = 2.0;

impl Checkouts {
    /// Sells and places the order of an authorised payment.
    pub(super) async fn place_order(
        &self,
        claimed: &ClaimedEffect,
        attempt: u32,
        confirmed_at: OffsetDateTime,
    ) -> Result<Outcome, CheckoutError> {
        let checkout = self.store.checkout(claimed.checkout).await?;
        let checkout = checkout.ok_or(CheckoutError::NotFound)?;
        let payments = self.store.payments_of(checkout.id).await?;
        let mut payments = payments.into_iter();
        let Some(payment) = payments.find(|payment| is_attempt(payment, attempt)) else {
            return Ok(refused(attempt));
        };
        let order = match self.prepare(&checkout, &payment, confirmed_at).await {
            Ok(order) => order,
            Err(OrderError::Busy) => return Ok(Outcome::RetryIn(RETRY_SECONDS)),
            Err(error) => {
                tracing::error!(checkout = %checkout.id, error = %error, "checkout.order: refused, the money is given back");
                return Ok(refused(attempt));
            }
        };
        self.commit_order(claimed, attempt, &payment, &order).await
    }

    async fn prepare(
        &self,
        checkout: &StoredCheckout,
        payment: &StoredPayment,
        confirmed_at: OffsetDateTime,
    ) -> Result<NewOrder, OrderError> {
        let unprepared = || {
            OrderError::Store(crate::db::DatabaseError::Misuse(
                "a paid checkout has no quote or no buyer".into(),
            ))
        };
        let quote = checkout.pricing.as_ref().and_then(Pricing::quote);
        let buyer = self.buyer(checkout).ok().flatten();
        let (quote, buyer) = quote.zip(buyer).ok_or_else(unprepared)?;
        let post = match checkout.post {
            Some(post) => self.store.post(post).await?,
            None => None,
        };
        let body = order_body(
            checkout,
            quote,
            &buyer,
            payment,
            post.as_ref(),
            confirmed_at,
        );
        self.orders
            .prepare_paid(&body.ok_or_else(unprepared)?)
            .await
    }

    async fn commit_order(
        &self,
        claimed: &ClaimedEffect,
        attempt: u32,
        payment: &StoredPayment,
        order: &NewOrder,
    ) -> Result<Outcome, CheckoutError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let checkout = checkouts::lock(&tx, claimed.checkout).await?;
        let Some(mut checkout) = checkout.filter(|checkout| is_authorised(checkout, attempt))
        else {
            // Somebody else has placed it, or the money is given back already.
            drop(tx);
            return Ok(Outcome::Done(Vec::new()));
        };
        let now = ambient::now();
        let (sale, emitted) = sell_units(&tx, &checkout, payment, now).await?;
        let inserted = match sale {
            Sale::Sold => Some(orders::insert(&tx, std::slice::from_ref(order)).await?),
            _ => None,
        };
        let is_placed = inserted
            .as_ref()
            .is_some_and(|batch| batch.contains(order.id));
        if matches!(sale, Sale::Sold) && !is_placed {
            // Another order has this number: nothing of it may be committed.
            drop(tx);
            tracing::error!(checkout = %checkout.id, "checkout.order: its number is taken, the money is given back");
            return Ok(refused(attempt));
        }
        let event = match is_placed {
            true => Event::OrderPlaced {
                attempt,
                order: order.id.to_string(),
            },
            false => Event::OrderRefused { attempt },
        };
        checkout.order = is_placed.then_some(order.id);
        let detail = SetbackDetail::of_sale(&sale);
        checkout.setback = detail.and_then(|detail| serde_json::to_value(detail).ok());
        let following = self.step_in(&tx, &mut checkout, event, now).await?;
        effects::end(&tx, claimed.id).await?;
        tx.commit().await?;
        self.notifier.notify_due(&emitted);
        if let Some(inserted) = &inserted {
            self.orders.notify_accepted(order, inserted);
        }
        Ok(Outcome::Applied(following))
    }
}

async fn sell_units(
    tx: &Tx<'_>,
    checkout: &StoredCheckout,
    payment: &StoredPayment,
    now: OffsetDateTime,
) -> Result<(Sale, Vec<EmittedDelivery>), CheckoutError> {
    let buyer = BuyerFingerprints {
        card: payment.card,
        ..checkout.fingerprints()
    };
    Ok(sell(tx, checkout.id, buyer, now).await?)
}

fn is_attempt(payment: &StoredPayment, attempt: u32) -> bool {
    i64::from(payment.attempt) == i64::from(attempt)
}

fn is_authorised(checkout: &StoredCheckout, attempt: u32) -> bool {
    matches!(
        checkout.machine.state(),
        State::Authorised { payment, .. } if payment.attempt == attempt
    )
}

fn refused(attempt: u32) -> Outcome {
    Outcome::Done(vec![Event::OrderRefused { attempt }])
}
