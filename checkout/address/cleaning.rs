//! Typed text made comparable: cleaned for storing, folded for comparing.
//!
//! Promises: cleaned text is one line in NFC without blanks around it or control characters in it.
//! Must not know which field a text is for.

use buywire_schemas::text::{is_bidi_control, is_invisible};
use unicode_normalization::UnicodeNormalization;

/// The first of the ten digits of the scripts that buyers' keyboards produce.
const ZEROS: [char; 6] = [
    '\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{e50}', '\u{ff10}',
];

/// One visible line in NFC, or nothing.
pub(super) fn clean(typed: &str) -> String {
    let visible = typed.nfc().filter(|letter| !is_bidi_control(*letter));
    let line: String = visible
        .map(|letter| if is_break(letter) { ' ' } else { letter })
        .collect();
    if line.chars().all(is_invisible) {
        return String::new();
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    words.join(" ")
}

fn is_break(letter: char) -> bool {
    letter.is_control() || letter.is_whitespace()
}

/// The text in ASCII capitals as far as it has any: other scripts' digits and wide letters become ASCII.
pub(super) fn ascii_capitals(text: &str) -> String {
    text.chars()
        .map(|letter| ascii(letter).to_ascii_uppercase())
        .collect()
}

fn ascii(letter: char) -> char {
    let digit = ZEROS.iter().find_map(|zero| {
        let value = u32::from(letter).checked_sub(u32::from(*zero))?;
        char::from_digit(value, 10)
    });
    digit.unwrap_or(match letter {
        '\u{ff01}'..='\u{ff5e}' => wide_to_ascii(letter),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' => '-',
        other => other,
    })
}

fn wide_to_ascii(letter: char) -> char {
    let narrow = u32::from(letter).checked_sub(0xfee0);
    narrow.and_then(char::from_u32).unwrap_or(letter)
}

/// The same text for two spellings of a name: `Québec` and `QUEBEC`, `N.L.` and `NL`.
pub(super) fn fold(text: &str) -> String {
    let letters = text
        .nfkd()
        .filter(|letter| !matches!(letter, '\u{300}'..='\u{36f}' | '.' | '\'' | '’'));
    let plain: String = letters.flat_map(char::to_lowercase).collect();
    let spaced = plain.replace(['-', ',', '–'], " ").replace('&', " and ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words.join(" ")
}

/// Whether every letter is Latin, so that the address is written for readers of Latin script.
pub(super) fn is_latin(text: &str) -> bool {
    let is_latin_letter = |letter: char| {
        letter < '\u{250}' || matches!(letter, '\u{1e00}'..='\u{1eff}' | '\u{ff21}'..='\u{ff5a}')
    };
    text.chars()
        .filter(|letter| letter.is_alphabetic())
        .all(is_latin_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_removed() {
        assert_eq!(clean("  12\tRue\u{a0}A\r\nB \u{202e}C"), "12 Rue A B C");
        assert_eq!(clean("e\u{301}"), "é");
        assert_eq!(clean("\u{200b}\u{3164}"), "");
    }

    #[test]
    fn digits_of_other_scripts_are_digits() {
        assert_eq!(ascii_capitals("１５４－００２３"), "154-0023");
        assert_eq!(ascii_capitals("١٢٣ ۴۵۶ ७८९ ๑ ec1y"), "123 456 789 1 EC1Y");
    }

    #[test]
    fn spellings_of_one_name_are_equal() {
        assert_eq!(fold("Québec"), fold("QUEBEC"));
        assert_eq!(fold("Andaman & Nicobar"), fold("andaman and nicobar"));
        assert_eq!(fold("N.L."), "nl");
    }

    #[test]
    fn scripts_are_told_apart() {
        assert!(is_latin("Đường 3/2, Zürich 8001 – Åre"));
        assert!(!is_latin("東京都") && !is_latin("Москва") && !is_latin("دبي"));
    }
}
