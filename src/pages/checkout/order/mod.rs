//! The order page: where a buyer returns from the processor, and where the order is found later, in any browser.
//!
//! Promises: it says first what is true, then what helps, then the details; "order confirmed" stands there only when the
//! order is; dates are absolute. Must not read the clock: how much time is left is a value.

mod values;

pub(crate) use values::{
    InvoiceToPay, OrderCancel, OrderHold, PaidWith, PlacedOrder, ReceivedWithdrawal,
    WithdrawalWindow,
};

use askama::Template;
use buywire_checkout::address::Language;
use buywire_checkout::amount::money;
use buywire_checkout::machine::{HOLD_NOTICE, PageSituation};
use buywire_schemas::order::Address;

use super::super::format::Time;
use super::date::{date, date_time};
use super::frame::Frame;
use super::item::{CheckoutItem, ItemView};
use super::links::{CheckoutLinks, OrderAction, OrderQuestion};
use super::method::method_title;
use super::review::address_lines;
use super::situation::{SituationAction, SituationLevel, situation_facts, situation_words};
use super::totals::{Totals, TotalsView};
use super::words::{self, BuyingWords, OrderedWords, fill, isolated};

/// Seconds until the page is loaded again, after so many times. What takes longer is looked at every half minute.
const REFRESH_SECONDS: [u32; 6] = [3, 3, 5, 8, 13, 21];
const REFRESH_SECONDS_MAX: u32 = 30;
/// Loads until the page stays as it is: an hour and more. Its link leads on.
const CHECKS_MAX: u32 = 150;

/// The order page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OrderPage<'a> {
    /// Where its pages lie, and the language.
    pub(crate) links: CheckoutLinks<'a>,
    /// The order's token.
    pub(crate) token: &'a str,
    /// What is true.
    pub(crate) situation: PageSituation,
    /// The item.
    pub(crate) item: &'a CheckoutItem,
    /// Units.
    pub(crate) quantity: i64,
    /// What it costs, once that is known.
    pub(crate) totals: Option<Totals>,
    /// Where the receipt goes. None after the buyer's data was deleted.
    pub(crate) email: Option<&'a str>,
    /// Where it is delivered.
    pub(crate) address: Option<&'a Address>,
    /// How often the page was loaded by itself.
    pub(crate) checks: u32,
    /// The processor's hosted page.
    pub(crate) pay_url: Option<&'a str>,
    /// The units held while the buyer pays.
    pub(crate) hold: Option<OrderHold>,
    /// How the invoice is paid, while it waits for its money.
    pub(crate) invoice: Option<InvoiceToPay<'a>>,
    /// The order, once it is placed.
    pub(crate) order: Option<PlacedOrder<'a>>,
    /// A withdrawal that was received.
    pub(crate) withdrawal: Option<ReceivedWithdrawal<'a>>,
    /// Whether the buyer's data was deleted.
    pub(crate) is_forgotten: bool,
    /// The seller's page for questions.
    pub(crate) seller_url: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "checkout/order.html", config = "src/pages/askama.toml")]
struct Page<'a> {
    frame: Frame,
    buying: &'static BuyingWords,
    words: &'static OrderedWords,
    item: ItemView<'a>,
    quantity: i64,
    level: SituationLevel,
    title: &'static str,
    text: String,
    receipt: Option<String>,
    action: Option<ActionLink<'a>>,
    is_updating: bool,
    hold: Option<HoldText>,
    cancel_payment: Option<String>,
    invoice: Option<InvoiceText<'a>>,
    totals: Option<TotalsView>,
    address: Vec<String>,
    order: Option<OrderText<'a>>,
    withdrawal: Option<(String, Time)>,
    is_forgotten: bool,
    contact: Option<(String, &'a str)>,
}

struct ActionLink<'a> {
    label: String,
    href: std::borrow::Cow<'a, str>,
    is_button: bool,
}

struct HoldText {
    until: String,
    soon: Option<String>,
    is_scarce: bool,
    extend: Option<String>,
}

struct InvoiceText<'a> {
    amount: String,
    reference: &'a str,
    due: Time,
    instructions: Vec<&'a str>,
}

struct OrderText<'a> {
    number: &'a str,
    ordered_at: Time,
    payment: Option<String>,
    cancel: Option<String>,
    is_cancel_refused: bool,
    withdraw: Option<String>,
    withdraw_until: Option<String>,
    forget: Option<String>,
}

impl OrderText<'_> {
    /// Whether there is something that can be done after the order.
    fn has_choices(&self) -> bool {
        let choices = [&self.cancel, &self.withdraw, &self.forget];
        self.is_cancel_refused || choices.into_iter().any(Option::is_some)
    }
}

