//! What became of money that is not kept.

use buywire_checkout::amount::named_money;
use buywire_checkout::machine::BuyerNotice;
use buywire_schemas::ids::CheckoutId;
use buywire_schemas::money::Currency;
use url::Url;

use super::parts::{SellerContact, footer, letter, text};
use crate::mail::content::Block;
use crate::mail::outgoing::{MailRecipient, OutgoingMail};
use crate::mail::words::{fill, words};

/// A mail about money that the buyer keeps or gets back.
#[derive(Debug, Clone)]
pub struct NoticeMail {
    /// Who gets it.
    pub recipient: MailRecipient,
    /// What happened.
    pub notice: BuyerNotice,
    /// How much, in minor units.
    pub amount: i64,
    /// Of the amount.
    pub currency: Currency,
    /// What it was paid for.
    pub reference: PaidReference,
    /// The page of the order.
    pub order_url: Url,
    /// Who sells.
    pub seller: Option<SellerContact>,
    /// Nothing of it is real.
    pub is_test: bool,
}

/// What was paid for, as the buyer finds it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaidReference {
    /// An order, by its number.
    Order(String),
    /// A checkout that came to no order.
    Checkout(CheckoutId),
}

impl NoticeMail {
    /// The mail.
    #[must_use]
    pub fn compose(&self) -> OutgoingMail {
        let language = self.recipient.language;
        let words = words(language);
        let amount = named_money(language, self.currency, self.amount);
        let (subject, title, sentence) = match self.notice {
            BuyerNotice::NotCharged => (
                words.not_charged_subject,
                words.not_charged_subject,
                words.not_charged,
            ),
            BuyerNotice::RefundStarted => (
                words.refund_started_subject,
                words.refund_started_title,
                words.refund_started,
            ),
            BuyerNotice::Refunded => (words.refunded_subject, words.refunded_title, words.refunded),
        };
        let values = [("amount", amount.as_str())];
        let mut document = letter(&self.recipient, title, self.is_test);
        let (number, label) = match &self.reference {
            PaidReference::Order(order) => ((words.order_number, text(order)), words.see_order),
            PaidReference::Checkout(id) => {
                ((words.checkout_number, id.to_string()), words.see_details)
            }
        };
        document.blocks.extend([
            Block::Paragraph(fill(sentence, &values)),
            Block::Facts(vec![(words.amount, amount.clone()), number]),
            Block::Button {
                label,
                url: self.order_url.to_string(),
            },
        ]);
        let seller = self.seller.as_ref();
        document.blocks.extend(
            seller
                .into_iter()
                .flat_map(|seller| seller.blocks(language)),
        );
        document.footer = footer(words, seller);
        let reply_to = seller.map(SellerContact::mailbox);
        OutgoingMail::new(&self.recipient, reply_to, &fill(subject, &values), document)
    }
}
