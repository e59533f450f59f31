//! Makes a purchase's details of what was typed.
//!
//! Promises: accepted details fit the order contract; texts lose what cannot be seen. Must not correct what could mean
//! two things.

use buywire_checkout::address::{AddressErrorCode, AddressField, parse as parse_address};
use buywire_schemas::order::{Address, NAME_CHARS_MAX};
use buywire_schemas::text::card::contains_card_number;
use buywire_schemas::text::{
    EMAIL_BYTES_MAX, check_name, is_bidi_control, is_invisible, parse_country, parse_email,
    parse_phone,
};

use super::BuyInput;
use super::error::{FieldError, FieldErrorReason};
use super::field::BuyField;

/// Digits of a quantity that are read: more is out of range anyway.
const QUANTITY_DIGITS_MAX: usize = 9;

/// What must be stated of where the buyer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddressNeed {
    /// An address: something is delivered to it.
    Full,
    /// A country, for the tax: digital items.
    CountryOnly,
    /// Nothing: donations.
    Absent,
}

/// What the item's form asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BuyRules<'a> {
    /// The options that can be bought, by the values of the form.
    pub(crate) options: &'a [&'a str],
    /// Units for one buyer at most.
    pub(crate) quantity_max: i64,
    /// What must be stated of where the buyer is.
    pub(crate) address: AddressNeed,
    /// Whether the seller needs a phone number.
    pub(crate) needs_phone: bool,
}

/// What a buyer stated, parsed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BuyDetails {
    /// The chosen option.
    pub(crate) option: String,
    /// Units.
    pub(crate) quantity: i64,
    /// Where the receipt goes.
    pub(crate) email: String,
    /// Who buys.
    pub(crate) name: String,
    /// For the carrier.
    pub(crate) phone: Option<String>,
    /// The country, with and without an address.
    pub(crate) country: Option<String>,
    /// Where it is delivered.
    pub(crate) address: Option<Address>,
}

pub(super) fn parse(input: &BuyInput, rules: &BuyRules<'_>) -> Result<BuyDetails, Vec<FieldError>> {
    let mut reader = DetailsReader {
        input,
        errors: Vec::new(),
    };
    let option = reader.option(rules);
    let quantity = reader.quantity(rules);
    let email = reader.email();
    let destination = reader.destination(rules.address);
    let phone = if rules.needs_phone {
        reader.phone()
    } else {
        None
    };
    let DetailsReader { errors, .. } = reader;
    match (option, quantity, email, destination) {
        (Some(option), Some(quantity), Some(email), Some(destination)) if errors.is_empty() => {
            Ok(BuyDetails {
                option,
                quantity,
                email,
                name: destination.name,
                phone,
                country: destination.country,
                address: destination.address,
            })
        }
        _ => Err(errors),
    }
}

struct Destination {
    name: String,
    country: Option<String>,
    address: Option<Address>,
}

struct DetailsReader<'a> {
    input: &'a BuyInput,
    errors: Vec<FieldError>,
}

