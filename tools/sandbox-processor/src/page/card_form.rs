//! The fields of the hosted page: read, checked, and shown again without the card.
//!
//! Promises: every error is found at once and has a text that says what to do; the number and the security code are
//! not among what is kept for showing.

use serde_json::Value;
use time::OffsetDateTime;

use crate::cards::{Card, CardRefusal};
use crate::store::{Payer, Session};

/// More than any name or address.
const TEXT_CHARS_MAX: usize = 200;

/// What may be shown again.
#[derive(Debug, Clone, Default)]
pub(super) struct ShownFields {
    pub(super) email: String,
    pub(super) name: String,
    pub(super) expiry: String,
    pub(super) shipping: usize,
}

/// A field, and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FieldError {
    pub(super) field: &'static str,
    pub(super) text: &'static str,
}

/// What the buyer wants to pay with.
#[derive(Debug)]
pub(super) enum ChosenMethod {
    Card(Card),
    Ideal,
}

/// A form that was read.
#[derive(Debug)]
pub(super) struct CardForm {
    pub(super) shown: ShownFields,
    pub(super) payer: Payer,
    /// Or what is wrong.
    pub(super) method: Result<ChosenMethod, Vec<FieldError>>,
}

/// Reads a form.
pub(super) fn read(
    session: &Session,
    form: &Value,
    now_s: i64,
    fingerprint_key: &[u8; 32],
) -> CardForm {
    let field = |name: &str| {
        let text = form.get(name).and_then(Value::as_str).unwrap_or_default();
        text.trim().chars().take(TEXT_CHARS_MAX).collect::<String>()
    };
    let fixed_email = session.params.get("customer_email").and_then(Value::as_str);
    let shipping = field("shipping").parse().unwrap_or_default();
    let shown = ShownFields {
        email: fixed_email.map_or_else(|| field("email"), str::to_owned),
        name: field("cc-name"),
        expiry: field("cc-exp"),
        shipping: if shipping < session.shipping.len() {
            shipping
        } else {
            0
        },
    };
    let mut errors = Vec::new();
    let mut error = |field, text| errors.push(FieldError { field, text });
    if !is_email(&shown.email) {
        error("email", "Enter an e-mail address, such as ada@example.com.");
    }
    let may_redirect = session.method_types.iter().any(|kind| kind == "ideal");
    let method = match may_redirect && field("method") == "ideal" {
        true => Some(ChosenMethod::Ideal),
        false => {
            let numbers = (field("cc-number"), field("cc-csc"));
            read_card(&shown, &numbers, now_s, fingerprint_key, &mut error).map(ChosenMethod::Card)
        }
    };
    CardForm {
        payer: Payer {
            name: Some(shown.name.clone()).filter(|name| !name.is_empty()),
            email: Some(shown.email.clone()),
        },
        shown,
        method: match (method, errors.is_empty()) {
            (Some(method), true) => Ok(method),
            _ => Err(errors),
        },
    }
}

fn read_card(
    shown: &ShownFields,
    (number, csc): &(String, String),
    now_s: i64,
    fingerprint_key: &[u8; 32],
    error: &mut impl FnMut(&'static str, &'static str),
) -> Option<Card> {
    let expiry = read_expiry(&shown.expiry);
    let card = Card::read(number, expiry.unwrap_or((1, 2000)), fingerprint_key);
    if let Err(refusal) = &card {
        error(
            "cc-number",
            match refusal {
                CardRefusal::NotANumber => {
                    "Enter the number of a test card, such as 4242 4242 4242 4242."
                }
                CardRefusal::WrongCheckDigit => {
                    "The number has a typing error. Compare its digits."
                }
                CardRefusal::NotATestCard => {
                    "This is not a test card. Use one of the cards on this page, and never a real one."
                }
            },
        );
    }
    match expiry {
        None => error(
            "cc-exp",
            "Enter the expiry date as month and year, such as 12/30.",
        ),
        Some(expiry) if is_past(expiry, now_s) => {
            error(
                "cc-exp",
                "The card has expired. Enter a date in the future.",
            );
        }
        Some(_) => {}
    }
    let brand = card.as_ref().map(|card| card.brand);
    let csc_digits = if brand == Ok("amex") { 4 } else { 3 };
    if csc.len() != csc_digits || !csc.bytes().all(|byte| byte.is_ascii_digit()) {
        error(
            "cc-csc",
            match csc_digits {
                4 => "Enter the 4 digits of the security code. Any will do.",
                _ => "Enter the 3 digits of the security code. Any will do.",
            },
        );
    }
    if shown.name.is_empty() {
        error("cc-name", "Enter the name on the card. Any will do.");
    }
    card.ok()
}

/// `12/30`, `12 / 2030` or `1230`, as month and year.
fn read_expiry(text: &str) -> Option<(u8, i32)> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_plain = text
        .chars()
        .all(|c| c.is_ascii_digit() || " /-".contains(c))
        && text.matches(['/', '-']).count() <= 1;
    let (month, year) = match (digits.len(), is_plain) {
        (4 | 6, true) => digits.split_at_checked(2)?,
        (3 | 5, true) => digits.split_at_checked(1)?,
        _ => return None,
    };
    let month = month
        .parse()
        .ok()
        .filter(|month| (1..=12).contains(month))?;
    let year: i32 = year.parse().ok()?;
    Some((month, if year < 100 { 2000 + year } else { year }))
}

/// A card is good to the end of its month.
fn is_past((month, year): (u8, i32), now_s: i64) -> bool {
    OffsetDateTime::from_unix_timestamp(now_s)
        .is_ok_and(|now| (year, month) < (now.year(), u8::from(now.month())))
}

fn is_email(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(name, host)| {
        !name.is_empty()
            && host.contains('.')
            && !host.starts_with('.')
            && !host.ends_with('.')
            && !text.contains(char::is_whitespace)
            && !host.contains('@')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_is_read_as_people_write_it() {
        for text in ["12/30", "12 / 30", "1230", "12/2030", "12-30"] {
            assert_eq!(read_expiry(text), Some((12, 2030)), "{text}");
        }
        assert_eq!(read_expiry("1/31"), Some((1, 2031)));
        for text in ["", "13/30", "00/30", "12", "12/3x", "Dec 30", "12/30/31"] {
            assert_eq!(read_expiry(text), None, "{text}");
        }
    }

    #[test]
    fn a_card_is_good_to_the_end_of_its_month() {
        let december_2026 = 1_796_083_200;
        assert!(is_past((11, 2026), december_2026));
        assert!(!is_past((12, 2026), december_2026));
        assert!(!is_past((1, 2027), december_2026));
    }
}
