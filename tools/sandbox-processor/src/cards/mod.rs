//! Test cards: what a number is, and what happens to a payment with it.
//!
//! Promises: a number is read, judged by its digits and dropped; a `Card` keeps its brand, its last four digits and a
//! keyed fingerprint, and nothing from which the number could be found. Numbers that are no published test card are
//! refused, so that nobody's real card is ever accepted.

mod table;

use table::TestCard;
pub(crate) use table::{
    AUTHENTICATION_FAILED, AUTHENTICATION_REQUIRED, BANK_REFUSED, Behaviour, Decline,
    GENERIC_DECLINE, TEST_CARDS, TEST_TOKENS,
};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::machine::Authorization;

/// Longer than the longest card number with blanks between its digits.
const INPUT_CHARS_MAX: usize = 40;

/// What is kept of a card.
#[derive(Debug, Clone)]
pub(crate) struct Card {
    pub(crate) brand: &'static str,
    pub(crate) last4: String,
    pub(crate) fingerprint: String,
    pub(crate) exp_month: u8,
    pub(crate) exp_year: i32,
    pub(crate) behaviour: Behaviour,
}

/// Why a number is not accepted. It never holds the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CardRefusal {
    NotANumber,
    WrongCheckDigit,
    NotATestCard,
}

impl Card {
    /// The card of a number as a buyer types it.
    pub(crate) fn read(
        typed: &str,
        (exp_month, exp_year): (u8, i32),
        fingerprint_key: &[u8; 32],
    ) -> Result<Self, CardRefusal> {
        let digits = digits(typed).ok_or(CardRefusal::NotANumber)?;
        if !has_right_check_digit(&digits) {
            return Err(CardRefusal::WrongCheckDigit);
        }
        let mut cards = TEST_CARDS.iter();
        let card = cards.find(|card| card.number == digits);
        let card = card.ok_or(CardRefusal::NotATestCard)?;
        Ok(Self::of(card, (exp_month, exp_year), fingerprint_key))
    }

    /// The card of a test payment method, such as `pm_card_visa`.
    pub(crate) fn of_alias(
        alias: &str,
        expiry: (u8, i32),
        fingerprint_key: &[u8; 32],
    ) -> Option<Self> {
        let mut cards = TEST_CARDS.iter();
        let card = cards.find(|card| card.aliases.contains(&alias))?;
        Some(Self::of(card, expiry, fingerprint_key))
    }

    /// The card of a test token, such as `spt_test_visa`.
    pub(crate) fn of_test_token(
        token: &str,
        expiry: (u8, i32),
        fingerprint_key: &[u8; 32],
    ) -> Option<Self> {
        let mut tokens = TEST_TOKENS.iter();
        let (_, alias) = tokens.find(|(name, _)| *name == token)?;
        Self::of_alias(alias, expiry, fingerprint_key)
    }

    fn of(card: &TestCard, (exp_month, exp_year): (u8, i32), key: &[u8; 32]) -> Self {
        Self {
            brand: card.brand,
            last4: last4(card.number).to_owned(),
            fingerprint: fingerprint(card.number, key),
            exp_month,
            exp_year,
            behaviour: card.behaviour,
        }
    }

    /// The bank's first answer, and with which reason it declines.
    pub(crate) fn answer(&self) -> (Authorization, Option<Decline>) {
        match self.behaviour {
            Behaviour::Decline(decline) => (Authorization::Declined, Some(decline)),
            Behaviour::Challenge(_) => (Authorization::Challenged, None),
            _ => (Authorization::Approved, None),
        }
    }

    /// The card as payment methods, charges and tokens show it.
    pub(crate) fn summary(&self) -> Value {
        json!({
            "brand": self.brand,
            "country": "US",
            "exp_month": self.exp_month,
            "exp_year": self.exp_year,
            "fingerprint": self.fingerprint,
            "funding": "credit",
            "last4": self.last4,
        })
    }
}

/// The digits without blanks and dashes; none if anything else is among them, or the count is no card's.
fn digits(typed: &str) -> Option<String> {
    if typed.chars().count() > INPUT_CHARS_MAX {
        return None;
    }
    let kept = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
    let digits: String = kept.collect();
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && (12..=19).contains(&digits.len())).then_some(digits)
}

/// Luhn's sum.
pub(crate) fn has_right_check_digit(digits: &str) -> bool {
    let mut sum = 0;
    for (position, digit) in digits.bytes().rev().enumerate() {
        let digit = u32::from(digit.wrapping_sub(b'0'));
        sum += match (position % 2, digit * 2) {
            (0, _) => digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        };
    }
    sum % 10 == 0
}

fn last4(number: &str) -> &str {
    let start = number.len().saturating_sub(4);
    number.get(start..).unwrap_or_default()
}

/// The same for the same card, and useless without the key.
fn fingerprint(number: &str, key: &[u8; 32]) -> String {
    // A key of any length is a key of HMAC.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return String::new();
    };
    mac.update(number.as_bytes());
    let bytes = mac.finalize().into_bytes();
    bytes
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_card_has_a_right_check_digit_and_leaves_no_number_behind() {
        for card in &TEST_CARDS {
            assert!(has_right_check_digit(card.number));
            let read = Card::read(card.number, (12, 2099), &[7; 32]).unwrap();
            assert!(!format!("{read:?}").contains(card.number));
        }
    }

    #[test]
    fn every_test_token_stands_for_a_card() {
        for (token, _) in &TEST_TOKENS {
            let card = Card::of_test_token(token, (12, 2099), &[7; 32]);
            assert!(card.is_some(), "{token}");
        }
        assert!(Card::of_test_token("spt_test_", (12, 2099), &[7; 32]).is_none());
    }

    #[test]
    fn what_is_no_test_card_is_refused_by_kind() {
        let read = |typed| Card::read(typed, (1, 2099), &[7; 32]).err();
        assert_eq!(read("4242 4242-4242 4242"), None);
        assert_eq!(
            read("4242 4242 4242 4241"),
            Some(CardRefusal::WrongCheckDigit)
        );
        assert_eq!(read("4111 1111 1111 1111"), Some(CardRefusal::NotATestCard));
        for typed in [
            "",
            "42",
            "４２４２４２４２４２４２４２４２",
            "4242x4242",
            &"1 ".repeat(1000),
        ] {
            assert_eq!(read(typed), Some(CardRefusal::NotANumber), "{typed}");
        }
    }

    #[test]
    fn a_fingerprint_needs_its_key() {
        let one = fingerprint("4242424242424242", &[1; 32]);
        assert_eq!(one, fingerprint("4242424242424242", &[1; 32]));
        assert_ne!(one, fingerprint("4242424242424242", &[2; 32]));
    }
}
