//! Pages that ask before something happens that cannot be undone: cancelling, withdrawing, deleting data.
//!
//! Promises: what is asked is named, and so is how to leave it; the withdrawal has its two steps, and needs nothing but
//! name, order and contact. Must not do anything: it posts.

use askama::Template;
use buywire_checkout::amount::money;
use buywire_schemas::money::Currency;

use super::frame::Frame;
use super::input::{OrderInput, WithdrawalField, WithdrawalStatement};
use super::links::{CheckoutLinks, OrderAction, OrderQuestion};
use super::words::{self, OrderedWords, fill, isolated};

/// The question whether to cancel an order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OrderCancelPage<'a> {
    /// Where its pages lie, and the language.
    pub(crate) links: CheckoutLinks<'a>,
    /// The order's token.
    pub(crate) token: &'a str,
    /// Who sells.
    pub(crate) seller: &'a str,
    /// What comes back.
    pub(crate) amount: i64,
    /// Its currency.
    pub(crate) currency: Currency,
}

/// The question whether to delete a buyer's data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ForgetPage<'a> {
    /// Where its pages lie, and the language.
    pub(crate) links: CheckoutLinks<'a>,
    /// The order's token.
    pub(crate) token: &'a str,
    /// Who sells.
    pub(crate) seller: &'a str,
}

/// The withdrawal: the statement's form, then its confirmation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WithdrawalPage<'a> {
    /// Where its pages lie, and the language.
    pub(crate) links: CheckoutLinks<'a>,
    /// The order's token.
    pub(crate) token: &'a str,
    /// Who sells.
    pub(crate) seller: &'a str,
    /// What is bought.
    pub(crate) title: &'a str,
    /// What the form has in it.
    pub(crate) input: &'a OrderInput,
}

#[derive(Template)]
#[template(path = "checkout/question.html", config = "src/pages/askama.toml")]
struct Question {
    frame: Frame,
    language: &'static str,
    title: &'static str,
    text: String,
    action: String,
    confirm: &'static str,
    keep: &'static str,
    back: String,
}

#[derive(Template)]
#[template(path = "checkout/withdrawal.html", config = "src/pages/askama.toml")]
struct WithdrawalForm<'a> {
    frame: Frame,
    language: &'static str,
    words: &'static OrderedWords,
    has_errors: bool,
    errors_title: String,
    error_prefix: &'static str,
    fields: Vec<StatementField<'a>>,
    action: String,
    back: String,
}

#[derive(Template)]
#[template(
    path = "checkout/withdrawal_question.html",
    config = "src/pages/askama.toml"
)]
struct WithdrawalQuestion<'a> {
    frame: Frame,
    language: &'static str,
    words: &'static OrderedWords,
    text: String,
    statement: String,
    values: &'a WithdrawalStatement,
    action: String,
    back: String,
}

/// A field of the statement.
struct StatementField<'a> {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    value: &'a str,
    error: Option<&'static str>,
}

impl OrderCancelPage<'_> {
    /// The page.
    ///
    /// # Errors
    /// When the template cannot be rendered.
    pub(crate) fn render(&self) -> Result<String, askama::Error> {
        let words = &words::ordered(self.links.language).after;
        let amount = money(self.links.locale, self.currency, self.amount);
        let seller = isolated(self.seller);
        let question = words.cancel_question;
        let page = Question {
            frame: frame(
                self.links,
                self.token,
                self.seller,
                question.title,
                OrderQuestion::Cancel,
            ),
            language: self.links.language.tag(),
            title: question.title,
            text: fill(question.text, &[("seller", &seller), ("amount", &amount)]),
            action: self.links.order_action(self.token, OrderAction::Cancel),
            confirm: words.cancel_confirm,
            keep: words.cancel_keep,
            back: self.links.order(self.token),
        };
        page.render()
    }
}

