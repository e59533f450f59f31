//! Shipping costs: `country:region:service:price` and its longer forms.

use buywire_schemas::catalog::issue::Code;
use buywire_schemas::catalog::{Price, Shipping};
use buywire_schemas::text::parse_country;

use super::findings::FindingsBuilder;
use super::rules::Rules;
use super::text::{TextRules, clean_text};
use super::values::amount::{AmountContext, AmountError, parse_amount};
use super::values::decimal_sign::Column;
use crate::draft::{Amount, RawField};

/// The most destinations kept of one item.
const SHIPPING_MAX: usize = 100;

/// The readable destinations. `price` is the item's price.
pub(super) fn shipping(
    fields: Vec<RawField>,
    price: Option<Price>,
    rules: &Rules,
    findings: &mut FindingsBuilder,
) -> Vec<Shipping> {
    if let Some(first_beyond) = fields.get(SHIPPING_MAX) {
        findings.raise(Code::TooManyValues, first_beyond);
    }
    let mut destinations = Vec::new();
    for raw in fields.into_iter().take(SHIPPING_MAX) {
        match parse(&raw, price, rules, findings) {
            Ok(shipping) => destinations.push(shipping),
            Err(AmountError::Invalid(code)) => findings.raise(code, &raw),
            Err(AmountError::Ambiguous(readings)) => {
                findings.raise_ambiguous(Code::AmountAmbiguous, &raw, &readings);
            }
        }
    }
    destinations
}

fn parse(
    raw: &RawField,
    price: Option<Price>,
    rules: &Rules,
    findings: &mut FindingsBuilder,
) -> Result<Shipping, AmountError> {
    let mut parts = raw.text.split(':').map(str::trim);
    let mut part = || parts.next().filter(|part| !part.is_empty());
    let (country, region, service, cost) = (part(), part(), part(), part());
    let country = country
        .map(|code| parse_country_code(raw, code, findings))
        .transpose()?;
    let cost = cost
        .map(|text| parse_cost(raw, text, price, rules, findings))
        .transpose()?;
    if country.is_none() && cost.is_none() {
        return Err(Code::ShippingInvalid.into());
    }
    let mut text = |part: Option<&str>| {
        let text = clean_text(
            &raw.name,
            part?.to_owned(),
            TextRules::line(100),
            false,
            findings,
        );
        // An escaped colon would change the destination.
        (!text.is_empty() && !text.contains(':')).then_some(text)
    };
    Ok(Shipping {
        country,
        region: text(region),
        service: text(service),
        price: cost,
    })
}

/// Many write `UK` for ISO 3166's `GB`. `UK` is not another country's code.
fn parse_country_code(
    raw: &RawField,
    code: &str,
    findings: &mut FindingsBuilder,
) -> Result<String, Code> {
    let code = code.to_ascii_uppercase();
    if code == "UK" {
        findings.raise(Code::CountryUk, raw);
        return Ok("GB".to_owned());
    }
    parse_country(&code).map_err(|_| Code::ShippingInvalid)
}

/// Shipping may be free, and its currency is the item's.
fn parse_cost(
    raw: &RawField,
    text: &str,
    price: Option<Price>,
    rules: &Rules,
    findings: &mut FindingsBuilder,
) -> Result<Price, AmountError> {
    let own = price.map(|price| price.currency);
    let context = AmountContext {
        currency: own.or(rules.default_currency),
        decimals: rules.decimals(Column::Shipping),
    };
    let amount = Amount::Text(RawField {
        name: raw.name.clone(),
        text: text.to_owned(),
    });
    let cost = parse_amount(&amount, context).map_err(|wrong| match wrong {
        AmountError::Invalid(_) => Code::ShippingInvalid.into(),
        ambiguous @ AmountError::Ambiguous(_) => ambiguous,
    })?;
    if own.is_some_and(|own| own != cost.price.currency) {
        return Err(Code::PriceCurrencyMismatch.into());
    }
    if cost.by_file {
        findings.raise(Code::DecimalSignByFile, raw);
    }
    Ok(cost.price)
}
