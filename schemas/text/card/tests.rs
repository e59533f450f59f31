//! What counts as a card number, and what must never.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::ids::{OrderId, PostId, ProductId};

/// Generated ids and cards of each kind. `tests/acceptance/card-numbers` sets a higher number.
const COUNT: usize = match option_env!("BUYWIRE_TEST_CARD_NUMBERS") {
    Some(_) => 1_000_000,
    None => 20_000,
};

/// Numbers that payment processors publish for tests, one or more per issuer and length.
const PUBLISHED: [&str; 20] = [
    "4242424242424242",
    "4000056655665556",
    "5555555555554444",
    "5105105105105100",
    "2223003122003222",
    "2720992593319364",
    "378282246310005",
    "371449635398431",
    "6011111111111117",
    "6011000990139424",
    "30569309025904",
    "38520000023237",
    "36227206271667",
    "3056930009020004",
    "3566002020360505",
    "6200000000000005",
    "6205500000000000004",
    "6759649826438453",
    "6799990100000000019",
    "5019717010103742",
];

/// Ten issuers: a prefix and the number of digits of their cards.
const ISSUERS: [(&str, usize); 13] = [
    ("4", 16), // Visa
    ("4", 19),
    ("51", 16), // Mastercard
    ("2221", 16),
    ("34", 15),   // American Express
    ("6011", 16), // Discover
    ("36", 14),   // Diners Club
    ("3528", 16), // JCB
    ("62", 16),   // UnionPay
    ("62", 19),
    ("6759", 18), // Maestro
    ("2200", 16), // Mir
    ("9792", 16), // Troy
];

/// How a number is written: the separator of its groups.
const BREAKS: [&str; 7] = [" ", "-", ".", "\u{a0}", "\u{200b}", "\n", "\r\n"];

/// A number of that issuer: the prefix, random digits and the check digit.
fn card(prefix: &str, length: usize, rng: &mut Dice) -> String {
    let mut digits: Vec<u8> = prefix.bytes().map(|byte| byte - b'0').collect();
    while digits.len() < length - 1 {
        digits.push((rng.roll() % 10) as u8);
    }
    let check = (0..10).find(|check| {
        let mut candidate = digits.clone();
        candidate.push(*check);
        satisfies_luhn(&candidate)
    });
    digits.extend(check);
    digits
        .iter()
        .map(|digit| char::from(digit + b'0'))
        .collect()
}

/// In the groups that stand on such a card; one that has none is written without a break.
fn grouped(card: &str, by: &str) -> String {
    let grouping = GROUPINGS
        .iter()
        .find(|groups| groups.iter().sum::<usize>() == card.len());
    let mut rest = card;
    let mut groups = Vec::new();
    for length in grouping.copied().unwrap_or(&[]) {
        let (group, after) = rest.split_at(*length);
        groups.push(group);
        rest = after;
    }
    groups.extend((!rest.is_empty()).then_some(rest));
    groups.join(by)
}

fn full_width(card: &str) -> String {
    let wide = |letter: char| match letter.to_digit(10) {
        Some(digit) => char::from_u32(0xFF10 + digit).unwrap(),
        None => letter,
    };
    card.chars().map(wide).collect()
}

fn spellings(card: &str) -> Vec<String> {
    let mut all: Vec<String> = BREAKS.iter().map(|by| grouped(card, by)).collect();
    all.extend([
        card.to_owned(),
        full_width(card),
        full_width(&grouped(card, " ")),
    ]);
    all
}

/// SplitMix64: the same random numbers in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    fn uuid(&mut self) -> Uuid {
        let bits = u128::from(self.roll()) << 64 | u128::from(self.roll());
        uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
    }

    fn number(&mut self, digits: u32) -> u64 {
        let least = 10_u64.pow(digits - 1);
        least + self.roll() % (least * 9)
    }

    /// Milliseconds since X's epoch, then 22 bits of machine and counter: posts of 2011 to 2039.
    fn post(&mut self) -> u64 {
        const FIRST_MS: u64 = 4_900_000_000;
        const LAST_MS: u64 = 900_000_000_000;
        (FIRST_MS + self.roll() % (LAST_MS - FIRST_MS)) << 22 | self.roll() & 0x3F_FFFF
    }

    fn amazon_order(&mut self) -> String {
        let (head, middle, tail) = (self.number(3), self.roll(), self.roll());
        format!("{head}-{:07}-{:07}", middle % 10_000_000, tail % 10_000_000)
    }
}

