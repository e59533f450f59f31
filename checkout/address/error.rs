//! Why an address cannot be used, and what its buyer reads about it.
//!
//! Promises: each error names one field, has a stable code, and never repeats what was typed.
//! Must not refuse anything itself.

use super::{field::AddressField, labels, language::Language};

/// What is wrong with one field of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressError {
    /// The field to correct.
    pub field: AddressField,
    /// What is wrong with it.
    pub code: AddressErrorCode,
    pub(super) kind: &'static str,
    pub(super) is_required: bool,
    /// An example, accepted values or a limit.
    pub(super) hint: String,
}

/// The kinds of address errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressErrorCode {
    /// A field that the country needs is empty.
    Required,
    /// More characters than the order contract allows.
    TooLong,
    /// No postcode of this country.
    PostalCodeMalformed,
    /// No region of this country, which lists all of its regions.
    RegionUnknown,
    /// No country that an order accepts.
    CountryUnknown,
    /// A card number, which must not be stored.
    CardNumber,
}

impl AddressErrorCode {
    /// The stable code in snake_case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::TooLong => "too_long",
            Self::PostalCodeMalformed => "postal_code_malformed",
            Self::RegionUnknown => "region_unknown",
            Self::CountryUnknown => "country_unknown",
            Self::CardNumber => "card_number",
        }
    }
}

impl AddressError {
    /// A sentence that says what to do, with an example where one helps.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let label = labels::label(self.field.name(), self.kind, language);
        labels::sentence(self.sentence_key(), language)
            .replace("{label}", label)
            .replace("{hint}", &self.hint)
    }

    fn sentence_key(&self) -> &'static str {
        match self.code {
            AddressErrorCode::Required if !self.hint.is_empty() => "required_like",
            AddressErrorCode::PostalCodeMalformed if !self.is_required => {
                "postal_code_malformed_optional"
            }
            other => other.as_str(),
        }
    }
}
