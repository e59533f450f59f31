//! What is wrong with a field, as a sentence in the buyer's language.
//!
//! Promises: an error names its field and what to do, and never repeats what was typed.

use buywire_checkout::address::{AddressError, AddressErrorCode, AddressField, Language};

use super::super::words::{self, fill};
use super::field::BuyField;

/// An error of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldError {
    /// The field to correct.
    pub(crate) field: BuyField,
    pub(in super::super) reason: FieldErrorReason,
}

/// What is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum FieldErrorReason {
    Missing,
    Malformed,
    TooLong { chars_max: usize },
    OutOfRange { units_max: i64 },
    CardNumber,
    Address(AddressError),
}

impl FieldError {
    pub(in super::super) fn new(field: BuyField, reason: FieldErrorReason) -> Self {
        Self { field, reason }
    }

    /// A sentence that says what to do.
    #[must_use]
    pub(crate) fn sentence(&self, language: Language) -> String {
        let words = &words::buying(language).errors;
        let sentence = match (&self.reason, self.field) {
            (FieldErrorReason::Address(error), _) => match error.code {
                // The same field has the same sentence, with and without an address.
                AddressErrorCode::Required if error.field == AddressField::Name => {
                    words.name_missing
                }
                AddressErrorCode::CountryUnknown => words.country_missing,
                AddressErrorCode::CardNumber => words.card_number,
                _ => return error.sentence(language),
            },
            (FieldErrorReason::CardNumber, _) => words.card_number,
            (FieldErrorReason::TooLong { chars_max }, _) => {
                return fill(words.too_long, &[("max", &chars_max.to_string())]);
            }
            (FieldErrorReason::OutOfRange { units_max }, _) => {
                return fill(words.quantity, &[("max", &units_max.to_string())]);
            }
            (_, BuyField::Option | BuyField::Quantity) => words.option,
            (FieldErrorReason::Missing, BuyField::Email) => words.email_missing,
            (FieldErrorReason::Malformed, BuyField::Email) => words.email_malformed,
            (FieldErrorReason::Missing, BuyField::Phone) => words.phone_missing,
            (FieldErrorReason::Malformed, BuyField::Phone) => words.phone_malformed,
            (_, BuyField::Address(AddressField::Country)) => words.country_missing,
            (_, BuyField::Address(_)) => words.name_missing,
        };
        sentence.to_owned()
    }
}
