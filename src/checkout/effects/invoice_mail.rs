//! The mail that says how an invoice is paid.

use buywire_schemas::ids::CheckoutId;
use url::Url;

use super::mail::{recipient, seller};
use super::outcome::{Outcome, Performed};
use crate::checkout::order::order_number;
use crate::checkout::shared::{CheckoutError, Checkouts};
use crate::checkout::view::CheckoutView;
use crate::mail::{InvoiceMail, OutgoingMail};

impl Checkouts {
    pub(super) async fn send_invoice(&self, id: CheckoutId, key: &str, tries: i32) -> Performed {
        let Some(view) = self.mail_view(id).await? else {
            return Ok(Outcome::nothing());
        };
        let mail = self.invoice_mail(&view).await?;
        self.send(mail, key, tries).await
    }

    /// `None`: the buyer, the seller's terms or the invoice are not there any more, or it need not be paid.
    async fn invoice_mail(
        &self,
        view: &CheckoutView,
    ) -> Result<Option<OutgoingMail>, CheckoutError> {
        if view.paying().is_none() {
            return Ok(None);
        }
        let invoice = self.open_invoice(view).await?;
        let policy = self.first_policy(view).await?;
        let seller = policy.as_ref().and_then(seller);
        let parts = recipient(view).zip(seller).zip(view.payment.as_ref());
        let Some((((recipient, seller), payment), invoice)) = parts.zip(invoice) else {
            return Ok(None);
        };
        let Ok(order_url) = Url::parse(&self.order_page(&view.token)) else {
            return Ok(None);
        };
        let mail = InvoiceMail {
            recipient,
            order_number: order_number(view.stored.id),
            amount: payment.amount,
            currency: payment.currency,
            due_at: invoice.due_at,
            instructions: invoice.instructions,
            order_url,
            seller,
            is_test: view.stored.test,
        };
        Ok(Some(mail.compose()))
    }
}
