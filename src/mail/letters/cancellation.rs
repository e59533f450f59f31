//! An order that was cancelled.

use buywire_checkout::amount::named_money;
use buywire_schemas::money::Currency;
use time::OffsetDateTime;
use url::Url;

use super::parts::{SellerContact, footer, letter, text};
use crate::mail::content::Block;
use crate::mail::format::date_time;
use crate::mail::outgoing::{MailRecipient, OutgoingMail};
use crate::mail::words::{fill, words};

/// A mail that an order was cancelled.
#[derive(Debug, Clone)]
pub struct CancellationMail {
    /// Who gets it.
    pub recipient: MailRecipient,
    /// The order's number.
    pub order_number: String,
    /// When it was cancelled.
    pub cancelled_at: OffsetDateTime,
    /// What becomes of the money.
    pub money: ReturnedMoney,
    /// The page of the order.
    pub order_url: Url,
    /// Who sells.
    pub seller: SellerContact,
    /// Nothing of it is real.
    pub is_test: bool,
}

/// What becomes of the money of a cancelled order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReturnedMoney {
    /// It was never taken.
    Released,
    /// It is sent back.
    Refund {
        /// How much, in minor units.
        amount: i64,
        /// Of the amount.
        currency: Currency,
    },
}

impl CancellationMail {
    /// The mail.
    #[must_use]
    pub fn compose(&self) -> OutgoingMail {
        let language = self.recipient.language;
        let words = words(language);
        let order = text(&self.order_number);
        let returned = match self.money {
            ReturnedMoney::Released => words.cancelled_released.to_owned(),
            ReturnedMoney::Refund { amount, currency } => {
                let amount = named_money(language, currency, amount);
                fill(words.cancelled_refund, &[("amount", &amount)])
            }
        };
        let mut document = letter(&self.recipient, words.cancelled_title, self.is_test);
        document.blocks.extend([
            Block::Paragraph(words.cancelled.to_owned()),
            Block::Paragraph(returned),
            Block::Facts(vec![
                (words.order_number, order.clone()),
                (words.cancelled_at, date_time(self.cancelled_at, language)),
            ]),
            Block::Button {
                label: words.see_order,
                url: self.order_url.to_string(),
            },
        ]);
        document.blocks.extend(self.seller.blocks(language));
        document.footer = footer(words, Some(&self.seller));
        let subject = fill(words.cancelled_subject, &[("order", &order)]);
        OutgoingMail::new(
            &self.recipient,
            Some(self.seller.mailbox()),
            &subject,
            document,
        )
    }
}