impl DetailsReader<'_> {
    /// One that can be bought; where there is no choice, nothing needs to be chosen.
    fn option(&mut self, rules: &BuyRules<'_>) -> Option<String> {
        let typed = self.input.typed(BuyField::Option);
        let chosen = match rules.options {
            [only] if typed.is_empty() => Some(only),
            options => options.iter().find(|option| **option == typed),
        };
        chosen
            .map(|option| (*option).to_owned())
            .or_else(|| self.refuse(BuyField::Option, FieldErrorReason::Missing))
    }

    fn quantity(&mut self, rules: &BuyRules<'_>) -> Option<i64> {
        let typed = self.input.typed(BuyField::Quantity).trim();
        let is_number = typed.len() <= QUANTITY_DIGITS_MAX;
        let quantity = match typed {
            "" => Some(1),
            typed if is_number => typed.parse().ok(),
            _ => None,
        };
        let units_max = rules.quantity_max;
        quantity
            .filter(|quantity| (1..=units_max).contains(quantity))
            .or_else(|| {
                self.refuse(
                    BuyField::Quantity,
                    FieldErrorReason::OutOfRange { units_max },
                )
            })
    }

    fn email(&mut self) -> Option<String> {
        let field = BuyField::Email;
        let typed = visible(self.input.typed(field));
        if typed.is_empty() {
            return self.refuse(field, FieldErrorReason::Missing);
        }
        if contains_card_number(&typed) {
            return self.refuse(field, FieldErrorReason::CardNumber);
        }
        if typed.len() > EMAIL_BYTES_MAX {
            let chars_max = EMAIL_BYTES_MAX;
            return self.refuse(field, FieldErrorReason::TooLong { chars_max });
        }
        parse_email(&typed)
            .ok()
            .or_else(|| self.refuse(field, FieldErrorReason::Malformed))
    }

    /// E.164, also with `00` before the country's code.
    fn phone(&mut self) -> Option<String> {
        let field = BuyField::Phone;
        let typed = visible(self.input.typed(field));
        if typed.is_empty() {
            return self.refuse(field, FieldErrorReason::Missing);
        }
        if contains_card_number(&typed) {
            return self.refuse(field, FieldErrorReason::CardNumber);
        }
        let international = match typed.strip_prefix("00") {
            Some(rest) => format!("+{rest}"),
            None => typed,
        };
        parse_phone(&international)
            .ok()
            .or_else(|| self.refuse(field, FieldErrorReason::Malformed))
    }

    fn destination(&mut self, need: AddressNeed) -> Option<Destination> {
        match need {
            AddressNeed::Full => self.address(),
            AddressNeed::CountryOnly => {
                let name = self.name();
                let country = self.country();
                Some(Destination {
                    name: name?,
                    country: Some(country?),
                    address: None,
                })
            }
            AddressNeed::Absent => Some(Destination {
                name: self.name()?,
                country: None,
                address: None,
            }),
        }
    }

    fn address(&mut self) -> Option<Destination> {
        let country = self.input.typed(BuyField::COUNTRY);
        match parse_address(country, &self.input.address()) {
            Ok(address) => Some(Destination {
                name: address.name.clone(),
                country: Some(address.country.clone()),
                address: Some(address),
            }),
            Err(errors) => {
                let is_country_unknown = errors
                    .iter()
                    .any(|error| error.code == AddressErrorCode::CountryUnknown);
                // Without a country no other field can be checked but the name.
                if is_country_unknown {
                    self.name();
                }
                let errors = errors.into_iter().map(|error| {
                    let field = BuyField::Address(error.field);
                    FieldError::new(field, FieldErrorReason::Address(error))
                });
                self.errors.extend(errors);
                None
            }
        }
    }

    fn country(&mut self) -> Option<String> {
        let typed = self.input.typed(BuyField::COUNTRY);
        parse_country(typed)
            .ok()
            .or_else(|| self.refuse(BuyField::COUNTRY, FieldErrorReason::Missing))
    }

    fn name(&mut self) -> Option<String> {
        let field = BuyField::Address(AddressField::Name);
        let typed = visible(self.input.typed(field));
        let reason = if typed.is_empty() {
            FieldErrorReason::Missing
        } else if contains_card_number(&typed) {
            FieldErrorReason::CardNumber
        } else if typed.chars().count() > NAME_CHARS_MAX {
            let chars_max = NAME_CHARS_MAX;
            FieldErrorReason::TooLong { chars_max }
        } else if check_name(&typed, &(1..=NAME_CHARS_MAX)).is_err() {
            FieldErrorReason::Missing
        } else {
            return Some(typed);
        };
        self.refuse(field, reason)
    }

    fn refuse<T>(&mut self, field: BuyField, reason: FieldErrorReason) -> Option<T> {
        self.errors.push(FieldError::new(field, reason));
        None
    }
}

/// One line without what cannot be seen at its ends or changes the direction of other text.
pub(super) fn visible(typed: &str) -> String {
    let typed = typed.trim_matches(is_invisible);
    let letters = typed.chars().filter(|letter| !is_bidi_control(*letter));
    let line: String = letters
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
