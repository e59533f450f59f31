//! The confirmation of an order on a durable medium (Directive 2011/83/EU, Art 8(7)): what was bought, from whom, what it
//! cost, where it goes, and how to withdraw.

use buywire_checkout::address::{Language, format_lines};
use buywire_checkout::amount::named_money;
use buywire_checkout::quote::Quote;
use buywire_schemas::money::Currency;
use buywire_schemas::order::Address;
use time::OffsetDateTime;
use url::Url;

use super::parts::{SellerContact, SellerLinks, country, footer, letter, text};
use crate::mail::content::{Block, ItemRow, SumRow};
use crate::mail::format::{date, date_time};
use crate::mail::outgoing::{MailRecipient, OutgoingMail};
use crate::mail::words::{Words, fill, words};

/// Lines of an order that a mail lists; the intake takes no more.
const LINES_MAX: usize = 1_000;
/// Options of a line.
const OPTIONS_MAX: usize = 20;
/// The digits of a card that anybody may see.
const LAST4: usize = 4;

/// A mail that confirms an order.
#[derive(Debug, Clone)]
pub struct ReceiptMail {
    /// Who gets it.
    pub recipient: MailRecipient,
    /// The order's number.
    pub order_number: String,
    /// When it was confirmed.
    pub ordered_at: OffsetDateTime,
    /// Who sells.
    pub seller: SellerContact,
    /// The seller's pages.
    pub links: SellerLinks,
    /// What was bought.
    pub lines: Vec<ReceiptLine>,
    /// What it cost.
    pub amounts: ReceiptAmounts,
    /// How it is delivered, if there is something to deliver.
    pub delivery: Option<MailDelivery>,
    /// Where it goes.
    pub ship_to: Option<Address>,
    /// With which card it was paid, if with one.
    pub payment: Option<PaymentCard>,
    /// The right of withdrawal; none where the law gives none.
    pub withdrawal: Option<WithdrawalTerms>,
    /// The page of the order.
    pub order_url: Url,
    /// Nothing of it is real.
    pub is_test: bool,
}

/// One line of an order.
#[derive(Debug, Clone)]
pub struct ReceiptLine {
    /// What it is.
    pub title: String,
    /// What was chosen: `Size`, `250 ml`.
    pub options: Vec<(String, String)>,
    /// How many.
    pub quantity: i64,
    /// What one costs.
    pub unit_price: i64,
    /// Why it cannot be given back, if it cannot.
    pub exception: Option<WithdrawalException>,
}

/// What an order cost, in minor units.
#[derive(Debug, Clone, Copy)]
pub struct ReceiptAmounts {
    /// Of every amount.
    pub currency: Currency,
    /// All lines before discount.
    pub subtotal: i64,
    /// What is taken off.
    pub discount: i64,
    /// All deliveries.
    pub shipping: i64,
    /// On lines and shipping.
    pub tax: i64,
    /// Whether the prices contain it.
    pub tax_included: bool,
    /// What was paid.
    pub total: i64,
}

/// How an order is delivered.
#[derive(Debug, Clone)]
pub struct MailDelivery {
    /// As the buyer chose it.
    pub title: String,
    /// The days that it takes, from and to.
    pub days: Option<(u16, u16)>,
}

/// The card that an order was paid with.
#[derive(Debug, Clone)]
pub struct PaymentCard {
    /// Such as `Visa`, as the processor names it.
    pub brand: Option<String>,
    /// Its last four digits.
    pub last4: String,
}

/// The right of withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WithdrawalTerms {
    /// The period.
    pub days: u16,
}

/// Why there is no right of withdrawal for an item (Directive 2011/83/EU, Art 16).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithdrawalException {
    /// Leisure at a fixed date.
    DatedTicket,
    /// Sealed recordings and software, once opened.
    SealedMedia,
    /// Goods that spoil.
    Perishable,
    /// Goods made to order.
    CustomMade,
    /// Digital content, delivered at once with the buyer's consent.
    DigitalAfterConsent,
}

impl From<&Quote> for ReceiptAmounts {
    fn from(quote: &Quote) -> Self {
        Self {
            currency: quote.currency(),
            subtotal: quote.subtotal(),
            discount: quote.discount(),
            shipping: quote.shipping(),
            tax: quote.tax(),
            tax_included: quote.tax_included(),
            total: quote.total(),
        }
    }
}

