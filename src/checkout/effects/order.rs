//! A placed order that is cancelled: its partners are told, its units go back to stock.

use buywire_checkout::machine::Event;
use buywire_schemas::ids::{CheckoutId, OrderId};

use super::outcome::{Outcome, Performed};
use crate::ambient;
use crate::checkout::shared::{CheckoutError, Checkouts};
use crate::orders::OrderError;
use crate::stock;
use crate::store::audit::Actor;
use crate::store::orders::locked::OrderKey;

const BUSY_RETRY_SECONDS: f64 = 2.0;
const BODY: &[u8] = br#"{"reason":"buyer_cancelled"}"#;

impl Checkouts {
    /// An order that is not placed yet cannot be placed later: placing it needs the state that this effect has left.
    pub(super) async fn cancel_order(
        &self,
        id: CheckoutId,
        attempt: u32,
        order: Option<&str>,
        only_unfulfilled: bool,
    ) -> Performed {
        let Some(order) = order.and_then(|order| order.parse::<OrderId>().ok()) else {
            return Ok(Outcome::nothing());
        };
        if only_unfulfilled && self.store.is_fulfilled(order).await? {
            return Ok(Outcome::event(Event::OrderNotCancellable { attempt }));
        }
        let actor = Actor::checkout();
        match self.orders.cancel(&actor, &OrderKey::Id(order), BODY).await {
            Ok(_) | Err(OrderError::NotFound) => {}
            Err(OrderError::Busy) => return Ok(Outcome::RetryIn(BUSY_RETRY_SECONDS)),
            Err(error) => {
                tracing::error!(checkout = %id, error = %error, "checkout.cancel_order: failed, retrying");
                return Ok(Outcome::RetryIn(BUSY_RETRY_SECONDS));
            }
        }
        self.return_units(id).await?;
        Ok(Outcome::event(Event::OrderCancelled { attempt }))
    }

    async fn return_units(&self, id: CheckoutId) -> Result<(), CheckoutError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let emitted = stock::return_sold(&tx, id, ambient::now()).await?;
        tx.commit().await?;
        self.notifier.notify_due(&emitted);
        Ok(())
    }
}
