//! The review: what is bought, where it goes, what it costs, and the one button that orders.
//!
//! Promises: the button's words carry the duty to pay and the amount; the essentials stand directly above it; it sends the
//! digest of what was shown. Must not order anything.

use askama::Template;
use buywire_checkout::address::{Language, country_name, format_lines};
use buywire_checkout::amount::money;
use buywire_checkout::payment_method::PaymentMethod;
use buywire_checkout::tables::DeliveryOption;
use buywire_schemas::order::Address;

use super::frame::{Frame, Step, page_title};
use super::item::{CheckoutItem, ItemView};
use super::law::{LegalNotices, LegalView, WithdrawalException, WithdrawalRight};
use super::links::CheckoutLinks;
use super::method::{MethodView, method_hint, method_views};
use super::problem::{BuyProblem, ProblemContext, ProblemView};
use super::totals::{Totals, TotalsView};
use super::words::{self, BuyingWords, fill, isolated};

/// The review.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Review<'a> {
    /// Where its pages lie, and the language.
    pub(crate) links: CheckoutLinks<'a>,
    /// The checkout's token.
    pub(crate) checkout: &'a str,
    /// The item.
    pub(crate) item: &'a CheckoutItem,
    /// Units.
    pub(crate) quantity: i64,
    /// Where the receipt goes.
    pub(crate) email: &'a str,
    /// Where it is delivered.
    pub(crate) address: Option<&'a Address>,
    /// The country, with and without an address.
    pub(crate) country: &'a str,
    /// The delivery options. Empty where nothing is delivered.
    pub(crate) deliveries: &'a [DeliveryOption],
    /// The id of the one that the totals contain.
    pub(crate) delivery: Option<&'a str>,
    /// What it costs. None while that is not known.
    pub(crate) totals: Option<Totals>,
    /// The digest of the quote.
    pub(crate) quote: &'a str,
    /// What the law makes the seller say.
    pub(crate) legal: &'a LegalNotices,
    /// What the buyer may pay with. One alone is no choice.
    pub(crate) methods: &'a [PaymentMethod],
    /// The name of the chosen one. None: the first.
    pub(crate) method: Option<&'a str>,
    /// The processor's name.
    pub(crate) processor: &'a str,
    /// What stops the purchase, or changed meanwhile.
    pub(crate) problem: Option<&'a BuyProblem>,
    /// The seller's page of the item.
    pub(crate) seller_url: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "checkout/review.html", config = "src/pages/askama.toml")]
struct Page<'a> {
    frame: Frame,
    words: &'static BuyingWords,
    item: ItemView<'a>,
    problem: Option<ProblemView>,
    is_consent_missing: bool,
    edit: String,
    pay_action: String,
    update_action: String,
    checkout: &'a str,
    quote: &'a str,
    shown_total: Option<i64>,
    email: &'a str,
    address: Vec<String>,
    deliveries: Vec<DeliveryView<'a>>,
    methods: Vec<MethodView>,
    totals: Option<TotalsView>,
    /// None where there is nothing to order.
    order: Option<OrderView>,
    legal: LegalView,
}

/// A delivery option to choose.
struct DeliveryView<'a> {
    id: &'a str,
    title: &'a str,
    days: Option<String>,
    price: String,
    is_chosen: bool,
}

/// The button, and what stands at it.
struct OrderView {
    essentials: String,
    button: String,
    /// None where the methods say it.
    note: Option<String>,
}

impl Review<'_> {
    /// The page.
    ///
    /// # Errors
    /// When the template cannot be rendered.
    pub(crate) fn render(&self) -> Result<String, askama::Error> {
        self.page().render()
    }

    fn page(&self) -> Page<'_> {
        let language = self.links.language;
        let title = page_title(language, &self.item.title, &self.item.seller);
        let path = |links: CheckoutLinks<'_>| links.review(self.checkout);
        let may_order = self.problem.is_none_or(BuyProblem::may_order);
        let frame = Frame::new(self.links, title, &self.item.seller, path);
        Page {
            frame: frame.at(Step::Review, language),
            words: words::buying(language),
            item: ItemView::of(self.item, language),
            problem: self.problem.map(|problem| problem.view(self.context())),
            is_consent_missing: self.problem == Some(&BuyProblem::ConsentMissing),
            edit: self.links.edit(self.checkout),
            pay_action: self.links.pay_action(),
            update_action: self.links.buy_action(),
            checkout: self.checkout,
            quote: self.quote,
            shown_total: self.totals.map(|totals| totals.total),
            email: self.email,
            address: self
                .address
                .map(|address| address_lines(address, language))
                .unwrap_or_default(),
            deliveries: self.deliveries(language),
            methods: method_views(self, language),
            totals: self
                .totals
                .map(|totals| TotalsView::of(&totals, self.links)),
            order: self
                .totals
                .filter(|_| may_order)
                .map(|totals| self.order(&totals, language)),
            legal: LegalView::of(self.legal, &self.item.seller, language),
        }
    }

    fn context(&self) -> ProblemContext<'_> {
        ProblemContext {
            links: self.links,
            checkout: Some(self.checkout),
            seller: &self.item.seller,
            seller_url: self.seller_url,
            country: self.country,
        }
    }

    /// Prices have a currency, and choices a total that they change: without it there are none.
    fn deliveries(&self, language: Language) -> Vec<DeliveryView<'_>> {
        let Some(totals) = self.totals else {
            return Vec::new();
        };
        let views = self.deliveries.iter().map(|option| DeliveryView {
            id: &option.id,
            title: &option.title,
            days: option.days.map(|days| delivery_days(days, language)),
            price: match option.price {
                0 => words::buying(language).review.free.to_owned(),
                price => money(self.links.locale, totals.currency, price),
            },
            is_chosen: Some(option.id.as_str()) == self.delivery,
        });
        views.collect()
    }

    fn order(&self, totals: &Totals, language: Language) -> OrderView {
        let words = &words::buying(language).review;
        let total = money(self.links.locale, totals.currency, totals.total);
        let is_donation =
            self.legal.withdrawal == WithdrawalRight::Except(WithdrawalException::Donation);
        let button = if is_donation {
            words.donate
        } else {
            words.order
        };
        let essentials = match self.item.options.is_empty() {
            true => words.essentials,
            false => words.essentials_options,
        };
        let (title, seller) = (isolated(&self.item.title), isolated(&self.item.seller));
        OrderView {
            essentials: fill(
                essentials,
                &[
                    ("quantity", &self.quantity.to_string()),
                    ("title", &title),
                    ("options", &isolated(&self.item.options)),
                    ("seller", &seller),
                    ("total", &total),
                ],
            ),
            button: fill(button, &[("amount", &total)]),
            note: match self.methods {
                [] => Some(method_hint(self, PaymentMethod::Card, language)),
                [only] => Some(method_hint(self, *only, language)),
                _ => None,
            },
        }
    }
}

/// Such as `3–5 days`.
fn delivery_days((from, to): (u16, u16), language: Language) -> String {
    let words = &words::buying(language).review;
    if from == to {
        return words.days.of(language, u64::from(to));
    }
    let (from, to) = (from.to_string(), to.to_string());
    fill(words.days_range, &[("from", &from), ("to", &to)])
}

/// The lines of an address with its country's name.
pub(super) fn address_lines(address: &Address, language: Language) -> Vec<String> {
    let country = country_name(&address.country, language).map(str::to_owned);
    format_lines(address).into_iter().chain(country).collect()
}
