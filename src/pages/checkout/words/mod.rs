//! What the checkout says, in each language.
//!
//! Promises: every sentence exists in every language, or this does not compile; a value that is filled in is never read as
//! part of the sentence. Must not choose which sentence is shown.

#[macro_use]
mod kinds;
mod buying;
mod ordered;

use buywire_checkout::address::Language;

pub(super) use buying::BuyingWords;
pub(super) use kinds::Notice;
pub(super) use ordered::OrderedWords;

#[cfg(test)]
pub(super) use kinds::Sentences;

/// The words of the form and of the review.
pub(super) fn buying(language: Language) -> &'static BuyingWords {
    match language {
        Language::English => &buying::EN,
        Language::French => &buying::FR,
        Language::German => &buying::DE,
        Language::Spanish => &buying::ES,
        Language::Dutch => &buying::NL,
    }
}

/// The words of the order page.
pub(super) fn ordered(language: Language) -> &'static OrderedWords {
    match language {
        Language::English => &ordered::EN,
        Language::French => &ordered::FR,
        Language::German => &ordered::DE,
        Language::Spanish => &ordered::ES,
        Language::Dutch => &ordered::NL,
    }
}

/// The name of a language in itself.
pub(super) fn own_name(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::French => "Français",
        Language::German => "Deutsch",
        Language::Spanish => "Español",
        Language::Dutch => "Nederlands",
    }
}

/// A sentence with its values in their positions. Values are not searched for positions themselves.
pub(super) fn fill(sentence: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(sentence.len() + 32);
    let mut rest = sentence;
    while let Some((before, from)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = from.split_once('}') else {
            filled.push('{');
            rest = from;
            break;
        };
        if let Some((_, value)) = values.iter().find(|(one, _)| *one == name) {
            filled.push_str(value);
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// A name inside a sentence: one that is written from right to left must not reorder what follows it.
pub(super) fn isolated(name: &str) -> String {
    let is_right_to_left =
        |letter: char| matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fefc}');
    match name.contains(is_right_to_left) {
        true => format!("\u{2068}{name}\u{2069}"),
        false => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_not_a_part_of_the_sentence() {
        let filled = fill("{a} and {b}", &[("a", "{b}"), ("b", "2 {a}")]);
        assert_eq!(filled, "{b} and 2 {a}");
        assert_eq!(fill("50 {", &[]), "50 {");
    }

    #[test]
    fn a_name_from_right_to_left_keeps_its_order_to_itself() {
        assert_eq!(isolated("Acme"), "Acme");
        assert_eq!(isolated("متجر"), "\u{2068}متجر\u{2069}");
    }
}
