//! Finds payment card numbers, so that none is ever stored.
//!
//! A card number has 15 to 19 digits, begins with an issuer's prefix for that length and satisfies
//! the Luhn check; 14 digits (Diners Club) count in free text only. It is written without a break,
//! or in a card's groups with one break between them. A run of digits that touches a letter, `_`,
//! `-` or another digit belongs to something longer, such as a UUID or one of our ids.
//!
//! Identifiers are checked more narrowly than free text. They exclude the lengths that issuers
//! rarely use and ids often have (14 digits: shops; 17 and 18: X posts), and numbers that begin
//! with 3 at 19 digits, which post ids approach. Numbers that begin with 1, or with 2 at 19
//! digits, are never cards: the ids of X posts are there now.

/// The fewest digits of a card number. Shorter text needs no check.
const DIGITS_MIN: usize = 14;
/// The most digits that a card has (ISO/IEC 7812).
const DIGITS_MAX: usize = 19;
/// The most groups in which a card number is written.
const GROUPS_MAX: usize = 5;
/// How card numbers are written in groups: 16 and 19 digits, American Express, Diners Club.
const GROUPINGS: [&[usize]; 4] = [&[4, 4, 4, 4], &[4, 4, 4, 4, 3], &[4, 6, 5], &[4, 6, 4]];

/// The kind of text to scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// Text by people: notes, reasons, names, titles, addresses.
    FreeText,
    /// Text by machines: ids, references, URLs, metadata, attributes, member names.
    Identifier,
}

/// Whether free text contains a card number.
#[must_use]
pub fn contains_card_number(text: &str) -> bool {
    contains_card_in(text, TextKind::FreeText)
}

/// Whether the text contains a card number.
#[must_use]
pub fn contains_card_in(text: &str, field: TextKind) -> bool {
    if text.len() < DIGITS_MIN || !has_digits_enough(text) {
        return false;
    }
    let mut before = None;
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        if is_dropped(letter) {
            continue;
        }
        if let Some(first) = digit_of(letter)
            && !before.is_some_and(belongs_to_run)
            && begins_with_card_number(first, rest.clone(), field)
        {
            return true;
        }
        before = Some(letter);
    }
    false
}

/// Whether the text has as many digits as a card number, whatever is between them. Almost every text has fewer, which
/// one pass over its bytes shows.
fn has_digits_enough(text: &str) -> bool {
    let mut count = 0;
    text.bytes().any(|byte| {
        match byte {
            // A full-width digit begins with this byte.
            b'0'..=b'9' | 0xEF => count += 1,
            b'-' | b'.' => {}
            // Spaces and non-ASCII characters may stand between groups; dropped characters, anywhere.
            byte if byte.is_ascii_graphic() => count = 0,
            _ => {}
        }
        count >= DIGITS_MIN
    })
}

/// A number as far as it was read, with its groups.
#[derive(Default)]
struct DigitRun {
    digits: [u8; DIGITS_MAX],
    count: usize,
    groups: [usize; GROUPS_MAX],
    groups_before: usize,
}

impl DigitRun {
    /// `None` if it is longer than any card number.
    fn push(&mut self, digit: u8) -> Option<()> {
        *self.digits.get_mut(self.count)? = digit;
        self.count += 1;
        *self.groups.get_mut(self.groups_before)? += 1;
        Some(())
    }

    fn digits(&self) -> &[u8] {
        self.digits.get(..self.count).unwrap_or_default()
    }

    fn groups(&self) -> &[usize] {
        self.groups.get(..=self.groups_before).unwrap_or_default()
    }

    fn is_written_as_card(&self) -> bool {
        self.groups_before == 0 || GROUPINGS.contains(&self.groups())
    }

    fn may_have_more_groups(&self) -> bool {
        GROUPINGS
            .iter()
            .any(|grouping| grouping.starts_with(self.groups()))
    }
}

/// Whether a card number begins with this digit and continues with that text.
fn begins_with_card_number(first: u8, rest: std::str::Chars<'_>, field: TextKind) -> bool {
    let mut number = DigitRun::default();
    let mut rest = rest.filter(|letter| !is_dropped(*letter)).peekable();
    let mut next = Some(first);
    loop {
        while let Some(digit) = next {
            if number.push(digit).is_none() {
                return false;
            }
            next = rest
                .next_if(|letter| digit_of(*letter).is_some())
                .and_then(digit_of);
        }
        let next_char = rest.next();
        let touches = next_char.is_some_and(belongs_to_run);
        if number.is_written_as_card() && !touches && is_card_number(number.digits(), field) {
            return true;
        }
        if !next_char.is_some_and(is_break) || !number.may_have_more_groups() {
            return false;
        }
        next = rest.next().and_then(digit_of);
        if next.is_none() {
            return false;
        }
        number.groups_before += 1;
    }
}

/// ASCII and full-width digits.
fn digit_of(letter: char) -> Option<u8> {
    let value = match letter {
        '0'..='9' => u32::from(letter) - u32::from('0'),
        '０'..='９' => u32::from(letter) - u32::from('０'),
        _ => return None,
    };
    u8::try_from(value).ok()
}

/// Characters that make the digits beside them part of something longer.
fn belongs_to_run(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-')
}

/// Characters that may separate two groups: a space, a dash, a dot, a zero-width character, a line feed.
fn is_break(letter: char) -> bool {
    matches!(
        letter,
        ' ' | '-' | '.' | '\n' | '\t' | '\u{a0}' | '\u{ad}' | '\u{2000}'..='\u{200f}' | '\u{2010}'..='\u{2015}'
            | '\u{202f}' | '\u{205f}'..='\u{2064}' | '\u{2212}' | '\u{3000}' | '\u{feff}'
    )
}

/// Control characters that are removed from texts: they must not hide a number.
fn is_dropped(letter: char) -> bool {
    letter.is_control() && letter != '\n' && letter != '\t'
}

fn is_card_number(digits: &[u8], field: TextKind) -> bool {
    let fits = match field {
        TextKind::FreeText => digits.len() >= DIGITS_MIN,
        TextKind::Identifier => match digits {
            [first, ..] if digits.len() == DIGITS_MAX => *first != 3,
            _ => matches!(digits.len(), 15 | 16),
        },
    };
    fits && has_issuer(digits) && satisfies_luhn(digits)
}

/// Whether an issuer uses numbers of this length that begin like this.
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
        // Maestro and related national schemes.
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
        .map(|(index, digit)| match (index % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests;
