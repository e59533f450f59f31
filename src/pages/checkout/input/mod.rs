//! What a buyer submits: read from a form's pairs, then parsed into values or errors by field.
//!
//! Promises: pure; every error at once, in the order of the form; what was typed is kept for the next try, except a card
//! number, which is never shown or stored again. Must not ask whether something is left or what it costs.

mod details;
mod error;
mod field;
mod order;

pub(crate) use details::{AddressNeed, BuyDetails, BuyRules};
pub(crate) use error::FieldError;
pub(crate) use field::BuyField;
pub(super) use order::WithdrawalField;
pub(crate) use order::{OrderInput, PayInput, WithdrawalStatement};

use std::collections::BTreeMap;

use buywire_checkout::address::{AddressField, AddressInput, Language};
use buywire_schemas::text::card::contains_card_number;
use buywire_schemas::text::parse_country;

/// Characters kept of one field: a little more than the longest that is accepted, so that it can be shown and shortened.
const TYPED_CHARS_MAX: usize = 300;

/// Which button was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum BuyAction {
    /// On to the review.
    #[default]
    Continue,
    /// Show the address fields of another country.
    ChangeCountry,
    /// Another delivery option, from the review.
    UpdateDelivery,
}

/// The form as it came, or as it was filled in before.
#[derive(Debug, Clone, Default)]
pub(crate) struct BuyInput {
    typed: BTreeMap<&'static str, String>,
    /// Which button was pressed.
    pub(crate) action: BuyAction,
    /// The checkout's token, once there is one.
    pub(crate) checkout: Option<String>,
    /// The delivery option chosen on the review.
    pub(crate) delivery: Option<String>,
    /// The language of the page.
    pub(crate) language: Option<Language>,
}

impl BuyInput {
    /// Reads a form. Of a field that came twice the first counts; other fields are ignored.
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
                "action" => input.action = action(value),
                "checkout" => input.checkout = given(value),
                "delivery" => input.delivery = given(value),
                "lang" => input.language = Language::from_tag(value),
                name => {
                    if let Some(field) = BuyField::from_name(name) {
                        let slot = input.typed.entry(field.name());
                        slot.or_insert_with(|| value.to_owned());
                    }
                }
            }
        }
        input
    }

    /// The form of a first visit, filled in with what its link has; the rest is the post's own item and a guess. The link
    /// presses no button.
    #[must_use]
    pub(crate) fn of_link<N, V>(
        pairs: impl IntoIterator<Item = (N, V)>,
        option: &str,
        country: &str,
    ) -> Self
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        let typed = Self::read(pairs).typed;
        let input = Self {
            typed,
            ..Self::default()
        };
        let of_link = parse_country(&input.typed(BuyField::COUNTRY).to_ascii_uppercase());
        let option = match input.typed(BuyField::Option) {
            "" => option.to_owned(),
            given => given.to_owned(),
        };
        input
            .with(BuyField::Option, &option)
            .with(BuyField::COUNTRY, of_link.as_deref().unwrap_or(country))
    }

    /// A form with one field filled in, for a first visit.
    #[must_use]
    pub(crate) fn with(mut self, field: BuyField, value: &str) -> Self {
        self.typed.insert(field.name(), value.to_owned());
        self
    }

    /// The form of details that were accepted, to change them.
    #[must_use]
    pub(crate) fn of(details: &BuyDetails) -> Self {
        let input = Self::default()
            .with(BuyField::Option, &details.option)
            .with(BuyField::Quantity, &details.quantity.to_string())
            .with(BuyField::Email, &details.email)
            .with(BuyField::NAME, &details.name)
            .with(
                BuyField::Phone,
                details.phone.as_deref().unwrap_or_default(),
            )
            .with(
                BuyField::COUNTRY,
                details.country.as_deref().unwrap_or_default(),
            );
        let Some(address) = &details.address else {
            return input;
        };
        let optional = |text: &Option<String>| text.clone().unwrap_or_default();
        let parts = [
            (AddressField::Line1, address.line1.clone()),
            (AddressField::Line2, optional(&address.line2)),
            (AddressField::City, address.city.clone()),
            (AddressField::Region, optional(&address.region)),
            (AddressField::PostalCode, address.postal_code.clone()),
        ];
        let fill = |input: Self, (field, text): (AddressField, String)| {
            input.with(BuyField::Address(field), &text)
        };
        parts.into_iter().fold(input, fill)
    }

    /// What was typed into a field, without a card number. An option is compared with what is offered, and never shown.
    #[must_use]
    pub(crate) fn shown(&self, field: BuyField) -> &str {
        let typed = self.typed(field);
        if field == BuyField::Option {
            return typed;
        }
        if contains_card_number(typed) {
            ""
        } else {
            typed
        }
    }

    /// Parses the form for an item, or returns every error in the order of the form.
    ///
    /// # Errors
    /// When a field cannot be used.
    pub(crate) fn parse(&self, rules: &BuyRules<'_>) -> Result<BuyDetails, Vec<FieldError>> {
        details::parse(self, rules)
    }

    pub(super) fn typed(&self, field: BuyField) -> &str {
        self.typed.get(field.name()).map_or("", String::as_str)
    }

    pub(super) fn address(&self) -> AddressInput<'_> {
        let typed = |field| self.typed(BuyField::Address(field));
        AddressInput {
            name: typed(AddressField::Name),
            line1: typed(AddressField::Line1),
            line2: typed(AddressField::Line2),
            dependent_locality: typed(AddressField::DependentLocality),
            city: typed(AddressField::City),
            region: typed(AddressField::Region),
            postal_code: typed(AddressField::PostalCode),
            sorting_code: typed(AddressField::SortingCode),
        }
    }
}

fn action(value: &str) -> BuyAction {
    match value {
        "country" => BuyAction::ChangeCountry,
        "delivery" => BuyAction::UpdateDelivery,
        _ => BuyAction::Continue,
    }
}

/// At most as much as is kept of a field.
fn bounded(value: &str) -> &str {
    let end = value.char_indices().nth(TYPED_CHARS_MAX);
    end.and_then(|(end, _)| value.get(..end)).unwrap_or(value)
}

fn given(value: &str) -> Option<String> {
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}