impl<'a> OrderPage<'a> {
    /// The page.
    ///
    /// # Errors
    /// When the template cannot be rendered.
    pub(crate) fn render(&self) -> Result<String, askama::Error> {
        self.page().render()
    }

    /// Seconds until the page is to be loaded again, and from where: the value of a `Refresh` header. A page that waits asks
    /// at growing intervals; one with a countdown is there when its end is announced and when it has ended.
    #[must_use]
    pub(crate) fn refresh(&self) -> Option<(u32, String)> {
        if self.checks >= CHECKS_MAX {
            return None;
        }
        let index = usize::try_from(self.checks).unwrap_or(usize::MAX);
        let growing = REFRESH_SECONDS
            .get(index)
            .copied()
            .unwrap_or(REFRESH_SECONDS_MAX);
        let seconds = match (situation_facts(self.situation).0, self.hold) {
            (SituationLevel::Waiting, _) => growing,
            (_, Some(hold)) => {
                let left = hold.countdown.left.whole_seconds();
                let notice = HOLD_NOTICE.whole_seconds();
                let until_next = if left > notice {
                    left - notice
                } else {
                    left + 1
                };
                // A buyer who has just paid may be faster than what the processor says.
                u32::try_from(until_next).ok()?.min(growing)
            }
            (_, None) => return None,
        };
        Some((seconds, self.links.order_check(self.token, self.checks + 1)))
    }

