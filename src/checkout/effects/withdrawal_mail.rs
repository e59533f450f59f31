//! The mail that acknowledges a withdrawal.

use buywire_schemas::ids::CheckoutId;
use time::OffsetDateTime;
use url::Url;

use super::mail::{recipient, seller};
use super::outcome::{Outcome, Performed};
use crate::checkout::after_order::Withdrawal;
use crate::checkout::order::order_number;
use crate::checkout::shared::{CheckoutError, Checkouts};
use crate::checkout::view::CheckoutView;
use crate::mail::{DeclaredWithdrawal, MailAddress, OutgoingMail, WithdrawalMail};

impl Checkouts {
    /// Acknowledges a withdrawal. The page does so, too, so that no mail server can make it void.
    pub(super) async fn send_acknowledgement(
        &self,
        id: CheckoutId,
        key: &str,
        tries: i32,
    ) -> Performed {
        let declared = self.withdrawal(id).await?;
        let view = self.mail_view(id).await?;
        let Some((view, (withdrawal, received_at))) = view.zip(declared) else {
            return Ok(Outcome::nothing());
        };
        let mail = self.acknowledgement(&view, withdrawal, received_at).await?;
        self.send(mail, key, tries).await
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
}
