//! The fields of an address form.
//!
//! Promises: names and bounds are those of the order contract; two fields that it lacks are joined to its own.
//! Must not know countries.

use buywire_schemas::order::{NAME_CHARS_MAX, POSTAL_CODE_CHARS_MAX};

use super::{labels, language::Language};

/// One field of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressField {
    /// The recipient.
    Name,
    /// Street and number.
    Line1,
    /// Flat, floor or building. Optional everywhere.
    Line2,
    /// A part of a city, such as a Brazilian bairro. An order has it in its street lines.
    DependentLocality,
    /// City, town or district.
    City,
    /// State, province or prefecture.
    Region,
    /// Postcode, ZIP code, PIN code or Eircode.
    PostalCode,
    /// A number behind the city, such as CEDEX. An order has it in its city.
    SortingCode,
    /// The country, which decides on all others.
    Country,
}

impl AddressField {
    /// All fields.
    pub const ALL: [Self; 9] = [
        Self::Name,
        Self::Line1,
        Self::Line2,
        Self::DependentLocality,
        Self::City,
        Self::Region,
        Self::PostalCode,
        Self::SortingCode,
        Self::Country,
    ];

    /// The field's name in forms and, if an order has it, in the order contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Line1 => "line1",
            Self::Line2 => "line2",
            Self::DependentLocality => "dependent_locality",
            Self::City => "city",
            Self::Region => "region",
            Self::PostalCode => "postal_code",
            Self::SortingCode => "sorting_code",
            Self::Country => "country",
        }
    }

    /// The value of `autocomplete`. HTML has none for a sorting code, and a browser must not guess one.
    #[must_use]
    pub fn autocomplete(self) -> &'static str {
        match self {
            Self::Name => "shipping name",
            Self::Line1 => "shipping address-line1",
            Self::Line2 => "shipping address-line2",
            Self::DependentLocality => "shipping address-level3",
            Self::City => "shipping address-level2",
            Self::Region => "shipping address-level1",
            Self::PostalCode => "shipping postal-code",
            Self::SortingCode => "off",
            Self::Country => "shipping country",
        }
    }

    /// The most characters that the order contract allows.
    #[must_use]
    pub fn chars_max(self) -> usize {
        match self {
            Self::PostalCode => POSTAL_CODE_CHARS_MAX,
            Self::Country => 2,
            _ => NAME_CHARS_MAX,
        }
    }

    /// The letter of this field in the layouts of `data/formats.tsv`.
    pub(super) fn of_letter(letter: char) -> Option<Self> {
        Some(match letter {
            'N' => Self::Name,
            'A' => Self::Line1,
            'D' => Self::DependentLocality,
            'C' => Self::City,
            'S' => Self::Region,
            'Z' => Self::PostalCode,
            'X' => Self::SortingCode,
            _ => return None,
        })
    }
}

/// A field as one country asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// The field.
    pub field: AddressField,
    /// Whether an address without it cannot be used.
    pub is_required: bool,
    /// What the country calls it, such as `zip` or `prefecture`. Empty for fields with one name.
    pub kind: &'static str,
}

impl FormField {
    /// What to write above the field.
    #[must_use]
    pub fn label(&self, language: Language) -> &'static str {
        labels::label(self.field.name(), self.kind, language)
    }
}
