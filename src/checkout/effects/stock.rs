//! Units: taken, extended, released.

use std::time::Duration;

use buywire_checkout::machine::{Event, PayingStage, State};
use buywire_schemas::ids::CheckoutId;
use time::OffsetDateTime;
use tracing::Instrument;

use super::outcome::{Outcome, Performed};
use crate::ambient;
use crate::checkout::shared::Checkouts;
use crate::checkout::view::SetbackDetail;
use crate::stock::{self, HoldRefused, HoldRequest};
use crate::store::checkouts::effects::ClaimedEffect;
use crate::store::checkouts::{self, StoredCheckout};
use crate::store::stock::StockKey;

/// A hold that does not end by itself: until the session has certainly expired. Twice as long as an invoice may be open.
const UNTIL_RELEASED: Duration = Duration::from_hours(24 * 60);
/// When stock is asked again that was too busy to answer.
const BUSY_RETRY_SECONDS: f64 = 1.0;

impl Checkouts {
    pub(super) async fn take_hold(
        &self,
        claimed: &ClaimedEffect,
        hold: u32,
        ends_at: Option<OffsetDateTime>,
    ) -> Performed {
        let id = claimed.checkout;
        let checkout = self.store.checkout(id).await?;
        let Some(checkout) = checkout.filter(|checkout| is_holding(checkout, hold)) else {
            return Ok(Outcome::nothing());
        };
        let now = ambient::now();
        let duration = ends_at.map_or(Some(UNTIL_RELEASED), |end| (end - now).try_into().ok());
        let request = duration.and_then(|duration| hold_request(&checkout, duration));
        let Some(request) = request else {
            return Ok(Outcome::event(Event::HoldRefused { hold }));
        };
        match self.stock.hold(request).await {
            Ok(held) => {
                self.end_replaced(held.replaced);
                Ok(Outcome::event(Event::HoldTaken { hold }))
            }
            // A payment that was given up has bought them.
            Err(HoldRefused::AlreadySold) => Ok(Outcome::event(Event::HoldTaken { hold })),
            Err(HoldRefused::Busy) => Ok(Outcome::RetryIn(BUSY_RETRY_SECONDS)),
            Err(refused) => self.hold_refused(claimed, hold, &refused).await,
        }
    }

    /// Why, in numbers, is stored with the refusal.
    async fn hold_refused(
        &self,
        claimed: &ClaimedEffect,
        hold: u32,
        refused: &HoldRefused,
    ) -> Performed {
        let detail = SetbackDetail::of(refused);
        let detail = detail.and_then(|detail| serde_json::to_value(detail).ok());
        let applied = self.apply(claimed.checkout, Some(claimed.id), |checkout, _| {
            checkout.setback = detail;
            Ok(Event::HoldRefused { hold })
        });
        Ok(Outcome::Applied(applied.await?))
    }

    /// The buyer has begun again elsewhere: what he began before must not be paid any more.
    fn end_replaced(&self, replaced: Vec<CheckoutId>) {
        for other in replaced {
            let own = self.clone();
            let ending = async move {
                let ended = own.drive(other, |_, _| Ok(Event::CancelPayment)).await;
                if let Err(error) = ended {
                    tracing::info!(checkout = %other, error = %error, "checkout: a replaced payment was left as it is");
                }
            };
            tokio::spawn(ending.in_current_span());
        }
    }

    pub(super) async fn extend_hold(
        &self,
        id: CheckoutId,
        ends_at: Option<OffsetDateTime>,
    ) -> Performed {
        let left = ends_at.and_then(|end| (end - ambient::now()).try_into().ok());
        if let Some(left) = left {
            self.stock.extend(id, left).await?;
        }
        Ok(Outcome::nothing())
    }

    /// A release that comes late must not free what a later attempt holds: the row is locked against it.
    pub(super) async fn release_hold(&self, id: CheckoutId, hold: u32) -> Performed {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let checkout = checkouts::lock(&tx, id).await?;
        let is_current = checkout.is_some_and(|checkout| {
            let payment = checkout.machine.state().payment();
            payment.is_none_or(|payment| payment.hold <= hold)
        });
        if !is_current {
            return Ok(Outcome::nothing());
        }
        let emitted = stock::release(&tx, id, ambient::now()).await?;
        tx.commit().await?;
        self.notifier.notify_due(&emitted);
        Ok(Outcome::nothing())
    }
}

fn is_holding(checkout: &StoredCheckout, number: u32) -> bool {
    matches!(
        checkout.machine.state(),
        State::Paying { hold, stage: PayingStage::Holding, .. } if hold.number == number
    )
}

fn hold_request(checkout: &StoredCheckout, duration: Duration) -> Option<HoldRequest> {
    let lines = checkout.cart.lines.iter().map(|line| {
        let key = StockKey {
            partner: line.partner_id,
            item_id: line.item_id.clone(),
        };
        (key, line.quantity)
    });
    HoldRequest::new(checkout.id, lines, checkout.fingerprints(), duration)
}
