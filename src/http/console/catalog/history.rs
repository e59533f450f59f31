//! A product's history as its page shows it.
//!
//! Promises: one page of changes and one line of prices are read, whatever the product's age.

use buywire_schemas::ids::ProductId;
use buywire_schemas::money::Currency;
use time::OffsetDateTime;

use super::words::amount;
use crate::console::catalog::history::{ChangeRow, PriceLine, PriceStep, ProductHistory};
use crate::console::format::grouped;
use crate::console::{Moment, chart};
use crate::http::AppState;
use crate::http::console::links::BASE;
use crate::http::problem::ApiError;
use crate::store::catalog::{ProductChange, SalePrice};

/// Changes on a page: with their times in full they take a fifth of it.
const CHANGES: usize = 25;
/// Changes of the price in the line. Each may begin and end a sale.
const PRICES: i64 = 28;
/// Later than any change.
const LAST: OffsetDateTime = time::macros::datetime!(9999-12-31 00:00 UTC);

/// Reads the history, its changes before a cursor.
pub(super) async fn history(
    state: &AppState,
    id: ProductId,
    cursor: &str,
    now: OffsetDateTime,
) -> Result<ProductHistory, ApiError> {
    let before = parse_cursor(cursor);
    let store = &state.store;
    // One more than fit: the last one is compared with it.
    let limit = i64::try_from(CHANGES + 1).unwrap_or(i64::MAX);
    let found = store.product_history(id, before.unwrap_or(LAST), limit);
    let changes = found.await?;
    let prices = store.price_history(id, PRICES).await?;
    let path = format!("{BASE}/catalog/products/{id}");
    let last = changes.get(CHANGES - 1).filter(|_| changes.len() > CHANGES);
    Ok(ProductHistory {
        prices: price_line(&prices, now),
        older: last.map(|last| format!("{path}?before={}#history", cursor_of(last))),
        newest: before.map(|_| format!("{path}#history")),
        changes: rows(&changes, now),
    })
}

fn parse_cursor(cursor: &str) -> Option<OffsetDateTime> {
    let micros: i64 = cursor.parse().ok()?;
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).ok()
}

fn cursor_of(change: &ProductChange) -> i128 {
    change.at.unix_timestamp_nanos() / 1_000
}

/// The line of the prices in the newest currency: amounts in two of them have no common scale.
fn price_line(newest_first: &[ProductChange], now: OffsetDateTime) -> Option<PriceLine> {
    let currency = &newest_first.first()?.currency;
    let same = newest_first
        .iter()
        .take_while(|row| row.currency == *currency);
    let steps = steps(&same.collect::<Vec<_>>(), now);
    let written = |minor| written(currency, minor);
    let prices = || steps.iter().map(|(_, price)| *price);
    let ((from, _), (_, last)) = (*steps.first()?, *steps.last()?);
    let (lowest, highest) = (prices().min()?, prices().max()?);
    let points: Vec<_> = steps
        .iter()
        .map(|(at, price)| (at.unix_timestamp(), *price as f64))
        .collect();
    let range = match lowest == highest {
        true => "It has not changed in this time.".to_owned(),
        false => format!("Lowest {}, highest {}.", written(lowest), written(highest)),
    };
    let step = |(at, price): &(OffsetDateTime, i64)| PriceStep {
        at: Moment::new(*at, now),
        price: written(*price),
    };
    Some(PriceLine {
        points: chart::steps(&points, now.unix_timestamp()),
        summary: format!("{} now. {range}", written(last)),
        from: Moment::new(from, now),
        steps: steps.iter().rev().map(step).collect(),
    })
}

/// What buyers paid, oldest first: each change, and each sale that began or ended before the next.
fn steps(newest_first: &[&ProductChange], now: OffsetDateTime) -> Vec<(OffsetDateTime, i64)> {
    let mut steps: Vec<(OffsetDateTime, i64)> = Vec::new();
    let mut rows = newest_first.iter().rev().peekable();
    while let Some(row) = rows.next() {
        let end = rows.peek().map_or(now, |next| next.at);
        let bounds = |sale: SalePrice| [sale.starts_at, sale.ends_at];
        let mut times: Vec<_> = row
            .sale
            .map(bounds)
            .into_iter()
            .flatten()
            .flatten()
            .collect();
        times.retain(|at| (row.at..end).contains(at));
        times.push(row.at);
        times.sort_unstable();
        for at in times {
            let price = row.price_at(at);
            if steps.last().is_none_or(|(_, last)| *last != price) {
                steps.push((at, price));
            }
        }
    }
    steps
}

