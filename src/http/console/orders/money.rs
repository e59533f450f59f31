//! Amounts as the pages of orders write them.

use buywire_schemas::money::Currency;

use crate::console::format::grouped;

/// An amount with its digits in groups: `1,234.50 USD`.
pub(super) fn money(currency: Currency, minor: i64) -> String {
    let decimal = currency.decimal(minor);
    let (whole, places) = match decimal.split_once('.') {
        Some((whole, places)) => (whole, format!(".{places}")),
        None => (decimal.as_str(), String::new()),
    };
    let (sign, digits) = match whole.strip_prefix('-') {
        Some(digits) => ("−", digits),
        None => ("", whole),
    };
    let digits = digits.parse().map_or_else(|_| digits.to_owned(), grouped);
    format!("{sign}{digits}{places} {}", currency.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_places_of_their_currency() {
        let money = |code, minor| money(Currency::parse(code).unwrap(), minor);
        assert_eq!(money("USD", 123_450), "1,234.50 USD");
        assert_eq!(money("JPY", 3_000), "3,000 JPY");
        assert_eq!(money("USD", -5), "−0.05 USD");
    }
}
