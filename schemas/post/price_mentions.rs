//! Whether a custom text mentions an amount, in any usual spelling.
//!
//! Promises: an amount with decimals is found by itself, a whole one only beside the currency's sign or code. Must
//! not judge the statement around it.

use crate::catalog::Price;

/// Signs that make a number beside them a price. Letters that do are in [`WORDS`].
const SIGNS: [char; 15] = [
    '$', '€', '£', '¥', '￥', '円', '₹', '₴', '₩', '₽', '₺', '₫', '₱', '₪', '฿',
];
/// Abbreviations that make a number beside them a price, in lower case.
const WORDS: [&str; 8] = ["zł", "kč", "kr", "fr", "lei", "ft", ".-", ",-"];
/// Spaces between the digit groups of a number.
const BLANKS: [char; 4] = [' ', '\u{a0}', '\u{202f}', '\u{2009}'];

/// Whether a text mentions this price.
#[must_use]
pub fn mentions_price(text: &str, price: Price) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let decimals = price.currency.minor_digits() as usize;
    let mut at = 0;
    while at < letters.len() {
        let length = number_length(&letters, at);
        if length == 0 {
            at += 1;
            continue;
        }
        let end = at + length;
        let number = letters.get(at..end).unwrap_or_default();
        if let Some((amount, has_decimals)) = read(number, decimals)
            && amount == price.amount
            && (has_decimals || has_currency_mark(&letters, at, end, price))
        {
            return true;
        }
        at = end;
    }
    false
}

/// The length of digits with separators between them. 0 if no number begins here.
fn number_length(letters: &[char], at: usize) -> usize {
    let is_digit = |index: usize| letters.get(index).is_some_and(char::is_ascii_digit);
    let mut end = at;
    while is_digit(end) {
        end += 1;
    }
    if end == at {
        return 0;
    }
    loop {
        let group = (end + 1..).take_while(|index| is_digit(*index)).count();
        let goes_on = match letters.get(end) {
            Some('.' | ',' | '\'' | '’') => group > 0,
            Some(blank) if BLANKS.contains(blank) => group == 3,
            _ => false,
        };
        if !goes_on {
            return end - at;
        }
        end += 1 + group;
    }
}

/// Minor units, and whether decimals were given. The last separator is the decimal one, unless three digits follow and the
/// currency has fewer decimals.
fn read(number: &[char], decimals: usize) -> Option<(i64, bool)> {
    let digits: String = number.iter().filter(|one| one.is_ascii_digit()).collect();
    let amount: i64 = digits.parse().ok()?;
    let decimals_written = number.iter().rev().position(|one| !one.is_ascii_digit());
    let is_given =
        |behind: &usize| (1..=decimals).contains(behind) && (*behind != 3 || decimals == 3);
    let given = decimals_written.filter(is_given);
    let missing = decimals.saturating_sub(given.unwrap_or(0));
    let factor = 10_i64.checked_pow(u32::try_from(missing).ok()?)?;
    Some((amount.checked_mul(factor)?, given == Some(decimals)))
}

/// Whether a currency's sign or code is next to a number.
fn has_currency_mark(letters: &[char], start: usize, end: usize, price: Price) -> bool {
    let before: String = letters.get(..start).unwrap_or_default().iter().collect();
    let after: String = letters.get(end..).unwrap_or_default().iter().collect();
    let (before, after) = (before.to_lowercase(), after.to_lowercase());
    let (before, after) = (before.trim_end(), after.trim_start());
    let code = price.currency.code().to_lowercase();
    let mut words = WORDS.iter().copied().chain([code.as_str()]);
    before.ends_with(SIGNS)
        || after.starts_with(SIGNS)
        || words.any(|word| {
            let behind = after.strip_prefix(word);
            let ahead = before.strip_suffix(word);
            behind.is_some_and(|rest| !rest.starts_with(char::is_alphabetic))
                || ahead.is_some_and(|rest| !rest.ends_with(char::is_alphabetic))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn a_price_is_found_in_every_usual_spelling_and_in_no_other_number() {
        let price = |amount, code| Price {
            amount,
            currency: Currency::parse(code).unwrap(),
        };
        for (text, amount, code, expected) in [
            ("Only 12.00 EUR!", 1_200, "EUR", true),
            ("Nur 12,00", 1_200, "EUR", true),
            ("12€ now", 1_200, "EUR", true),
            ("12 € now", 1_200, "EUR", true),
            ("for EUR 12", 1_200, "EUR", true),
            ("for eur12", 1_200, "EUR", true),
            ("$12.5", 1_250, "USD", true),
            ("1,299.00", 129_900, "USD", true),
            ("1.299,00 zł", 129_900, "PLN", true),
            ("12 990 Kč", 1_299_000, "CZK", true),
            ("12.990 Kč", 1_299_000, "CZK", true),
            ("12’990.-", 1_299_000, "CHF", true),
            ("¥1,980", 1_980, "JPY", true),
            ("now 3.500 KWD", 3_500, "KWD", true),
            ("12 free cups", 1_200, "EUR", false),
            ("12 ft, 12 Kč", 1_200, "EUR", true),
            ("12 cups", 1_200, "EUR", false),
            ("since 2012", 201_200, "EUR", false),
            ("112.00 EUR", 1_200, "EUR", false),
            ("12.00.24", 1_200, "EUR", false),
            ("No price", 1_200, "EUR", false),
            ("99999999999999999999 €", 1_200, "EUR", false),
        ] {
            assert_eq!(
                mentions_price(text, price(amount, code)),
                expected,
                "{text}"
            );
        }
    }
}