impl ReceiptMail {
    /// The mail.
    #[must_use]
    pub fn compose(&self) -> OutgoingMail {
        let language = self.recipient.language;
        let words = words(language);
        let order = text(&self.order_number);
        let seller = self.seller.shown_name();
        let mut document = letter(&self.recipient, words.receipt_title, self.is_test);
        let blocks = &mut document.blocks;
        let intro = fill(words.receipt_intro, &[("seller", &seller)]);
        blocks.push(Block::Paragraph(intro));
        let mut facts = vec![
            (words.order_number, order.clone()),
            (words.ordered_at, date_time(self.ordered_at, language)),
        ];
        let card = self.payment.as_ref();
        facts.extend(card.map(|card| (words.payment, card.shown(words))));
        blocks.push(Block::Facts(facts));
        blocks.push(Block::Button {
            label: words.see_order,
            url: self.order_url.to_string(),
        });
        blocks.push(Block::Heading(words.items.to_owned()));
        let lines = self.lines.iter().take(LINES_MAX);
        let items = lines.map(|line| line.row(self.amounts.currency, language));
        blocks.push(Block::Items(items.collect()));
        blocks.push(Block::Sums(
            self.amounts.rows(self.delivery.is_some(), language),
        ));
        blocks.extend(self.delivery_blocks());
        blocks.extend(self.seller.blocks(language));
        blocks.push(Block::Heading(words.policies.to_owned()));
        blocks.push(Block::Links(self.links.named(words)));
        blocks.extend(self.withdrawal_blocks(&order));
        document.footer = footer(words, Some(&self.seller));
        let subject = fill(words.receipt_subject, &[("order", &order)]);
        OutgoingMail::new(
            &self.recipient,
            Some(self.seller.mailbox()),
            &subject,
            document,
        )
    }

    fn delivery_blocks(&self) -> Vec<Block> {
        let language = self.recipient.language;
        let words = words(language);
        let mut blocks = Vec::new();
        if let Some(delivery) = &self.delivery {
            let mut facts = vec![(words.delivery, text(&delivery.title))];
            let days = delivery.days.map(|days| shown_days(days, words));
            facts.extend(days.map(|days| (words.delivery_time, days)));
            blocks.push(Block::Heading(words.delivery.to_owned()));
            blocks.push(Block::Facts(facts));
        }
        if let Some(address) = &self.ship_to {
            let mut lines = format_lines(address);
            lines.push(country(&address.country, language));
            let lines = lines.iter().map(|line| text(line));
            blocks.push(Block::Heading(words.ship_to.to_owned()));
            blocks.push(Block::Lines(lines.collect()));
        }
        blocks
    }

    fn withdrawal_blocks(&self, order: &str) -> Vec<Block> {
        let words = words(self.recipient.language);
        let Some(terms) = self.withdrawal else {
            return Vec::new();
        };
        let mut blocks = vec![Block::Heading(words.withdrawal.to_owned())];
        let ends = |line: &&ReceiptLine| !line.may_be_withdrawn();
        let has_right = self.lines.iter().any(ReceiptLine::may_be_withdrawn);
        if has_right {
            blocks.extend(self.right_of_withdrawal(terms, words));
        }
        let stated = self.lines.iter().filter(|line| line.exception.is_some());
        blocks.extend(stated.filter_map(|line| line.exception_sentence(words)));
        let excepted = self.lines.iter().filter(ends).count();
        if has_right && excepted < self.lines.len() {
            blocks.push(Block::Heading(words.form_title.to_owned()));
            blocks.push(Block::Form(self.withdrawal_form(order, words)));
        }
        blocks
    }

    fn right_of_withdrawal(&self, terms: WithdrawalTerms, words: &Words) -> Vec<Block> {
        let has_goods = self.ship_to.is_some();
        let period = match has_goods {
            true => words.withdrawal_after_delivery,
            false => words.withdrawal_after_order,
        };
        let days = terms.days.to_string();
        let (seller, email) = (self.seller.shown_name(), self.seller.email.as_str());
        let how = [("seller", seller.as_str()), ("email", email)];
        let sentences = [
            Some(fill(period, &[("days", &days)])),
            Some(fill(words.withdrawal_how, &how)),
            Some(words.withdrawal_money.to_owned()),
            has_goods.then(|| words.withdrawal_goods.to_owned()),
        ];
        sentences
            .into_iter()
            .flatten()
            .map(Block::Paragraph)
            .collect()
    }

