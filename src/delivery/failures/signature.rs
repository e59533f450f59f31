//! The signature of a reply: equal for replies that say the same about different orders.
//!
//! A pure function of the text. Ids, numbers, times, blanks and punctuation are removed; the letters of the words that
//! remain are hashed. Promises: two replies that differ in these alone have one signature, however long they are. The
//! version before the hash changes with the rules, so that groups made by other rules stay apart. Must not read the status:
//! the cause does.

use sha2::{Digest, Sha256};

/// Of the rules below.
const VERSION: &str = "v1";
/// The signature where there is no reply.
pub(crate) const NO_REPLY: &str = "v1:none";
/// Letters that are hashed. Pages of errors differ in their beginning; the stored reply may be cut anywhere behind it.
const LETTERS_MAX: usize = 2_000;
/// Shorter words of the letters a to f are words, such as `facade`.
const HEX_CHARS_MIN: usize = 8;
/// Shorter words may change case by accident.
const RANDOM_CHARS_MIN: usize = 10;

/// Parts of times that are written as words.
const TIME_WORDS: [&str; 45] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "am",
    "pm",
    "gmt",
    "utc",
    "cet",
    "cest",
    "z",
];

pub(crate) fn signature(reply: &str) -> String {
    let digest = Sha256::digest(letters(reply));
    let hex = digest.iter().take(8).map(|byte| format!("{byte:02x}"));
    format!("{VERSION}:{}", hex.collect::<String>())
}

/// The letters of the words that say something, in lower case.
fn letters(reply: &str) -> String {
    let words = reply.split(|c: char| !is_word_char(c));
    let telling = words.filter(|word| !word.is_empty() && !is_variable(word));
    let letters = telling.flat_map(str::chars).filter(|c| c.is_alphabetic());
    letters
        .flat_map(char::to_lowercase)
        .take(LETTERS_MAX)
        .collect()
}

/// Ids are joined by these: `req_…`, and the parts of a UUID.
fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_')
}

/// Whether a word is a number, an id or a part of a time.
fn is_variable(word: &str) -> bool {
    word.chars().any(char::is_numeric)
        || TIME_WORDS
            .iter()
            .any(|time| time.eq_ignore_ascii_case(word))
        || is_hex(word)
        || is_random(word)
}

fn is_hex(word: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_hexdigit() || c == '-';
    word.len() >= HEX_CHARS_MIN && word.chars().all(is_digit)
}

