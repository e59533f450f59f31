//! The spellings under which names and words are compared.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::aliases::{self, Field};

/// Characters compared of a name.
const NAME_CHARS_MAX: usize = 128;

/// The spelling under which names are compared: lower case, `_` between words; without a byte
/// order mark, a namespace's prefix and the numbers in `[0]`.
#[must_use]
pub fn plain(name: &str) -> String {
    let name = local(name);
    let mut plain = String::with_capacity(name.len() + 4);
    let mut previous = '_';
    for letter in name.chars().take(NAME_CHARS_MAX) {
        let is_gap = letter.is_whitespace() || letter == '-' || letter == '_';
        let in_brackets = plain.ends_with('[') && letter.is_ascii_digit();
        if is_gap && !plain.is_empty() && !plain.ends_with('_') {
            plain.push('_');
        }
        if letter.is_uppercase() && previous.is_lowercase() {
            plain.push('_');
        }
        if !is_gap && !in_brackets {
            plain.extend(letter.to_lowercase());
        }
        previous = letter;
    }
    plain.truncate(plain.trim_end_matches('_').len());
    plain
}

/// A plain name or a word without accents: `Verfügbarkeit` and `verfugbarkeit` are equal. Punctuation around a
/// question does not count.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let letters = text.trim().chars().take(NAME_CHARS_MAX);
    let letters = letters.flat_map(char::to_lowercase);
    for letter in letters.nfd().filter(|letter| !is_combining_mark(*letter)) {
        match letter {
            'ł' => folded.push('l'),
            'ß' => folded.push_str("ss"),
            'œ' => folded.push_str("oe"),
            '’' => folded.push('\''),
            '¿' => {}
            letter if letter.is_whitespace() || letter == '-' || letter == '_' => {
                if !folded.is_empty() && !folded.ends_with('_') {
                    folded.push('_');
                }
            }
            letter => folded.push(letter),
        }
    }
    folded.truncate(folded.trim_end_matches('_').len());
    folded
}

/// The name without a byte order mark and the prefix of its namespace.
pub(super) fn local(name: &str) -> &str {
    let name = name.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    match name.split_once(':') {
        Some((prefix, rest)) if is_prefix(prefix) && !rest.starts_with(char::is_whitespace) => rest,
        _ => name,
    }
}

/// A prefix can be any word, declared or not. That of Media RSS is kept: its `content` is an image,
/// Atom's is a text.
fn is_prefix(text: &str) -> bool {
    let is_word = text.bytes().all(|b| b.is_ascii_alphanumeric());
    (1..=8).contains(&text.len()) && is_word && !text.eq_ignore_ascii_case("media")
}

/// The field of a plain name.
#[must_use]
pub fn field(plain: &str) -> Option<Field> {
    let (field, _) = aliases::find(plain).or_else(|| aliases::find(strip_sub_attributes(plain)))?;
    (field != Field::Attribute).then_some(field)
}

/// What stands before a list of sub-attributes.
pub(super) fn strip_sub_attributes(plain: &str) -> &str {
    let base = plain.split('(').next().unwrap_or_default();
    base.trim_end_matches('_')
}
