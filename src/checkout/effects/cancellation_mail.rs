//! The mail about an order that was cancelled before it was fulfilled.

use buywire_schemas::ids::CheckoutId;
use time::OffsetDateTime;
use url::Url;

use super::mail::{recipient, seller};
use super::outcome::{Outcome, Performed};
use crate::checkout::order::order_number;
use crate::checkout::shared::{CheckoutError, Checkouts};
use crate::checkout::view::CheckoutView;
use crate::mail::{CancellationMail, OutgoingMail, ReturnedMoney};
use crate::store::payments::StoredPayment;

impl Checkouts {
    pub(super) async fn send_cancellation(
        &self,
        id: CheckoutId,
        key: &str,
        is_charged: bool,
        cancelled_at: OffsetDateTime,
        tries: i32,
    ) -> Performed {
        let Some(view) = self.mail_view(id).await? else {
            return Ok(Outcome::nothing());
        };
        let mail = self
            .cancellation_mail(&view, is_charged, cancelled_at)
            .await?;
        self.send(mail, key, tries).await
    }

    /// `None`: the buyer or the seller's terms are not there any more.
    async fn cancellation_mail(
        &self,
        view: &CheckoutView,
        is_charged: bool,
        cancelled_at: OffsetDateTime,
    ) -> Result<Option<OutgoingMail>, CheckoutError> {
        let policy = self.first_policy(view).await?;
        let seller = policy.as_ref().and_then(seller);
        let parts = recipient(view).zip(seller).zip(view.payment.as_ref());
        let Some(((recipient, seller), payment)) = parts else {
            return Ok(None);
        };
        let Ok(order_url) = Url::parse(&self.order_page(&view.token)) else {
            return Ok(None);
        };
        let mail = CancellationMail {
            recipient,
            order_number: order_number(view.stored.id),
            cancelled_at,
            money: match is_charged {
                true => ReturnedMoney::Refund {
                    amount: self.sent_back(payment).await?,
                    currency: payment.currency,
                },
                false => ReturnedMoney::Released,
            },
            order_url,
            seller,
            is_test: view.stored.test,
        };
        Ok(Some(mail.compose()))
    }

    /// What the checkout sends back: an operator may have sent a part of it before.
    async fn sent_back(&self, payment: &StoredPayment) -> Result<i64, CheckoutError> {
        let refunds = self.store.payment_refunds(payment.id).await?;
        let own = refunds.iter().rfind(|refund| refund.number.is_some());
        let left = payment.amount_captured - payment.amount_refunded;
        Ok(own.map_or(left, |refund| refund.amount))
    }
}