/// Whether case changes as often as in a random text: a word in camel case has longer parts.
fn is_random(word: &str) -> bool {
    let letters: Vec<_> = word.chars().filter(|c| c.is_alphabetic()).collect();
    let changes = letters.windows(2).filter(|pair| match pair {
        [one, other] => one.is_uppercase() != other.is_uppercase(),
        _ => false,
    });
    letters.len() >= RANDOM_CHARS_MIN && changes.count() * 3 > letters.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_about_the_failure_is_removed() {
        for (reply, kept) in [
            ("Order P-10001 is locked.", "orderislocked"),
            (
                r#"{"error": "not found", "id": "0193a6d2-c4b0-7f3e-8a5b-6c7d8e9f0a1b"}"#,
                "errornotfoundid",
            ),
            ("Mon, 30 Nov 2026 21:53:30 GMT: down", "down"),
            ("2026-11-30T21:53:30.123+01:00 down", "down"),
            ("ref deadbeef-cafe-feed: down", "refdown"),
            ("trace kJhGfDsAqWeRtY down", "tracedown"),
            (
                "java.lang.NullPointerException: null",
                "javalangnullpointerexceptionnull",
            ),
            ("Größe 12,50 ÜBERSCHRITTEN", "größeüberschritten"),
            ("<h1>502</h1>\n<p>Bad Gateway</p>", "pbadgatewayp"),
            ("12.5 %", ""),
        ] {
            assert_eq!(letters(reply), kept, "{reply}");
        }
    }

    #[test]
    fn a_signature_names_its_rules() {
        assert_eq!(signature("Order P-1 is locked."), "v1:2a9906c7f99c5b0f");
        assert_ne!(signature(""), NO_REPLY);
    }

    #[test]
    fn where_a_long_reply_is_cut_does_not_matter() {
        let page = |id: &str| format!("<p>{id}</p>{}", "something went wrong ".repeat(2_000));
        let (one, other) = (page("1"), page("1234567890-1234567890"));
        assert_eq!(signature(&one[..16_000]), signature(&other[..16_000]));
    }

    /// What stands between the words of a reply, drawn twice: once for each of two replies.
    #[derive(Debug, Clone)]
    enum Slot {
        Variable(String, String),
        Blank(String, String),
        Punctuation(&'static str),
    }

    impl Slot {
        fn texts(&self) -> (&str, &str) {
            match self {
                Self::Variable(one, other) | Self::Blank(one, other) => (one, other),
                Self::Punctuation(text) => (text, text),
            }
        }
    }

    fn blank() -> impl Strategy<Value = String> {
        "[ \t\r\n\u{a0}]{1,8}"
    }

    fn id() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<[u8; 16]>().prop_map(|bytes| uuid::Uuid::from_bytes(bytes).to_string()),
            any::<[u8; 16]>().prop_map(|bytes| uuid::Uuid::from_bytes(bytes).simple().to_string()),
            "(req|ord|ch)_[A-Za-z0-9]{3,20}[0-9]",
            "[A-Z]{1,3}-[0-9]{1,9}",
            "[0-9A-Z]{20,25}[0-9]",
            "[a-f0-9]{8,40}",
        ]
    }

    fn number() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<i64>().prop_map(|n| n.to_string()),
            any::<f64>().prop_map(|n| n.to_string().replace("inf", "0").replace("NaN", "0")),
            "[0-9]{1,3}(,[0-9]{3}){0,2}\\.[0-9]{2}",
            "[0-9]{1,2} ?%",
        ]
    }

    fn time() -> impl Strategy<Value = String> {
        (0_i64..4_000_000_000, 0..3).prop_map(|(seconds, form)| {
            let at = time::OffsetDateTime::from_unix_timestamp(seconds).unwrap();
            match form {
                0 => httpdate::fmt_http_date(at.into()),
                1 => at
                    .format(&time::format_description::well_known::Rfc3339)
                    .unwrap(),
                _ => seconds.to_string(),
            }
        })
    }

    fn slot() -> impl Strategy<Value = Slot> {
        let variable = prop_oneof![
            (id(), id()).boxed(),
            (number(), number()).boxed(),
            (time(), time()).boxed(),
        ];
        prop_oneof![
            variable.prop_map(|(one, other)| Slot::Variable(one, other)),
            (blank(), blank()).prop_map(|(one, other)| Slot::Blank(one, other)),
            prop::sample::select(vec![
                "\": \"", "\", \"", ", ", ": ", " (", ") ", "<p>", ".\n"
            ])
            .prop_map(Slot::Punctuation),
        ]
    }

    /// Words that are neither times nor hexadecimal.
    fn word() -> impl Strategy<Value = String> {
        "[g-lo-rt-y][a-y]{2,6}".prop_filter("a time", |word| !is_variable(word))
    }

    fn reply() -> impl Strategy<Value = Vec<(String, Slot)>> {
        prop::collection::vec((word(), slot()), 1..30)
    }

    fn written(parts: &[(String, Slot)]) -> (String, String) {
        let (mut one, mut other) = (String::new(), String::new());
        for (word, slot) in parts {
            let texts = slot.texts();
            one += &format!("{word} {} ", texts.0);
            other += &format!("{word} {} ", texts.1);
        }
        (one, other)
    }

    proptest! {
        #[test]
        fn replies_that_differ_in_ids_numbers_times_or_blanks_are_one(parts in reply()) {
            let (one, other) = written(&parts);
            prop_assert_eq!(signature(&one), signature(&other), "{} / {}", one, other);
        }

        #[test]
        fn replies_with_another_word_are_two(parts in reply(), at in 0_usize..30, another in word()) {
            let (one, _) = written(&parts);
            let mut changed = parts.clone();
            let at = at % changed.len();
            prop_assume!(changed[at].0 != another);
            changed[at].0 = another;
            let (other, _) = written(&changed);
            prop_assert_ne!(signature(&one), signature(&other));
        }

        #[test]
        fn any_text_has_a_signature(text in "\\PC{0,200}") {
            let signature = signature(&text);
            prop_assert!(signature.starts_with("v1:") && signature.len() == 19);
        }
    }
}
