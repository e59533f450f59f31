//! What is submitted on the review and on the order page.
//!
//! Promises: a withdrawal needs nothing but name, order and contact.

use buywire_checkout::address::Language;
use buywire_schemas::order::NAME_CHARS_MAX;
use buywire_schemas::text::card::contains_card_number;
use buywire_schemas::text::parse_email;

use super::bounded;
use super::details::visible;
use super::given;

/// The review's form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PayInput {
    /// The checkout's token.
    pub(crate) checkout: Option<String>,
    /// The digest of the quote that was shown.
    pub(crate) quote: Option<String>,
    /// The total that was shown.
    pub(crate) shown_total: Option<i64>,
    /// The chosen delivery option.
    pub(crate) delivery: Option<String>,
    /// The name of the chosen payment method.
    pub(crate) method: Option<String>,
    /// Whether the box about immediate delivery is ticked.
    pub(crate) has_consent: bool,
    /// The language of the page.
    pub(crate) language: Option<Language>,
}

impl PayInput {
    /// Reads the form.
    #[must_use]
    pub(crate) fn read<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        let mut input = Self::default();
        for (name, value) in pairs {
            let value = bounded(value.as_ref());
            match name.as_ref() {
                "checkout" => input.checkout = given(value),
                "quote" => input.quote = given(value),
                "total" => input.shown_total = value.parse().ok(),
                "delivery" => input.delivery = given(value),
                "method" => input.method = given(value),
                "consent" => input.has_consent = value == "yes",
                "lang" => input.language = Language::from_tag(value),
                _ => {}
            }
        }
        input
    }
}

/// A form of the order page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OrderInput {
    /// Whether the question was answered: the second step of what cannot be undone.
    pub(crate) is_confirmed: bool,
    /// The language of the page.
    pub(crate) language: Option<Language>,
    name: String,
    order: String,
    contact: String,
}

/// The three things that a withdrawal states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WithdrawalStatement {
    /// The buyer's name.
    pub(crate) name: String,
    /// The order's number.
    pub(crate) order: String,
    /// Where the acknowledgement goes.
    pub(crate) contact: String,
}

/// A field of the withdrawal's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum WithdrawalField {
    Name,
    Order,
    Contact,
}

impl OrderInput {
    /// Reads the form.
    #[must_use]
    pub(crate) fn read<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        let mut input = Self::default();
        for (name, value) in pairs {
            let value = bounded(value.as_ref());
            match name.as_ref() {
                "confirm" => input.is_confirmed = value == "yes",
                "lang" => input.language = Language::from_tag(value),
                "name" => input.name = visible(value),
                "order" => input.order = visible(value),
                "contact" => input.contact = visible(value),
                _ => {}
            }
        }
        input
    }

    /// The form, filled in for a buyer.
    #[must_use]
    pub(crate) fn of(statement: WithdrawalStatement) -> Self {
        Self {
            name: statement.name,
            order: statement.order,
            contact: statement.contact,
            ..Self::default()
        }
    }

    /// The statement. None if a field of it cannot be used.
    #[must_use]
    pub(crate) fn statement(&self) -> Option<WithdrawalStatement> {
        self.withdrawal_errors()
            .is_empty()
            .then(|| WithdrawalStatement {
                name: self.name.clone(),
                order: self.order.clone(),
                contact: self.contact.clone(),
            })
    }

    /// The fields that cannot be used.
    pub(in super::super) fn withdrawal_errors(&self) -> Vec<WithdrawalField> {
        let is_text = |text: &str| {
            !text.is_empty()
                && text.chars().count() <= NAME_CHARS_MAX
                && !contains_card_number(text)
        };
        let contact = &self.contact;
        let is_contact = parse_email(contact).is_ok() && !contains_card_number(contact);
        let fields = [
            (WithdrawalField::Name, is_text(&self.name)),
            (WithdrawalField::Order, is_text(&self.order)),
            (WithdrawalField::Contact, is_contact),
        ];
        let errors = fields.into_iter().filter(|(_, is_usable)| !is_usable);
        errors.map(|(field, _)| field).collect()
    }

    /// What was typed into a field, without a card number.
    pub(in super::super) fn shown(&self, field: WithdrawalField) -> &str {
        let typed = match field {
            WithdrawalField::Name => &self.name,
            WithdrawalField::Order => &self.order,
            WithdrawalField::Contact => &self.contact,
        };
        if contains_card_number(typed) {
            ""
        } else {
            typed
        }
    }
}
