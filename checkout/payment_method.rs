//! What a buyer pays with, as far as it decides when the money is taken.
//!
//! Promises: names are those of settings, forms and tables, and never change; a bank redirect is offered in its own
//! currencies only. Must not know a processor's protocol.

use buywire_schemas::money::Currency;
use serde::{Deserialize, Serialize};

/// A method that a buyer chooses between on the review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// A card, or whatever else the processor can hold before it is captured.
    #[default]
    Card,
    /// A payment on the page of the buyer's bank. It is captured at once.
    BankRedirect(BankRedirect),
    /// A transfer by the seller's instructions. It is there when an operator says so.
    Invoice {
        /// Days in which it must arrive: so long the units are held.
        days: u16,
    },
}

/// A scheme of payments on the page of the buyer's bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BankRedirect {
    /// Belgium.
    Bancontact,
    /// Poland.
    Blik,
    /// Austria.
    Eps,
    /// The Netherlands.
    Ideal,
    /// Poland: Przelewy24.
    P24,
    /// Switzerland.
    Twint,
}

impl PaymentMethod {
    /// Its name in forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::BankRedirect(scheme) => scheme.name(),
            Self::Invoice { .. } => "invoice",
        }
    }

    /// Whether it is what a payment has that says nothing of its method.
    #[must_use]
    pub fn is_card(&self) -> bool {
        *self == Self::Card
    }
}

impl BankRedirect {
    /// Every scheme with its name.
    pub const ALL: &[(&str, Self)] = &[
        ("bancontact", Self::Bancontact),
        ("blik", Self::Blik),
        ("eps", Self::Eps),
        ("ideal", Self::Ideal),
        ("p24", Self::P24),
        ("twint", Self::Twint),
    ];

    /// Its name in settings and forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bancontact => "bancontact",
            Self::Blik => "blik",
            Self::Eps => "eps",
            Self::Ideal => "ideal",
            Self::P24 => "p24",
            Self::Twint => "twint",
        }
    }

    /// How buyers read it, in every language.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Bancontact => "Bancontact",
            Self::Blik => "BLIK",
            Self::Eps => "eps",
            Self::Ideal => "iDEAL",
            Self::P24 => "Przelewy24",
            Self::Twint => "TWINT",
        }
    }

    /// Whether it pays in a currency.
    #[must_use]
    pub fn pays_in(self, currency: Currency) -> bool {
        let currencies: &[&str] = match self {
            Self::Bancontact | Self::Eps | Self::Ideal => &["EUR"],
            Self::Blik => &["PLN"],
            Self::P24 => &["EUR", "PLN"],
            Self::Twint => &["CHF"],
        };
        currencies.contains(&currency.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_is_listed_under_its_own_name() {
        for (name, scheme) in BankRedirect::ALL {
            assert_eq!(*name, scheme.name());
            assert_eq!(*name, PaymentMethod::BankRedirect(*scheme).name());
            assert_eq!(
                serde_json::to_value(PaymentMethod::BankRedirect(*scheme)).unwrap(),
                serde_json::json!({"bank_redirect": name})
            );
        }
        assert!(BankRedirect::ALL.is_sorted());
    }

    #[test]
    fn a_scheme_pays_in_its_own_currencies() {
        let paying = |code| {
            let currency = Currency::parse(code).unwrap();
            let names = BankRedirect::ALL.iter();
            let names = names.filter(|(_, scheme)| scheme.pays_in(currency));
            names.map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(paying("EUR"), "bancontact eps ideal p24");
        assert_eq!(paying("PLN"), "blik p24");
        assert_eq!(paying("CHF"), "twint");
        assert_eq!(paying("USD"), "");
    }
}
