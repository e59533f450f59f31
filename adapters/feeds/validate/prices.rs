//! Price, sale price, former price and sale dates, in one form.
//!
//! In doubt, the higher price counts: a sale with an unreadable price or date is ignored.

use buywire_schemas::catalog::issue::Code;
use buywire_schemas::catalog::{Price, Sale};
use time::OffsetDateTime;

use super::findings::FindingsBuilder;
use super::rules::Rules;
use super::values::amount::{
    AmountContext, AmountError, ParsedAmount, offending_field, parse_amount,
};
use super::values::datetime::ParsedTime;
use super::values::decimal_sign::Column;
use crate::draft::{Amount, Draft, RawField};

/// Start and end. An open side is `None`.
type SaleWindow = (Option<OffsetDateTime>, Option<OffsetDateTime>);

/// The price, and the sale if there is one.
pub(super) fn prices(
    draft: &Draft,
    rules: &Rules,
    findings: &mut FindingsBuilder,
) -> Option<(Price, Option<Sale>)> {
    let price = parse_price(draft.price.as_ref(), rules, findings)?;
    let reduced = match &draft.sale_price {
        Some(sale) => parse_sale_price(sale, price, rules, findings).map(|sale| (price, sale)),
        None => parse_list_price(draft.list_price.as_ref(), price, rules, findings)
            .map(|list| (list, price)),
    };
    let windows = [&draft.sale_window, &draft.sale_starts, &draft.sale_ends];
    let Some((price, sale)) = reduced else {
        if let Some(raw) = windows.into_iter().flatten().next() {
            findings.raise(Code::WindowIgnored, raw);
        }
        return Some((price, None));
    };
    match parse_sale_window(draft, rules, findings) {
        Ok((starts_at, ends_at)) => {
            let amount = sale.amount;
            Some((
                price,
                Some(Sale {
                    amount,
                    starts_at,
                    ends_at,
                }),
            ))
        }
        Err((code, raw)) => {
            findings.raise(code, raw);
            Some((price, None))
        }
    }
}

fn parse_price(
    input: Option<&Amount>,
    rules: &Rules,
    findings: &mut FindingsBuilder,
) -> Option<Price> {
    let Some(amount) = input else {
        findings.raise_missing(Code::PriceMissing, "price");
        return None;
    };
    let context = AmountContext {
        currency: rules.default_currency,
        decimals: rules.decimals(Column::Price),
    };
    let ParsedAmount {
        price,
        padded,
        currency_assumed: defaulted,
        by_file,
    } = match parse_amount(amount, context) {
        Ok(read) => read,
        Err(AmountError::Invalid(code)) => {
            findings.raise(code, offending_field(amount, code));
            return None;
        }
        Err(AmountError::Ambiguous(readings)) => {
            findings.raise_ambiguous(
                Code::PriceAmbiguous,
                offending_field(amount, Code::PriceAmbiguous),
                &readings,
            );
            return None;
        }
    };
    let remarks = [
        (by_file, Code::DecimalSignByFile),
        (padded, Code::DecimalsPadded),
        (defaulted, Code::DefaultCurrencyUsed),
        (
            price.amount == 0 && !rules.zero_price_allowed,
            Code::PriceZero,
        ),
    ];
    for (_, code) in remarks.into_iter().filter(|(holds, _)| *holds) {
        findings.raise(code, offending_field(amount, code));
    }
    Some(price)
}

/// Reads another amount of the item. Without a currency, it has the item's. An unreadable amount is reported with
/// `fallback_code` if there is no better code, and ignored.
fn parse_in_currency(
    amount: &Amount,
    column: Column,
    price: Price,
    rules: &Rules,
    fallback_code: Code,
    findings: &mut FindingsBuilder,
) -> Option<Price> {
    let context = AmountContext {
        currency: Some(price.currency),
        decimals: rules.decimals(column),
    };
    let code = match parse_amount(amount, context) {
        Ok(read) if read.price.currency == price.currency => {
            if read.by_file {
                let code = Code::DecimalSignByFile;
                findings.raise(code, offending_field(amount, code));
            }
            return Some(read.price);
        }
        Err(AmountError::Ambiguous(readings)) => {
            let code = Code::AmountAmbiguous;
            findings.raise_ambiguous(code, offending_field(amount, code), &readings);
            return None;
        }
        Ok(_) => Code::PriceCurrencyMismatch,
        Err(AmountError::Invalid(_)) => fallback_code,
    };
    findings.raise(code, offending_field(amount, code));
    None
}

fn parse_sale_price(
    input: &Amount,
    price: Price,
    rules: &Rules,
    findings: &mut FindingsBuilder,
) -> Option<Price> {
    let column = Column::SalePrice;
    let sale = parse_in_currency(input, column, price, rules, Code::SaleIgnored, findings)?;
    let code = match sale.amount {
        0 if !rules.zero_price_allowed => Code::SaleIgnored,
        amount if amount >= price.amount => Code::SalePriceNotLower,
        _ => return Some(sale),
    };
    findings.raise(code, offending_field(input, code));
    None
}

/// The former price, if it is higher: then the price is the sale price. One that is equal or
/// zero means "none" in some shops.
fn parse_list_price(
    input: Option<&Amount>,
    price: Price,
    rules: &Rules,
    findings: &mut FindingsBuilder,
) -> Option<Price> {
    let raw = input?;
    let code = Code::ListPriceIgnored;
    let list = parse_in_currency(raw, Column::ListPrice, price, rules, code, findings)?;
    if list.amount > price.amount {
        return Some(list);
    }
    if list.amount < price.amount && list.amount > 0 {
        findings.raise(code, offending_field(raw, code));
    }
    None
}

/// The sale window, or the code and the field of what is wrong with it.
fn parse_sale_window<'a>(
    draft: &'a Draft,
    rules: &Rules,
    findings: &mut FindingsBuilder,
) -> Result<SaleWindow, (Code, &'a RawField)> {
    let (starts, ends) = match &draft.sale_window {
        Some(raw) => {
            let (start, end) = raw.text.split_once('/').ok_or((Code::SaleIgnored, raw))?;
            (Some((raw, start)), Some((raw, end)))
        }
        None => (
            draft
                .sale_starts
                .as_ref()
                .map(|raw| (raw, raw.text.as_str())),
            draft.sale_ends.as_ref().map(|raw| (raw, raw.text.as_str())),
        ),
    };
    let starts_at = parse_window_bound(starts, rules, findings)?.map(|instant| instant.at);
    let ends_at = parse_window_bound(ends, rules, findings)?.and_then(ParsedTime::end);
    match (starts_at, ends_at, ends.or(starts)) {
        (Some(start), Some(end), Some((raw, _))) if start >= end => {
            Err((Code::SaleWindowInverted, raw))
        }
        _ => Ok((starts_at, ends_at)),
    }
}

/// One side of the window. Empty or `..` is open.
fn parse_window_bound<'a>(
    input: Option<(&'a RawField, &str)>,
    rules: &Rules,
    findings: &mut FindingsBuilder,
) -> Result<Option<ParsedTime>, (Code, &'a RawField)> {
    let Some((raw, text)) = input.filter(|(_, text)| !matches!(text.trim(), "" | "..")) else {
        return Ok(None);
    };
    let time = ParsedTime::parse(text, rules.time_zone.as_ref()).ok_or((Code::SaleIgnored, raw))?;
    if !time.has_zone {
        findings.raise_value(Code::DateWithoutTimezone, &raw.name, text);
    }
    Ok(Some(time))
}
