//! Where an item is sold: the countries that its merchant names, and those that it leaves out.
//!
//! Promises: a merchant's silence means everywhere; a name that cannot be read opens no country. Must not know a post or
//! a seller's delivery rates, which may be narrower.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Item;
use super::buyable::is_attribute;
use crate::text::parse_country;

/// The feeds' attributes that name the only countries of sale, without case and punctuation.
const ONLY: [&str; 4] = [
    "targetcountries",
    "targetcountry",
    "shipstocountries",
    "shiptocountries",
];
/// Those that name countries without sale. Who does not advertise in a country does not sell there.
const EXCEPT: [&str; 4] = [
    "shoppingadsexcludedcountry",
    "shoppingadsexcludedcountries",
    "excludedcountries",
    "excludedcountry",
];

/// The countries in which something is sold, by ISO 3166-1 alpha-2.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CountriesOfSale {
    /// Only these. `None`: all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    only: Option<BTreeSet<String>>,
    /// Not these.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    except: BTreeSet<String>,
}

impl CountriesOfSale {
    /// Whether no country is left out.
    #[must_use]
    pub fn is_everywhere(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it is sold in this country, in upper or lower case.
    #[must_use]
    pub fn includes(&self, country: &str) -> bool {
        let country = country.trim().to_ascii_uppercase();
        let is_named = |only: &BTreeSet<String>| only.contains(&country);
        self.only.as_ref().is_none_or(is_named) && !self.except.contains(&country)
    }

    /// Whether it is offered to a viewer. One whose country is unknown is offered everything: the address decides.
    #[must_use]
    pub fn is_open_to(&self, country: Option<&str>) -> bool {
        country.is_none_or(|country| self.includes(country))
    }

    fn narrow(&mut self, countries: BTreeSet<String>) {
        self.only = Some(match self.only.take() {
            Some(only) => only.intersection(&countries).cloned().collect(),
            None => countries,
        });
    }
}

impl Item {
    /// The countries in which it is sold: those of its attributes, and if every shipping entry of a shipped item names a
    /// country, only these.
    #[must_use]
    pub fn countries_of_sale(&self) -> CountriesOfSale {
        let mut countries = CountriesOfSale::default();
        for (name, value) in &self.attributes {
            let named = || country_codes(value).filter_map(|code| read_code(code).ok());
            if is_restriction(&ONLY, name, value) {
                countries.narrow(named().collect());
            } else if is_restriction(&EXCEPT, name, value) {
                countries.except.extend(named());
            }
        }
        if !self.digital && !self.shipping.is_empty() {
            let shipped_to = self.shipping.iter().map(|one| one.country.clone());
            if let Some(shipped_to) = shipped_to.collect::<Option<BTreeSet<_>>>() {
                countries.narrow(shipped_to);
            }
        }
        countries
    }
}

/// The first part of an attribute's value that should be a country code and is none. `None` also for other attributes.
#[must_use]
pub fn invalid_country<'a>(name: &str, value: &'a str) -> Option<&'a str> {
    if !is_restriction(&ONLY, name, value) && !is_restriction(&EXCEPT, name, value) {
        return None;
    }
    country_codes(value).find(|code| read_code(code).is_err())
}

fn is_restriction(names: &[&str], name: &str, value: &str) -> bool {
    !value.trim().is_empty() && names.iter().any(|plain| is_attribute(name, plain))
}

fn country_codes(value: &str) -> impl Iterator<Item = &str> {
    let parts = value.split([',', ';', '|', ' ', '[', ']', '"']);
    parts.map(str::trim).filter(|part| !part.is_empty())
}

/// Many write `UK` for ISO 3166's `GB`.
fn read_code(code: &str) -> Result<String, crate::problem::Violation> {
    let code = code.to_ascii_uppercase();
    parse_country(if code == "UK" { "GB" } else { &code })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Shipping;

    fn item(attributes: &[(&str, &str)], shipped_to: &[Option<&str>]) -> Item {
        let text = include_str!("../examples/valid/catalog/shirt.json");
        let mut item: Item = serde_json::from_str(text).unwrap();
        let attributes = attributes.iter();
        item.attributes = attributes
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let shipping = shipped_to.iter().map(|country| Shipping {
            country: country.map(str::to_owned),
            region: None,
            service: None,
            price: None,
        });
        item.shipping = shipping.collect();
        item
    }

    #[test]
    fn an_item_is_sold_where_its_merchant_says() {
        for (attributes, shipped_to, open, closed) in [
            (&[][..], &[][..], &["US", "fr"][..], &[][..]),
            (
                &[("target_countries", "US, CA")],
                &[],
                &["us", "CA"],
                &["FR"],
            ),
            (&[("g:Target Country", "[\"UK\"]")], &[], &["GB"], &["US"]),
            (&[("ships_to_countries", "Mars")], &[], &[], &["US"]),
            (&[("target_countries", " ")], &[], &["US"], &[]),
            (
                &[("excluded_countries", "FR|de")],
                &[],
                &["US"],
                &["FR", "DE"],
            ),
            (
                &[("shopping_ads_excluded_country", "FR")],
                &[],
                &["US"],
                &["FR"],
            ),
            (&[], &[Some("US"), Some("CA")], &["US", "CA"], &["FR"]),
            (&[], &[Some("US"), None], &["US", "FR"], &[]),
            (
                &[("target_countries", "US,FR"), ("excluded_country", "US")],
                &[Some("US"), Some("FR")],
                &["FR"],
                &["US", "CA"],
            ),
        ] {
            let item = item(attributes, shipped_to);
            let countries = item.countries_of_sale();
            assert!(countries.is_open_to(None));
            for country in open {
                assert!(
                    countries.is_open_to(Some(country)),
                    "{country}: {countries:?}"
                );
            }
            for country in closed {
                assert!(
                    !countries.is_open_to(Some(country)),
                    "{country}: {countries:?}"
                );
            }
            assert_eq!(countries.is_everywhere(), closed.is_empty());
            let stored = serde_json::to_string(&countries).unwrap();
            assert_eq!(
                serde_json::from_str::<CountriesOfSale>(&stored).unwrap(),
                countries
            );
        }
    }

    #[test]
    fn what_is_not_shipped_is_not_bound_to_where_it_would_be() {
        let mut item = item(&[("excluded_country", "FR")], &[Some("US")]);
        item.digital = true;
        let countries = item.countries_of_sale();
        assert!(countries.includes("DE"));
        assert!(!countries.includes("FR"));
    }

    #[test]
    fn what_is_no_country_is_found() {
        assert_eq!(
            invalid_country("target_countries", "US, Mars"),
            Some("Mars")
        );
        assert_eq!(invalid_country("excluded_countries", "us|UK"), None);
        assert_eq!(invalid_country("ships_from_country", "Mars"), None);
    }
}