    /// The form of Annex I(B), filled in as far as it is settled.
    fn withdrawal_form(&self, order: &str, words: &Words) -> Vec<String> {
        let language = self.recipient.language;
        let titles = self.lines.iter().filter(|line| line.may_be_withdrawn());
        let titles: Vec<_> = titles
            .take(LINES_MAX)
            .map(|line| text(&line.title))
            .collect();
        let seller = self.seller.one_line(language);
        vec![
            words.form_hint.to_owned(),
            fill(words.form_to, &[("seller", &seller)]),
            format!("{} {} ({order})", words.form_notice, titles.join(", ")),
            format!("{} {}", words.form_dates, date(self.ordered_at, language)),
            words.form_name.to_owned(),
            words.form_address.to_owned(),
            words.form_signature.to_owned(),
            words.form_date.to_owned(),
            words.form_delete.to_owned(),
        ]
    }
}

impl ReceiptLine {
    /// What is sealed may be given back until the seal is broken.
    fn may_be_withdrawn(&self) -> bool {
        matches!(
            self.exception,
            None | Some(WithdrawalException::SealedMedia)
        )
    }

    fn row(&self, currency: Currency, language: Language) -> ItemRow {
        let words = words(language);
        let options = self.options.iter().take(OPTIONS_MAX);
        let options =
            options.map(|(name, value)| format!("{}{}{}", text(name), words.colon, text(value)));
        let mut details: Vec<_> = options.collect();
        if self.quantity != 1 {
            let amount = named_money(language, currency, self.unit_price);
            details.push(fill(words.each, &[("amount", &amount)]));
        }
        let amount = self.unit_price.saturating_mul(self.quantity);
        ItemRow {
            title: format!("{} × {}", self.quantity, text(&self.title)),
            details,
            amount: named_money(language, currency, amount),
        }
    }

    fn exception_sentence(&self, words: &Words) -> Option<Block> {
        let sentence = match self.exception? {
            WithdrawalException::DatedTicket => words.excepted_dated_ticket,
            WithdrawalException::SealedMedia => words.excepted_sealed_media,
            WithdrawalException::Perishable => words.excepted_perishable,
            WithdrawalException::CustomMade => words.excepted_custom_made,
            WithdrawalException::DigitalAfterConsent => words.excepted_digital,
        };
        let sentence = fill(sentence, &[("item", &text(&self.title))]);
        Some(Block::Paragraph(sentence))
    }
}

impl ReceiptAmounts {
    fn rows(&self, has_delivery: bool, language: Language) -> Vec<SumRow> {
        let words = words(language);
        let row = |label: &'static str, minor: i64| SumRow {
            label,
            amount: named_money(language, self.currency, minor),
            is_total: false,
        };
        let free = SumRow {
            amount: words.free.to_owned(),
            ..row(words.delivery, 0)
        };
        let delivery = match self.shipping {
            0 => has_delivery.then_some(free),
            price => Some(row(words.delivery, price)),
        };
        let total = SumRow {
            is_total: true,
            ..row(words.total, self.total)
        };
        let rows = [
            Some(row(words.subtotal, self.subtotal)),
            (self.discount != 0).then(|| row(words.discount, -self.discount)),
            delivery,
            (!self.tax_included).then(|| row(words.tax_added, self.tax)),
            Some(total),
            self.tax_included.then(|| row(words.tax_included, self.tax)),
        ];
        rows.into_iter().flatten().collect()
    }
}

impl PaymentCard {
    /// Whatever a processor says, no more than four digits are shown.
    fn shown(&self, words: &Words) -> String {
        let digits = self.last4.chars().filter(char::is_ascii_digit);
        let digits: Vec<_> = digits.collect();
        let kept = digits.get(digits.len().saturating_sub(LAST4)..);
        let last4: String = kept.unwrap_or_default().iter().collect();
        let brand = self.brand.as_deref().map(text);
        let brand = brand.filter(|brand| !brand.is_empty());
        let brand = brand.unwrap_or_else(|| words.card.to_owned());
        fill(words.payment_card, &[("brand", &brand), ("last4", &last4)])
    }
}

fn shown_days((from, to): (u16, u16), words: &Words) -> String {
    let (first, last) = (from.to_string(), to.to_string());
    match (from, to) {
        (1, 1) => words.delivery_day.to_owned(),
        (from, to) if from == to => fill(words.delivery_days, &[("days", &last)]),
        _ => fill(
            words.delivery_days_between,
            &[("from", &first), ("to", &last)],
        ),
    }
}
