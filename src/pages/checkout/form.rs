//! The form: option, quantity, contact, address.
//!
//! Promises: at most eight fields are typed; a country's fields come in its own order and by its own names; errors are
//! listed above and beside the fields, and what was typed is kept. Must not parse what was typed.

use askama::Template;
use buywire_checkout::address::{AddressFormat, Language};

use super::fields::{AddressRow, Control, ControlKind, ControlMaker, address_rows};
use super::frame::{Frame, Step, page_title};
use super::input::{AddressNeed, BuyField, BuyInput, FieldError};
use super::item::{CheckoutItem, ItemView};
use super::links::CheckoutLinks;
use super::problem::{BuyProblem, ProblemContext, ProblemView};
use super::words::{self, BuyingWords};

/// A variant of the item.
#[derive(Debug, Clone)]
pub(crate) struct OptionChoice {
    /// The form's value of it.
    pub(crate) value: String,
    /// Such as `M / Black`.
    pub(crate) name: String,
    /// Whether it can be bought.
    pub(crate) is_available: bool,
}

/// The form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BuyForm<'a> {
    /// Where its pages lie, and the language.
    pub(crate) links: CheckoutLinks<'a>,
    /// The checkout's token, once there is one.
    pub(crate) checkout: Option<&'a str>,
    /// The item, in the variant that is chosen.
    pub(crate) item: &'a CheckoutItem,
    /// What distinguishes the variants, such as `Size`; none if it is several things.
    pub(crate) option_name: Option<&'a str>,
    /// The variants. Fewer than two are no choice.
    pub(crate) options: &'a [OptionChoice],
    /// Units for one buyer at most.
    pub(crate) quantity_max: i64,
    /// What must be stated of where the buyer is.
    pub(crate) address: AddressNeed,
    /// Whether the seller needs a phone number.
    pub(crate) needs_phone: bool,
    /// The countries to choose from; all if none are given.
    pub(crate) countries: Option<&'a [String]>,
    /// What was typed.
    pub(crate) input: &'a BuyInput,
    /// What is wrong with it.
    pub(crate) errors: &'a [FieldError],
    /// What stops the purchase.
    pub(crate) problem: Option<&'a BuyProblem>,
    /// The seller's page of the item.
    pub(crate) seller_url: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "checkout/form.html", config = "src/pages/askama.toml")]
struct Page<'a> {
    frame: Frame,
    words: &'static BuyingWords,
    item: ItemView<'a>,
    problem: Option<ProblemView>,
    errors_title: String,
    errors: Vec<ErrorLink>,
    action: String,
    checkout: Option<&'a str>,
    option_name: &'a str,
    option_error: Option<String>,
    options: Vec<ChipView<'a>>,
    quantity: Option<Control>,
    email: Control,
    name: Control,
    country: Option<Control>,
    address: Vec<AddressRow>,
    has_address: bool,
    phone: Option<Control>,
}

/// A variant to choose.
struct ChipView<'a> {
    choice: &'a OptionChoice,
    is_chosen: bool,
}

/// An error in the summary.
struct ErrorLink {
    field: &'static str,
    sentence: String,
}

impl BuyForm<'_> {
    /// The page.
    ///
    /// # Errors
    /// When the template cannot be rendered.
    pub(crate) fn render(&self) -> Result<String, askama::Error> {
        self.page().render()
    }

    fn page(&self) -> Page<'_> {
        let language = self.links.language;
        let words = words::buying(language);
        let make = ControlMaker {
            language,
            input: self.input,
            errors: self.errors,
        };
        let country = self.country();
        let format = AddressFormat::of(&country);
        let has_address = self.address == AddressNeed::Full;
        let rows = format.filter(|_| has_address);
        Page {
            frame: self.frame(language),
            words,
            item: ItemView::of(self.item, language),
            problem: self
                .problem
                .map(|problem| problem.view(self.context(&country))),
            errors_title: words.errors.title.of(language, self.errors.len() as u64),
            errors: self
                .errors
                .iter()
                .map(|error| error_link(error, language))
                .collect(),
            action: self.links.buy_action(),
            checkout: self.checkout,
            option_name: self.option_name.unwrap_or(words.form.option),
            option_error: self.error_of(BuyField::Option, language),
            options: self.chips(),
            quantity: (self.quantity_max > 1).then(|| make.quantity(self.quantity_max)),
            email: make.email(),
            name: make.name(),
            country: (self.address != AddressNeed::Absent)
                .then(|| make.country(&country, self.countries)),
            address: rows
                .map(|format| address_rows(make, format))
                .unwrap_or_default(),
            has_address,
            phone: self.needs_phone.then(|| make.phone()),
        }
    }

    fn frame(&self, language: Language) -> Frame {
        let title = page_title(language, &self.item.title, &self.item.seller);
        let title = match self.errors.is_empty() {
            true => title,
            false => format!("{} {title}", words::buying(language).errors.prefix),
        };
        let path = |links: CheckoutLinks<'_>| match self.checkout {
            Some(token) => links.edit(token),
            None => links.start(),
        };
        Frame::new(self.links, title, &self.item.seller, path).at(Step::Details, language)
    }

    fn context<'a>(&'a self, country: &'a str) -> ProblemContext<'a> {
        ProblemContext {
            links: self.links,
            checkout: self.checkout,
            seller: &self.item.seller,
            seller_url: self.seller_url,
            country,
        }
    }

    /// The country that is chosen, if it is offered, else the first that is.
    fn country(&self) -> String {
        let typed = self.input.shown(BuyField::COUNTRY);
        let is_offered = |code: &str| match self.countries {
            Some(offered) => offered.iter().any(|one| one == code),
            None => AddressFormat::of(code).is_some(),
        };
        if is_offered(typed) {
            return typed.to_owned();
        }
        let first = self.countries.and_then(<[String]>::first);
        first.cloned().unwrap_or_else(|| "US".to_owned())
    }

    fn chips(&self) -> Vec<ChipView<'_>> {
        if self.options.len() < 2 {
            return Vec::new();
        }
        let chosen = self.input.shown(BuyField::Option);
        let chips = self.options.iter().map(|choice| ChipView {
            choice,
            is_chosen: choice.is_available && choice.value == chosen,
        });
        chips.collect()
    }

    fn error_of(&self, field: BuyField, language: Language) -> Option<String> {
        let error = self.errors.iter().find(|error| error.field == field);
        error.map(|error| error.sentence(language))
    }
}

fn error_link(error: &FieldError, language: Language) -> ErrorLink {
    ErrorLink {
        field: error.field.name(),
        sentence: error.sentence(language),
    }
}