#[test]
fn every_card_is_found_in_free_text_in_every_spelling() {
    let mut rng = Dice(1);
    for (prefix, length) in ISSUERS.iter().cycle().take(COUNT / 10) {
        let card = card(prefix, *length, &mut rng);
        for form in spellings(&card) {
            for text in [form.clone(), format!("my card: {form}, thanks")] {
                assert!(contains_card_number(&text), "{text:?}");
            }
        }
    }
}

#[test]
fn no_id_is_taken_for_a_card() {
    let mut rng = Dice(2);
    for _ in 0..COUNT {
        let post = rng.post();
        let ids = [
            rng.uuid().to_string(),
            rng.uuid().as_simple().to_string(),
            rng.uuid().as_simple().to_string().to_uppercase(),
            OrderId::from_uuid(rng.uuid()).to_string(),
            PostId::from_uuid(rng.uuid()).to_string(),
            ProductId::from_uuid(rng.uuid()).to_string(),
            post.to_string(),
            format!("https://x.com/somebody/status/{post}"),
            rng.number(13).to_string(),
            rng.number(14).to_string(),
            rng.amazon_order(),
        ];
        for id in ids {
            assert!(!contains_card_in(&id, TextKind::Identifier), "{id}");
        }
    }
}

#[test]
fn published_test_numbers_are_found_however_they_are_written() {
    for card in PUBLISHED {
        for form in spellings(card) {
            for text in [
                format!("card:{form}."),
                format!("Qty 2 {form}"),
                format!("{form} 12/29"),
                format!("12  {form}"),
                format!("({form})"),
                format!("€{form}€"),
            ] {
                assert!(contains_card_number(&text), "{text:?}");
            }
        }
    }
}

#[test]
fn a_control_character_that_is_dropped_hides_no_card() {
    for text in ["4242\u{b}424242424242", "4242\u{0}\r\n4242 4242 4242\u{85}"] {
        assert!(contains_card_number(text), "{text:?}");
    }
}

#[test]
fn what_only_looks_like_a_card_is_let_through() {
    for text in [
        "",
        "4242424242424241",     // Luhn
        "42424242424242424",    // a digit touches, and no Visa has 17
        "04242424242424242",    // a digit touches
        "x4242424242424242",    // a letter touches
        "4242424242424242é",    // a letter touches
        "A-4242424242424242",   // a dash touches
        "4242424242424242_1",   // an underscore touches
        "4242  4242 4242 4242", // two blanks
        "42 42424242 424242",   // no card's groups
        "4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2",
        "4242/4242/4242/4242",
        "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢",    // other digits
        "1859000000000000007", // an X post
        "+14155550100",
        "2026-11-20T10:00:00Z",
        "4222222222222", // 13 digits
        "424242424242-4242-4242-4242-4242",
    ] {
        assert!(!contains_card_number(text), "{text}");
    }
}

#[test]
fn diners_club_counts_in_free_text_only() {
    assert!(contains_card_in("30569309025904", TextKind::FreeText));
    assert!(!contains_card_in("30569309025904", TextKind::Identifier));
    assert!(contains_card_in("4242424242424242", TextKind::Identifier));
    assert!(contains_card_in("378282246310005", TextKind::Identifier));
}

#[test]
fn no_prefix_reaches_the_ids_of_x_posts() {
    for prefix in 1000..=2999_u32 {
        let mut digits = [0_u8; 19];
        for (slot, digit) in digits.iter_mut().zip(prefix.to_string().bytes()) {
            *slot = digit - b'0';
        }
        assert!(!has_issuer(&digits), "{prefix}");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_search(text in ".{0,80}|[0-9０-９ .\\-\u{200b}]{0,60}") {
        let _ = contains_card_in(&text, TextKind::FreeText);
        let _ = contains_card_in(&text, TextKind::Identifier);
    }
}
