//! After the order: the buyer withdraws from the contract, or wants to be forgotten.
//!
//! Promises: a withdrawal is stored with the time at which it came, together with the mail that acknowledges it; the first
//! one counts. What is not fulfilled yet is cancelled and refunded by it. A buyer who is forgotten is in no row of
//! the checkout and in no event of its order.

use buywire_checkout::machine::{Event, Rejected, State};
use buywire_schemas::ids::CheckoutId;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::shared::{CheckoutError, Checkouts};
use super::token::CheckoutToken;
use super::view::CheckoutView;
use crate::ambient;
use crate::secrets::master_key::SealContext;
use crate::store::audit::Actor;
use crate::store::checkouts;
use crate::store::checkouts::effects::ClaimedEffect;
use crate::store::checkouts::withdrawals;
use crate::store::orders::locked::OrderKey;

const REDACTION: &[u8] = br#"{"reason":"the buyer wants to be forgotten"}"#;

/// What a buyer states (Directive 2011/83/EU, Art 11a): nothing more may be required.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Withdrawal {
    pub(crate) name: String,
    /// The order, as the buyer writes it.
    pub(crate) order: String,
    /// Where the acknowledgement goes.
    pub(crate) contact: String,
}

impl Checkouts {
    /// Receives a withdrawal. Returns when the first one of this order came.
    pub(crate) async fn withdraw(
        &self,
        token: &CheckoutToken,
        withdrawal: Withdrawal,
    ) -> Result<OffsetDateTime, CheckoutError> {
        let view = self.read(token).await?;
        if view.stored.order.is_none() || !view.may_withdraw() {
            return Err(CheckoutError::NotFound);
        }
        let id = view.stored.id;
        let row = id.to_string();
        let statement = serde_json::to_vec(&withdrawal).map_err(|_| CheckoutError::Sealed)?;
        let sealed = self.master.seal(context(&row), &statement)?;
        let (received_at, effects) = self.receive(id, &sealed).await?;
        self.run_now(effects).await;
        Ok(received_at)
    }

    /// Stores a withdrawal with what follows from the first one: its acknowledgement, and the cancellation of what is not
    /// fulfilled.
    async fn receive(
        &self,
        id: CheckoutId,
        sealed: &[u8],
    ) -> Result<(OffsetDateTime, Vec<ClaimedEffect>), CheckoutError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let checkout = checkouts::lock(&tx, id).await?;
        let mut checkout = checkout.ok_or(CheckoutError::NotFound)?;
        let now = stored_precision(ambient::now());
        let received_at = withdrawals::add(&tx, id, sealed, now).await?;
        if received_at != now {
            return Ok((received_at, Vec::new()));
        }
        let stepped = self.step_in(&tx, &mut checkout, Event::Withdraw, now);
        let effects = stepped.await?;
        tx.commit().await?;
        tracing::info!(checkout = %id, "checkout.withdrawal: received");
        Ok((received_at, effects))
    }

    /// What this buyer has declared, and when it was received.
    pub(crate) async fn withdrawal(
        &self,
        id: CheckoutId,
    ) -> Result<Option<(Withdrawal, OffsetDateTime)>, CheckoutError> {
        let Some((sealed, received_at)) = self.store.withdrawal(id).await? else {
            return Ok(None);
        };
        let opened = self.master.open(context(&id.to_string()), &sealed)?;
        let withdrawal = serde_json::from_slice(&opened).map_err(|_| CheckoutError::Sealed)?;
        Ok(Some((withdrawal, received_at)))
    }

    /// What is not fulfilled is cancelled at once. The rest comes back first, and the seller refunds it.
    async fn cancel_if_open(&self, view: &CheckoutView) -> Result<(), CheckoutError> {
        match self.drive(view.stored.id, |_, _| Ok(Event::Cancel)).await {
            Ok(_) | Err(CheckoutError::Rejected(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Makes the buyer unreadable, in the checkout and in its order. While money is on its way, it is refused.
    pub(crate) async fn forget(&self, token: &CheckoutToken) -> Result<(), CheckoutError> {
        let view = self.read(token).await?;
        match view.stored.machine.state() {
            State::Paying { .. }
            | State::Closing { .. }
            | State::Authorised { .. }
            | State::Placed { .. } => return Err(Rejected::PaymentInProgress.into()),
            State::Open | State::Priced { .. } => self.cancel_if_open(&view).await?,
            State::Captured { .. }
            | State::Returning(_)
            | State::Expired { .. }
            | State::Cancelled { .. } => {}
        }
        if let Some(order) = view.stored.order {
            let key = OrderKey::Id(order);
            let redacted = self
                .orders
                .redact(&Actor::checkout(), &key, REDACTION)
                .await;
            redacted.map_err(|error| {
                tracing::error!(checkout = %view.stored.id, error = %error, "checkout.forget: order not redacted");
                CheckoutError::Busy
            })?;
        }
        self.shred_one(view.stored.id).await
    }

    async fn shred_one(&self, id: CheckoutId) -> Result<(), CheckoutError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let checkout = checkouts::lock(&tx, id).await?;
        let mut checkout = checkout.ok_or(CheckoutError::NotFound)?;
        (checkout.buyer, checkout.buyer_key, checkout.details) = (None, None, None);
        (checkout.contact, checkout.address) = (None, None);
        checkouts::save(&tx, &checkout).await?;
        Ok(tx.commit().await?)
    }
}

/// As the database keeps it, so that the first withdrawal is recognised.
fn stored_precision(now: OffsetDateTime) -> OffsetDateTime {
    let micros = now.microsecond();
    now.replace_microsecond(micros).unwrap_or(now)
}

fn context(row: &str) -> SealContext<'_> {
    SealContext {
        table: "withdrawals",
        row,
        column: "statement",
    }
}
