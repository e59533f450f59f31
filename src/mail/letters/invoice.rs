//! How to pay an invoice.

use buywire_checkout::amount::named_money;
use buywire_schemas::money::Currency;
use time::OffsetDateTime;
use url::Url;

use super::parts::{SellerContact, footer, letter, text};
use crate::mail::content::{Block, verbatim_lines};
use crate::mail::format::date;
use crate::mail::outgoing::{MailRecipient, OutgoingMail};
use crate::mail::words::{fill, words};

/// Longer instructions are refused where they are stated.
const INSTRUCTIONS_CHARS_MAX: usize = 1_000;

/// A mail about an order that is placed once its invoice is paid.
#[derive(Debug, Clone)]
pub struct InvoiceMail {
    /// Who gets it.
    pub recipient: MailRecipient,
    /// What the buyer writes on the transfer: the order's number.
    pub order_number: String,
    /// What is to be paid, in minor units.
    pub amount: i64,
    /// Of the amount.
    pub currency: Currency,
    /// Until when the units are held.
    pub due_at: OffsetDateTime,
    /// The seller's words, such as its bank account.
    pub instructions: String,
    /// The page of the order.
    pub order_url: Url,
    /// Who sells.
    pub seller: SellerContact,
    /// Nothing of it is real.
    pub is_test: bool,
}

impl InvoiceMail {
    /// The mail.
    #[must_use]
    pub fn compose(&self) -> OutgoingMail {
        let language = self.recipient.language;
        let words = words(language);
        let order = text(&self.order_number);
        let amount = named_money(language, self.currency, self.amount);
        let due = date(self.due_at, language);
        let mut document = letter(&self.recipient, words.invoice_title, self.is_test);
        let values = [("amount", amount.as_str()), ("date", due.as_str())];
        document.blocks.extend([
            Block::Paragraph(fill(words.invoice_intro, &values)),
            Block::Facts(vec![
                (words.amount, amount.clone()),
                (words.invoice_reference, order.clone()),
                (words.invoice_due, due.clone()),
            ]),
            Block::Heading(words.invoice_how.to_owned()),
            Block::Verbatim(verbatim_lines(&self.instructions, INSTRUCTIONS_CHARS_MAX)),
            Block::Button {
                label: words.see_order,
                url: self.order_url.to_string(),
            },
        ]);
        document.blocks.extend(self.seller.blocks(language));
        document.footer = footer(words, Some(&self.seller));
        let subject = fill(words.invoice_subject, &[("order", &order)]);
        OutgoingMail::new(
            &self.recipient,
            Some(self.seller.mailbox()),
            &subject,
            document,
        )
    }
}
