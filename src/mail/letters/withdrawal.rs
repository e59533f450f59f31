//! A withdrawal that was declared: acknowledged at once, with date and time, on a durable medium (Directive 2011/83/EU,
//! Art 11a).

use time::OffsetDateTime;
use url::Url;

use super::parts::{SellerContact, footer, letter, text};
use crate::mail::content::Block;
use crate::mail::format::date_time;
use crate::mail::outgoing::{MailRecipient, OutgoingMail};
use crate::mail::words::{fill, words};

/// Items of one declaration. An order's own bound is higher; the rest is on its page.
const ITEMS_MAX: usize = 50;

/// A mail that a withdrawal was received.
#[derive(Debug, Clone)]
pub struct WithdrawalMail {
    /// Who gets it.
    pub recipient: MailRecipient,
    /// The order's number.
    pub order_number: String,
    /// When the declaration was received.
    pub received_at: OffsetDateTime,
    /// What the buyer declared.
    pub declared: DeclaredWithdrawal,
    /// Whether something must be sent back.
    pub has_goods: bool,
    /// The page of the order.
    pub order_url: Url,
    /// Who sells.
    pub seller: SellerContact,
    /// Nothing of it is real.
    pub is_test: bool,
}

/// What a buyer declared, as it was typed.
#[derive(Debug, Clone)]
pub struct DeclaredWithdrawal {
    /// The name.
    pub name: String,
    /// The items; empty for the whole order.
    pub items: Vec<String>,
    /// Where the acknowledgement is to go.
    pub contact: String,
}

impl WithdrawalMail {
    /// The mail.
    #[must_use]
    pub fn compose(&self) -> OutgoingMail {
        let language = self.recipient.language;
        let words = words(language);
        let order = text(&self.order_number);
        let received = date_time(self.received_at, language);
        let mut document = letter(&self.recipient, words.declared_title, self.is_test);
        let intro = fill(words.declared_intro, &[("time", &received)]);
        let next = match self.has_goods {
            true => format!("{} {}", words.declared_money, words.withdrawal_goods),
            false => words.declared_money.to_owned(),
        };
        document.blocks.extend([
            Block::Paragraph(intro),
            Block::Heading(words.declared.to_owned()),
            Block::Paragraph(fill(words.declaration, &[("order", &order)])),
            Block::Facts(self.facts(&order, received)),
            Block::Heading(words.declared_next.to_owned()),
            Block::Paragraph(next),
            Block::Button {
                label: words.see_order,
                url: self.order_url.to_string(),
            },
        ]);
        document.blocks.extend(self.seller.blocks(language));
        document.footer = footer(words, Some(&self.seller));
        let subject = fill(words.declared_subject, &[("order", &order)]);
        OutgoingMail::new(
            &self.recipient,
            Some(self.seller.mailbox()),
            &subject,
            document,
        )
    }

    fn facts(&self, order: &str, received: String) -> Vec<(&'static str, String)> {
        let words = words(self.recipient.language);
        let items = self.declared.items.iter().take(ITEMS_MAX);
        let items: Vec<_> = items.map(|item| text(item)).collect();
        let mut facts = vec![
            (words.declared_at, received),
            (words.declared_name, text(&self.declared.name)),
            (words.order_number, order.to_owned()),
        ];
        if !items.is_empty() {
            facts.push((words.declared_items, items.join(", ")));
        }
        facts.push((words.declared_contact, text(&self.declared.contact)));
        facts
    }
}
