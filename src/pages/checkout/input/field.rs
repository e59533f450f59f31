//! The fields of the form.
//!
//! Promises: a name is the same in HTML, in errors and in what is submitted. Must not know labels.

use buywire_checkout::address::AddressField;

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum BuyField {
    /// The variant.
    Option,
    /// Units.
    Quantity,
    /// Where the receipt goes.
    Email,
    /// For the carrier.
    Phone,
    /// A field of the address: the name, the country and what the country asks for.
    Address(AddressField),
}

impl BuyField {
    /// The buyer's name.
    pub(crate) const NAME: Self = Self::Address(AddressField::Name);
    /// The country.
    pub(crate) const COUNTRY: Self = Self::Address(AddressField::Country);

    /// Its name in the form, and the id of its control.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Option => "option",
            Self::Quantity => "quantity",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Address(field) => field.name(),
        }
    }

    /// The field with a name.
    #[must_use]
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let own = [Self::Option, Self::Quantity, Self::Email, Self::Phone];
        let address = AddressField::ALL.map(Self::Address);
        let mut all = own.into_iter().chain(address);
        all.find(|field| field.name() == name)
    }

    /// The value of `autocomplete`.
    #[must_use]
    pub(crate) fn autocomplete(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "tel",
            // One name is asked: it is the buyer's and the recipient's.
            Self::NAME => "name",
            Self::Address(field) => field.autocomplete(),
            Self::Option | Self::Quantity => "off",
        }
    }
}