fn rows(changes: &[ProductChange], now: OffsetDateTime) -> Vec<ChangeRow> {
    let rows = changes.iter().enumerate().take(CHANGES);
    rows.map(|(at, change)| {
        let before = changes.get(at + 1);
        ChangeRow {
            at: Moment::new(change.at, now),
            changed: before.map_or_else(
                || "first known".to_owned(),
                |before| differences(before, change),
            ),
            price: written(&change.currency, change.price),
            sale: change
                .sale
                .map(|sale| sale_words(&change.currency, sale, now)),
            availability: change.availability.replace('_', " "),
            units: change.quantity.map_or_else(|| "–".to_owned(), grouped),
        }
    })
    .collect()
}

fn differences(before: &ProductChange, after: &ProductChange) -> String {
    let differing = [
        ("currency", before.currency != after.currency),
        ("price", before.price != after.price),
        ("sale price", before.sale != after.sale),
        ("availability", before.availability != after.availability),
        ("units", before.quantity != after.quantity),
    ];
    let named = differing.iter().filter(|(_, differs)| *differs);
    named.map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

fn sale_words(currency: &str, sale: SalePrice, now: OffsetDateTime) -> String {
    let absolute = |at| Moment::new(at, now).absolute;
    let start = sale.starts_at.map(|at| format!(" from {}", absolute(at)));
    let end = sale.ends_at.map(|at| format!(" until {}", absolute(at)));
    let (start, end) = (start.unwrap_or_default(), end.unwrap_or_default());
    format!("{}{start}{end}", written(currency, sale.amount))
}

fn written(currency: &str, minor: i64) -> String {
    match Currency::parse(currency) {
        Ok(currency) => amount(currency, minor),
        Err(_) => format!("{minor} {currency}"),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn at(at: OffsetDateTime, price: i64, sale: Option<SalePrice>) -> ProductChange {
        ProductChange {
            at,
            price,
            sale,
            currency: "EUR".to_owned(),
            availability: "in_stock".to_owned(),
            quantity: None,
        }
    }

    #[test]
    fn a_sale_lowers_the_price_for_its_window_only_and_ends_with_the_next_change() {
        let sale = |starts_at, ends_at| SalePrice {
            amount: 700,
            starts_at: Some(starts_at),
            ends_at: Some(ends_at),
        };
        let (begun, ended) = (
            datetime!(2026-11-02 00:00 UTC),
            datetime!(2026-11-05 00:00 UTC),
        );
        let cut = datetime!(2026-11-12 00:00 UTC);
        let first = at(
            datetime!(2026-11-01 00:00 UTC),
            1_000,
            Some(sale(begun, ended)),
        );
        let second = at(
            datetime!(2026-11-10 00:00 UTC),
            1_000,
            Some(sale(cut, datetime!(2027-01-01 00:00 UTC))),
        );
        let third = at(datetime!(2026-11-20 00:00 UTC), 900, None);
        let now = datetime!(2026-11-30 00:00 UTC);
        assert_eq!(
            steps(&[&third, &second, &first], now),
            [
                (first.at, 1_000),
                (begun, 700),
                (ended, 1_000),
                (cut, 700),
                (third.at, 900)
            ]
        );
        let line = price_line(&[third, second, first], now).unwrap();
        assert_eq!(
            line.summary,
            "9.00 EUR now. Lowest 7.00 EUR, highest 10.00 EUR."
        );
    }

    #[test]
    fn prices_before_a_change_of_currency_are_not_in_the_line() {
        let old = at(datetime!(2026-11-01 00:00 UTC), 50, None);
        let new = at(datetime!(2026-11-02 00:00 UTC), 1_000, None);
        let yen = ProductChange {
            currency: "JPY".to_owned(),
            ..old.clone()
        };
        let line = price_line(&[new.clone(), yen], datetime!(2026-11-30 00:00 UTC)).unwrap();
        assert_eq!(
            line.summary,
            "10.00 EUR now. It has not changed in this time."
        );
        assert_eq!(differences(&old, &new), "price");
    }
}
