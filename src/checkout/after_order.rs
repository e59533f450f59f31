//! After the order: the buyer withdraws from the contract, or wants to be forgotten.
//!
//! Promises: a withdrawal is stored before it is acknowledged, with the time at which it came, and acknowledged by mail; the
//! first one counts. What is not fulfilled yet is cancelled and refunded by it. A buyer who is forgotten is in no row of
//! the checkout and in no event of its order.

use buywire_checkout::machine::{Event, Rejected, State};
use buywire_schemas::ids::CheckoutId;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use url::Url;

use super::effects::mail::{recipient, seller};
use super::order::order_number;
use super::shared::{CheckoutError, Checkouts};
use super::token::CheckoutToken;
use super::view::CheckoutView;
use crate::ambient;
use crate::mail::{DeclaredWithdrawal, MailAddress, OutgoingMail, WithdrawalMail};
use crate::secrets::master_key::SealContext;
use crate::store::audit::Actor;
use crate::store::checkouts;
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
        let received_at = self
            .store
            .add_withdrawal(id, &sealed, ambient::now())
            .await?;
        tracing::info!(checkout = %id, "checkout.withdrawal: received");
        self.acknowledge(&view, withdrawal, received_at).await?;
        self.cancel_if_open(&view).await?;
        Ok(received_at)
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

    /// Sent at once. A mail server that is down makes no withdrawal void: the page acknowledges it, too.
    async fn acknowledge(
        &self,
        view: &CheckoutView,
        withdrawal: Withdrawal,
        received_at: OffsetDateTime,
    ) -> Result<(), CheckoutError> {
        let key = format!("{}.withdrawal", view.stored.id);
        let mail = self.acknowledgement(view, withdrawal, received_at).await?;
        self.send(mail, &key, 0).await.map(drop)
    }

    async fn acknowledgement(
        &self,
        view: &CheckoutView,
        withdrawal: Withdrawal,
        received_at: OffsetDateTime,
    ) -> Result<Option<OutgoingMail>, CheckoutError> {
        let policy = self.first_policy(view).await?;
        let parts = recipient(view).zip(policy.as_ref().and_then(seller));
        let Some((mut recipient, seller)) = parts else {
            return Ok(None);
        };
        if let Ok(contact) = MailAddress::parse(&withdrawal.contact) {
            recipient.address = contact;
        }
        let Ok(order_url) = Url::parse(&self.order_page(&view.token)) else {
            return Ok(None);
        };
        let mail = WithdrawalMail {
            recipient,
            order_number: order_number(view.stored.id),
            received_at,
            declared: DeclaredWithdrawal {
                name: withdrawal.name,
                items: Vec::new(),
                contact: withdrawal.contact,
            },
            has_goods: view.stored.cart.is_shipped(),
            order_url,
            seller,
            is_test: view.stored.test,
        };
        Ok(Some(mail.compose()))
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

fn context(row: &str) -> SealContext<'_> {
    SealContext {
        table: "withdrawals",
        row,
        column: "statement",
    }
}
