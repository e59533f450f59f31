//! What it costs to bring an item somewhere: `country:region:service:price` and its longer forms.

use buywire_schemas::catalog::issue::Code;
use buywire_schemas::catalog::{Price, Shipping};
use buywire_schemas::text::parse_country;

use super::amount::{Reading, Wrong, read};
use super::notes::Notes;
use super::prices::two_meanings;
use super::rules::Rules;
use super::signs::Column;
use super::text::{Form, clean_text};
use crate::feed::draft::{Amount, Said};

/// The most destinations of one item that are kept.
const SHIPPING_MAX: usize = 100;

/// The destinations that can be read. `price` is the item's own.
pub(super) fn shipping(
    told: Vec<Said>,
    price: Option<Price>,
    rules: &Rules,
    notes: &mut Notes,
) -> Vec<Shipping> {
    if let Some(first_beyond) = told.get(SHIPPING_MAX) {
        notes.raise(Code::TooManyValues, first_beyond);
    }
    let mut kept = Vec::new();
    for said in told.into_iter().take(SHIPPING_MAX) {
        match parse(&said, price, rules, notes) {
            Ok(shipping) => kept.push(shipping),
            Err(Wrong::Is(code)) => notes.raise(code, &said),
            Err(Wrong::Ambiguous(readings)) => {
                two_meanings(Code::AmountAmbiguous, &said, &readings, notes);
            }
        }
    }
    kept
}

fn parse(
    said: &Said,
    price: Option<Price>,
    rules: &Rules,
    notes: &mut Notes,
) -> Result<Shipping, Wrong> {
    let mut parts = said.text.split(':').map(str::trim);
    let mut part = || parts.next().filter(|part| !part.is_empty());
    let (country, region, service, cost) = (part(), part(), part(), part());
    let country = country
        .map(|code| country_of(said, code, notes))
        .transpose()?;
    let cost = cost
        .map(|text| cost_of(said, text, price, rules, notes))
        .transpose()?;
    if country.is_none() && cost.is_none() {
        return Err(Code::ShippingInvalid.into());
    }
    let mut text = |part: Option<&str>| {
        let text = clean_text(&said.name, part?.to_owned(), Form::line(100), false, notes);
        // A colon that was escaped would make another destination of it.
        (!text.is_empty() && !text.contains(':')).then_some(text)
    };
    Ok(Shipping {
        country,
        region: text(region),
        service: text(service),
        price: cost,
    })
}

/// `UK` is what many call what ISO 3166 calls `GB`, and no other country's code.
fn country_of(said: &Said, code: &str, notes: &mut Notes) -> Result<String, Code> {
    let code = code.to_ascii_uppercase();
    if code == "UK" {
        notes.raise(Code::CountryUk, said);
        return Ok("GB".to_owned());
    }
    parse_country(&code).map_err(|_| Code::ShippingInvalid)
}

/// Shipping may cost nothing, and costs it in the item's currency.
fn cost_of(
    said: &Said,
    text: &str,
    price: Option<Price>,
    rules: &Rules,
    notes: &mut Notes,
) -> Result<Price, Wrong> {
    let own = price.map(|price| price.currency);
    let reading = Reading {
        currency: own.or(rules.default_currency),
        decimals: rules.decimals(Column::Shipping),
    };
    let amount = Amount::Text(Said {
        name: said.name.clone(),
        text: text.to_owned(),
    });
    let cost = read(&amount, reading).map_err(|wrong| match wrong {
        Wrong::Is(_) => Code::ShippingInvalid.into(),
        ambiguous @ Wrong::Ambiguous(_) => ambiguous,
    })?;
    if own.is_some_and(|own| own != cost.price.currency) {
        return Err(Code::PriceCurrencyMismatch.into());
    }
    if cost.by_file {
        notes.raise(Code::DecimalSignByFile, said);
    }
    Ok(cost.price)
}
