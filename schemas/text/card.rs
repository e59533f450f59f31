//! Finds payment card numbers, so that none is ever stored.
//!
//! A card number is 14 to 19 digits, with single spaces or dashes allowed between them and no
//! other digit touching either end, that begins with an issuer's prefix for that length and
//! satisfies the Luhn check. Only ASCII digits count.
//! The prefixes leave out everything that begins with 1, and 2 at 19 digits: there live the ids
//! of X posts, and an order must be able to name the post that sold it.

/// The fewest digits of a card that is refused; nothing shorter needs a look.
const DIGITS_MIN: usize = 14;
/// The most digits that a card has (ISO/IEC 7812).
const DIGITS_MAX: usize = 19;

/// Whether a card number stands anywhere in the text.
#[must_use]
pub fn contains_card_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut rest = bytes;
    let mut before = None;
    while rest.len() >= DIGITS_MIN {
        let Some((&byte, after)) = rest.split_first() else {
            break;
        };
        let touches = before.is_some_and(|previous: u8| previous.is_ascii_digit());
        if byte.is_ascii_digit() && !touches && begins_with_card_number(rest) {
            return true;
        }
        before = Some(byte);
        rest = after;
    }
    false
}

/// Whether a card number stands at the very beginning, which is a digit.
fn begins_with_card_number(bytes: &[u8]) -> bool {
    let mut digits = [0_u8; DIGITS_MAX];
    let mut count = 0;
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if !byte.is_ascii_digit() {
            return false;
        }
        let Some(slot) = digits.get_mut(count) else {
            return false;
        };
        *slot = byte - b'0';
        count += 1;
        let next = rest.peek().copied();
        let touches = next.is_some_and(|byte| byte.is_ascii_digit());
        if !touches && digits.get(..count).is_some_and(is_card_number) {
            return true;
        }
        if matches!(next, Some(b' ' | b'-')) {
            rest.next();
        }
    }
    false
}

fn is_card_number(digits: &[u8]) -> bool {
    digits.len() >= DIGITS_MIN && has_issuer(digits) && satisfies_luhn(digits)
}

/// Whether an issuer gives out numbers of this length that begin like this.
fn has_issuer(digits: &[u8]) -> bool {
    let prefix = digits
        .iter()
        .take(4)
        .fold(0_u32, |sum, digit| sum * 10 + u32::from(*digit));
    match (prefix, digits.len()) {
        // Diners Club.
        (3000..=3059 | 3095 | 3600..=3699 | 3800..=3999, 14 | 16..=19) => true,
        // American Express.
        (3400..=3499 | 3700..=3799, 15) => true,
        // JCB.
        (3528..=3589, 16..=19) => true,
        // Visa.
        (4000..=4999, 16 | 19) => true,
        // Mastercard, both ranges, and Mir before the second.
        (5100..=5599 | 2221..=2720 | 2200..=2204, 16) => true,
        // Maestro and its national kin.
        (5000..=5099 | 5600..=5899, 16..=19) => true,
        // Discover, UnionPay, Maestro, RuPay, Elo, Hipercard: together they use all of 60 to 69.
        (6000..=6999, 16..=19) => true,
        // UnionPay and RuPay beyond 62 and 60, and Troy.
        (8100..=8299 | 9792, 16) => true,
        _ => false,
    }
}

/// The check digit of ISO/IEC 7812: every second digit from the right counts double.
fn satisfies_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn published_test_numbers_are_found_however_they_are_written() {
        for card in PUBLISHED {
            let mut dashed = card.to_owned();
            let mut spaced = card.to_owned();
            for place in [12, 8, 4] {
                dashed.insert(place, '-');
                spaced.insert(place, ' ');
            }
            let each: Vec<String> = card.chars().map(String::from).collect();
            for form in [card, &dashed, &spaced, &each.join(" ")] {
                for text in [
                    form.to_owned(),
                    format!("card:{form}."),
                    format!("Qty 2 {form}"),
                    format!("{form} 12/29"),
                    format!("été{form}été"),
                    format!("x{form}y"),
                    format!("12  {form}"),
                ] {
                    assert!(contains_card_number(&text), "{text}");
                }
            }
        }
    }

    #[test]
    fn what_only_looks_like_a_card_is_let_through() {
        for text in [
            "",
            "4242424242424241",     // Luhn
            "42424242424242424",    // a digit touches, and no Visa has 17
            "04242424242424242",    // a digit touches
            "4242  4242 4242 4242", // two blanks
            "4242–4242–4242–4242",  // en dashes
            "4242.4242.4242.4242",  // points
            "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢",     // other digits
            "1859000000000000007",  // an X post
            "+14155550100",
            "2026-11-20T10:00:00Z",
            "4222222222222", // 13 digits
        ] {
            assert!(!contains_card_number(text), "{text}");
        }
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
}