    fn page(&self) -> Page<'_> {
        let (links, language) = (self.links, self.links.language);
        let words = words::ordered(language);
        let notice = situation_words(self.situation, language);
        let seller = isolated(&self.item.seller);
        let amount = self
            .totals
            .map(|totals| money(links.locale, totals.currency, totals.total));
        let text = fill(
            notice.text,
            &[
                ("seller", &seller),
                ("amount", amount.as_deref().unwrap_or_default()),
            ],
        );
        let title = format!("{} · {}", notice.title, self.item.seller);
        let path = |links: CheckoutLinks<'_>| links.order(self.token);
        let is_confirmed = self.situation == PageSituation::Confirmed;
        let receipt = self.email.filter(|_| is_confirmed);
        let may_stop = matches!(
            self.situation,
            PageSituation::PayNow | PageSituation::PayInvoice | PageSituation::Declined
        );
        let invoice = self
            .invoice
            .filter(|_| self.situation == PageSituation::PayInvoice);
        Page {
            frame: Frame::new(self.links, title, &self.item.seller, path),
            buying: words::buying(language),
            words,
            item: ItemView::of(self.item, language),
            quantity: self.quantity,
            level: situation_facts(self.situation).0,
            title: notice.title,
            text,
            receipt: receipt.map(|email| fill(words.details.receipt_note, &[("email", email)])),
            action: self.action(amount.as_deref(), words),
            is_updating: self.refresh().is_some() && self.hold.is_none(),
            hold: self
                .hold
                .filter(|_| may_stop)
                .map(|hold| self.hold_text(hold, language)),
            cancel_payment: may_stop.then(|| self.post_to(OrderAction::CancelPayment)),
            invoice: invoice.map(|invoice| InvoiceText {
                amount: amount.clone().unwrap_or_default(),
                reference: invoice.reference,
                due: date_time(language, invoice.due_at),
                instructions: invoice.instructions.split('\n').collect(),
            }),
            totals: self.totals.map(|totals| TotalsView::of(&totals, links)),
            address: self
                .address
                .map(|address| address_lines(address, language))
                .unwrap_or_default(),
            order: self.order.map(|order| self.order_text(order, language)),
            withdrawal: self
                .withdrawal
                .map(|received| withdrawal_text(received, language)),
            is_forgotten: self.is_forgotten,
            contact: self.contact(words),
        }
    }

    fn post_to(&self, action: OrderAction) -> String {
        self.links.order_action(self.token, action)
    }

    fn contact(&self, words: &'static OrderedWords) -> Option<(String, &'a str)> {
        let href = self.seller_url.filter(|_| self.order.is_some())?;
        let seller = isolated(&self.item.seller);
        Some((fill(words.after.contact, &[("seller", &seller)]), href))
    }

    /// The one action that helps.
    fn action(&self, amount: Option<&str>, words: &'static OrderedWords) -> Option<ActionLink<'a>> {
        let (links, token) = (self.links, self.token);
        let (label, href, is_button) = match situation_facts(self.situation).1 {
            SituationAction::CompleteDetails => (words.actions.complete, links.edit(token), true),
            SituationAction::Review => (words.actions.review, links.review(token), true),
            SituationAction::ChangeChoice => (words.actions.change_choice, links.edit(token), true),
            SituationAction::TryAgain => (words.actions.try_again, links.review(token), true),
            SituationAction::Check => (words.actions.check_again, links.order(token), false),
            SituationAction::StartAgain => (words.actions.start_again, links.start(), true),
            SituationAction::BackToOffer => (words.actions.back_to_offer, links.offer(), false),
            SituationAction::None => return None,
            SituationAction::Pay | SituationAction::PayAgain => return self.pay(amount, words),
        };
        Some(ActionLink {
            label: label.to_owned(),
            href: href.into(),
            is_button,
        })
    }

    /// On to the hosted page. While its address is not there, the page is looked at again.
    fn pay(&self, amount: Option<&str>, words: &'static OrderedWords) -> Option<ActionLink<'a>> {
        let is_again = situation_facts(self.situation).1 == SituationAction::PayAgain;
        let label = match amount {
            _ if is_again => words.actions.try_again.to_owned(),
            Some(amount) => fill(words.actions.pay_amount, &[("amount", amount)]),
            None => words.actions.pay.to_owned(),
        };
        Some(match self.pay_url {
            Some(url) => ActionLink {
                label,
                href: url.into(),
                is_button: true,
            },
            None => ActionLink {
                label: words.actions.check_again.to_owned(),
                href: self.links.order(self.token).into(),
                is_button: false,
            },
        })
    }

    fn hold_text(&self, hold: OrderHold, language: Language) -> HoldText {
        let words = &words::ordered(language).hold;
        let minutes = hold.countdown.left.whole_seconds().max(0) as u64 / 60;
        let left = match minutes {
            0 => words.under_a_minute.to_owned(),
            minutes => words.minutes.of(language, minutes),
        };
        let until = date_time(language, hold.ends_at).shown;
        let notice = HOLD_NOTICE.whole_seconds().to_string();
        let soon = hold.countdown.is_announced;
        HoldText {
            until: fill(words.until, &[("time", &until), ("left", &left)]),
            soon: soon.then(|| fill(words.ends_soon, &[("seconds", &notice)])),
            is_scarce: hold.is_scarce,
            extend: hold
                .countdown
                .may_extend
                .then(|| self.post_to(OrderAction::Extend)),
        }
    }

    fn order_text(&self, order: PlacedOrder<'a>, language: Language) -> OrderText<'a> {
        let words = words::ordered(language);
        let ask = |question| self.links.order_question(self.token, question);
        let is_confirmed = self.situation == PageSituation::Confirmed;
        let window = order
            .withdrawal
            .filter(|_| is_confirmed && self.withdrawal.is_none());
        let until = window.and_then(|window| window.until);
        let may_cancel = is_confirmed && order.cancel == OrderCancel::Possible;
        OrderText {
            number: order.number,
            ordered_at: date_time(language, order.ordered_at),
            payment: order.payment.map(|paid| paid_with(paid, language)),
            cancel: may_cancel.then(|| ask(OrderQuestion::Cancel)),
            is_cancel_refused: is_confirmed && order.cancel == OrderCancel::Refused,
            withdraw: window.map(|_| ask(OrderQuestion::Withdraw)),
            withdraw_until: until.map(|until| {
                fill(
                    words.after.withdraw_until,
                    &[("date", &date(language, until))],
                )
            }),
            forget: (order.may_forget && !self.is_forgotten).then(|| ask(OrderQuestion::Forget)),
        }
    }
}

fn withdrawal_text(received: ReceivedWithdrawal<'_>, language: Language) -> (String, Time) {
    let words = &words::ordered(language).withdrawal;
    let text = fill(words.received.text, &[("contact", received.contact)]);
    let time = date_time(language, received.received_at);
    let shown = fill(words.received_at, &[("time", &time.shown)]);
    (text, Time { shown, ..time })
}

/// Such as `Visa ending in 4242`.
fn paid_with(paid: PaidWith<'_>, language: Language) -> String {
    let (brand, last4) = match paid {
        PaidWith::Card { brand, last4 } => (brand, last4),
        PaidWith::Method(method) => return method_title(method, language).to_owned(),
    };
    let brand = match brand {
        "visa" => "Visa",
        "mastercard" => "Mastercard",
        "amex" => "American Express",
        "discover" => "Discover",
        "diners" => "Diners Club",
        "jcb" => "JCB",
        "unionpay" => "UnionPay",
        other => other,
    };
    match last4 {
        Some(last4) => {
            let sentence = words::ordered(language).details.card;
            fill(sentence, &[("brand", brand), ("last4", last4)])
        }
        None => brand.to_owned(),
    }
}
