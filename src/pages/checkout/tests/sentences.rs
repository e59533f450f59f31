//! The tables of words: what is in one language is in all, with the same values to fill in.

use std::collections::BTreeSet;

use super::super::words::{self, Sentences};
use super::super::*;

fn all(language: Language) -> Vec<(String, &'static str)> {
    let mut all = words::buying(language).sentences();
    all.extend(words::ordered(language).sentences());
    all
}

/// What is filled in, such as `{seller}`.
fn values(sentence: &str) -> BTreeSet<&str> {
    let after = sentence.split('{').skip(1);
    after.filter_map(|rest| rest.split('}').next()).collect()
}

#[test]
fn a_sentence_has_the_same_values_in_every_language() {
    let english = all(Language::English);
    assert!(english.len() > 190, "{}", english.len());
    for language in Language::ALL {
        for ((name, sentence), (_, english)) in all(language).into_iter().zip(&english) {
            assert_eq!(values(sentence), values(english), "{language:?} {name}");
        }
    }
}

#[test]
fn no_sentence_is_empty_or_left_in_english() {
    // Words that are the same in two languages.
    let shared = [
        "Total",
        "Contact",
        "Option",
        "Subtotal",
        "Error:",
        "Checkout",
        "Sale",
        "{quantity} × {title}, sold by {seller}. {total} in all.",
    ];
    let english = all(Language::English);
    for language in Language::ALL.into_iter().skip(1) {
        for ((name, sentence), (_, english)) in all(language).into_iter().zip(&english) {
            assert!(!sentence.trim().is_empty(), "{language:?} {name}");
            let is_translated = sentence != *english || shared.contains(&sentence);
            let has_words = sentence
                .split(['{', '}'])
                .step_by(2)
                .any(|part| part.contains(char::is_alphabetic));
            assert!(
                is_translated || !has_words,
                "{language:?} {name}: {sentence}"
            );
        }
    }
}

#[test]
fn a_sentence_is_typeset_as_its_language_is() {
    for language in Language::ALL {
        for (name, sentence) in all(language) {
            assert!(
                !sentence.contains('\''),
                "{language:?} {name}: a straight apostrophe"
            );
            assert!(
                !sentence.contains('"'),
                "{language:?} {name}: a straight quote"
            );
            assert!(!sentence.contains("..."), "{language:?} {name}: three dots");
            assert!(!sentence.contains("  "), "{language:?} {name}: two blanks");
            if language == Language::French {
                let is_tight = [" :", " ;", " !", " ?"]
                    .iter()
                    .any(|end| sentence.contains(end));
                assert!(
                    !is_tight,
                    "{name}: a blank that breaks before the sign: {sentence}"
                );
            }
        }
    }
}

/// Register: shops address buyers formally.
#[test]
fn buyers_are_addressed_formally() {
    let informal = [
        (Language::French, vec!["tu", "ton", "ta", "tes", "toi"]),
        (
            Language::German,
            vec!["du", "dein", "deine", "deinen", "dir", "dich", "euch"],
        ),
        (Language::Spanish, vec!["tu", "tus", "tú", "ti", "te"]),
        (Language::Dutch, vec!["je", "jij", "jouw", "jou"]),
    ];
    for (language, words) in informal {
        for (name, sentence) in all(language) {
            let lower = sentence.to_lowercase();
            let mut found = lower.split(|letter: char| !letter.is_alphabetic());
            assert!(
                !found.any(|word| words.contains(&word)),
                "{language:?} {name}: {sentence}"
            );
        }
    }
}