impl ForgetPage<'_> {
    /// The page.
    ///
    /// # Errors
    /// When the template cannot be rendered.
    pub(crate) fn render(&self) -> Result<String, askama::Error> {
        let words = &words::ordered(self.links.language).after;
        let question = words.forget_question;
        let page = Question {
            frame: frame(
                self.links,
                self.token,
                self.seller,
                question.title,
                OrderQuestion::Forget,
            ),
            language: self.links.language.tag(),
            title: question.title,
            text: fill(question.text, &[("seller", &isolated(self.seller))]),
            action: self.links.order_action(self.token, OrderAction::Forget),
            confirm: words.forget_confirm,
            keep: words.forget_keep,
            back: self.links.order(self.token),
        };
        page.render()
    }
}

impl WithdrawalPage<'_> {
    /// The first step: the statement's form. It shows errors only of a form that was sent.
    ///
    /// # Errors
    /// When the template cannot be rendered.
    pub(crate) fn render_form(&self, is_sent: bool) -> Result<String, askama::Error> {
        let language = self.links.language;
        let words = words::ordered(language);
        let errors = match is_sent {
            true => self.input.withdrawal_errors(),
            false => Vec::new(),
        };
        let error_words = &words::buying(language).errors;
        let form = WithdrawalForm {
            frame: self.frame(words.withdrawal.form.title),
            language: language.tag(),
            words,
            has_errors: !errors.is_empty(),
            errors_title: error_words.title.of(language, errors.len() as u64),
            error_prefix: error_words.prefix,
            fields: self.fields(&errors).into(),
            action: self.links.order_action(self.token, OrderAction::Withdraw),
            back: self.links.order(self.token),
        };
        form.render()
    }

    /// The second step: the statement, and the button that sends it.
    ///
    /// # Errors
    /// When the template cannot be rendered.
    pub(crate) fn render_question(
        &self,
        values: &WithdrawalStatement,
    ) -> Result<String, askama::Error> {
        let words = words::ordered(self.links.language);
        let seller = isolated(self.seller);
        let question = WithdrawalQuestion {
            frame: self.frame(words.withdrawal.question.title),
            language: self.links.language.tag(),
            words,
            text: fill(words.withdrawal.question.text, &[("seller", &seller)]),
            statement: fill(
                words.withdrawal.statement,
                &[
                    ("order", &values.order),
                    ("title", &isolated(self.title)),
                    ("name", &isolated(&values.name)),
                    ("contact", &values.contact),
                ],
            ),
            values,
            action: self.links.order_action(self.token, OrderAction::Withdraw),
            back: self.links.order(self.token),
        };
        question.render()
    }

    fn frame(&self, title: &str) -> Frame {
        frame(
            self.links,
            self.token,
            self.seller,
            title,
            OrderQuestion::Withdraw,
        )
    }

    fn fields(&self, errors: &[WithdrawalField]) -> [StatementField<'_>; 3] {
        let words = &words::ordered(self.links.language).withdrawal;
        let error = |field, sentence| errors.contains(&field).then_some(sentence);
        let shown = |field| self.input.shown(field);
        let (name, order, contact) = (
            WithdrawalField::Name,
            WithdrawalField::Order,
            WithdrawalField::Contact,
        );
        [
            StatementField {
                name: "name",
                label: words.name,
                kind: "text",
                autocomplete: "name",
                value: shown(name),
                error: error(name, words.name_missing),
            },
            StatementField {
                name: "order",
                label: words.order,
                kind: "text",
                autocomplete: "off",
                value: shown(order),
                error: error(order, words.order_missing),
            },
            StatementField {
                name: "contact",
                label: words.contact,
                kind: "email",
                autocomplete: "email",
                value: shown(contact),
                error: error(contact, words.contact_missing),
            },
        ]
    }
}

fn frame(
    links: CheckoutLinks<'_>,
    token: &str,
    seller: &str,
    title: &str,
    question: OrderQuestion,
) -> Frame {
    let path = |links: CheckoutLinks<'_>| links.order_question(token, question);
    Frame::new(links, format!("{title} · {seller}"), seller, path)
}
