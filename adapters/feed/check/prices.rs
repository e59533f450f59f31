//! Price, sale price, former price and the time of a sale, brought into one shape.
//!
//! When in doubt the higher price is shown: a sale whose price or dates cannot be read is none.

use buywire_schemas::catalog::issue::Code;
use buywire_schemas::catalog::{Price, Sale};
use time::OffsetDateTime;

use super::amount::{Read, Reading, Wrong, culprit, read};
use super::moment::Moment;
use super::notes::Notes;
use super::rules::Rules;
use super::signs::Column;
use crate::feed::draft::{Amount, Draft, Said};

/// From when until when; an open side is none.
type Window = (Option<OffsetDateTime>, Option<OffsetDateTime>);

/// The price and, where there is one, the sale.
pub(super) fn prices(
    draft: &Draft,
    rules: &Rules,
    notes: &mut Notes,
) -> Option<(Price, Option<Sale>)> {
    let price = price(draft.price.as_ref(), rules, notes)?;
    let reduced = match &draft.sale_price {
        Some(sale) => sale_below(sale, price, rules, notes).map(|sale| (price, sale)),
        None => {
            list_above(draft.list_price.as_ref(), price, rules, notes).map(|list| (list, price))
        }
    };
    let windows = [&draft.sale_window, &draft.sale_starts, &draft.sale_ends];
    let Some((price, sale)) = reduced else {
        if let Some(said) = windows.into_iter().flatten().next() {
            notes.raise(Code::WindowIgnored, said);
        }
        return Some((price, None));
    };
    match window(draft, rules, notes) {
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
        Err((code, said)) => {
            notes.raise(code, said);
            Some((price, None))
        }
    }
}

fn price(told: Option<&Amount>, rules: &Rules, notes: &mut Notes) -> Option<Price> {
    let Some(amount) = told else {
        notes.raise_missing(Code::PriceMissing, "price");
        return None;
    };
    let reading = Reading {
        currency: rules.default_currency,
        decimals: rules.decimals(Column::Price),
    };
    let Read {
        price,
        padded,
        defaulted,
        by_file,
    } = match read(amount, reading) {
        Ok(read) => read,
        Err(Wrong::Is(code)) => {
            notes.raise(code, culprit(amount, code));
            return None;
        }
        Err(Wrong::Ambiguous(readings)) => {
            two_meanings(
                Code::PriceAmbiguous,
                culprit(amount, Code::PriceAmbiguous),
                &readings,
                notes,
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
        notes.raise(code, culprit(amount, code));
    }
    Some(price)
}

/// Says what an amount can mean.
pub(super) fn two_meanings(code: Code, said: &Said, readings: &str, notes: &mut Notes) {
    notes.raise_value(code, &said.name, &format!("{}: {readings}", said.text));
}

/// Reads another amount of the item; one without a currency is in the item's. What cannot be read is told, by
/// `unreadable` where nothing better is known, and is none.
fn in_same_currency(
    amount: &Amount,
    column: Column,
    price: Price,
    rules: &Rules,
    unreadable: Code,
    notes: &mut Notes,
) -> Option<Price> {
    let reading = Reading {
        currency: Some(price.currency),
        decimals: rules.decimals(column),
    };
    let code = match read(amount, reading) {
        Ok(read) if read.price.currency == price.currency => {
            if read.by_file {
                let code = Code::DecimalSignByFile;
                notes.raise(code, culprit(amount, code));
            }
            return Some(read.price);
        }
        Err(Wrong::Ambiguous(readings)) => {
            let code = Code::AmountAmbiguous;
            two_meanings(code, culprit(amount, code), &readings, notes);
            return None;
        }
        Ok(_) => Code::PriceCurrencyMismatch,
        Err(Wrong::Is(_)) => unreadable,
    };
    notes.raise(code, culprit(amount, code));
    None
}

fn sale_below(told: &Amount, price: Price, rules: &Rules, notes: &mut Notes) -> Option<Price> {
    let column = Column::SalePrice;
    let sale = in_same_currency(told, column, price, rules, Code::SaleIgnored, notes)?;
    let code = match sale.amount {
        0 if !rules.zero_price_allowed => Code::SaleIgnored,
        amount if amount >= price.amount => Code::SalePriceNotLower,
        _ => return Some(sale),
    };
    notes.raise(code, culprit(told, code));
    None
}

/// The former price, when it is higher: then the price is the reduced one. One that is equal or
/// zero is how some shops say that there is none.
fn list_above(
    told: Option<&Amount>,
    price: Price,
    rules: &Rules,
    notes: &mut Notes,
) -> Option<Price> {
    let told = told?;
    let code = Code::ListPriceIgnored;
    let list = in_same_currency(told, Column::ListPrice, price, rules, code, notes)?;
    if list.amount > price.amount {
        return Some(list);
    }
    if list.amount < price.amount && list.amount > 0 {
        notes.raise(code, culprit(told, code));
    }
    None
}

/// The time of the sale, or the code and the place of what is wrong with it.
fn window<'a>(
    draft: &'a Draft,
    rules: &Rules,
    notes: &mut Notes,
) -> Result<Window, (Code, &'a Said)> {
    let (starts, ends) = match &draft.sale_window {
        Some(said) => {
            let (start, end) = said.text.split_once('/').ok_or((Code::SaleIgnored, said))?;
            (Some((said, start)), Some((said, end)))
        }
        None => (
            draft
                .sale_starts
                .as_ref()
                .map(|said| (said, said.text.as_str())),
            draft
                .sale_ends
                .as_ref()
                .map(|said| (said, said.text.as_str())),
        ),
    };
    let starts_at = side(starts, rules, notes)?.map(|moment| moment.at);
    let ends_at = side(ends, rules, notes)?.and_then(Moment::end);
    match (starts_at, ends_at, ends.or(starts)) {
        (Some(start), Some(end), Some((said, _))) if start >= end => {
            Err((Code::SaleWindowInverted, said))
        }
        _ => Ok((starts_at, ends_at)),
    }
}

/// One side of the window; empty or `..` is open.
fn side<'a>(
    told: Option<(&'a Said, &str)>,
    rules: &Rules,
    notes: &mut Notes,
) -> Result<Option<Moment>, (Code, &'a Said)> {
    let Some((said, text)) = told.filter(|(_, text)| !matches!(text.trim(), "" | "..")) else {
        return Ok(None);
    };
    let moment = Moment::parse(text, rules.time_zone.as_ref()).ok_or((Code::SaleIgnored, said))?;
    if !moment.zoned {
        notes.raise_value(Code::DateWithoutTimezone, &said.name, text);
    }
    Ok(Some(moment))
}
