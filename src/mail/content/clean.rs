//! Makes texts of buyers and merchants fit for a mail.
//!
//! Promises: what comes out has no control character, no line break and no character that turns the reading direction;
//! it is bounded; it holds no card number, but for a seller's own account. Must not judge what a text means.

use buywire_schemas::text::card::contains_card_number;

/// Longer names are no greeting.
const GREETING_CHARS_MAX: usize = 60;
/// Stands for a digit of a card number.
const MASK: char = '•';

/// The text on one line, cut where it is too long.
pub(crate) fn single_line(text: &str, chars_max: usize) -> String {
    // The scan is bounded too; what is dropped or doubled may take room before it is.
    let bounded = text.chars().take(chars_max.saturating_mul(4));
    let spaced: String = bounded
        .filter(|c| !is_dropped(*c))
        .map(|c| if is_break(c) { ' ' } else { c })
        .collect();
    let words: Vec<_> = spaced.split_whitespace().collect();
    let line = masked(&words.join(" "));
    match line.char_indices().nth(chars_max) {
        None => line,
        Some(_) => {
            let kept: String = line.chars().take(chars_max.saturating_sub(1)).collect();
            // What is cut off may have made a number too long for a card.
            masked(&format!("{}…", kept.trim_end()))
        }
    }
}

/// A seller's own lines, each cleaned and none masked. Not for what a buyer has typed.
pub(crate) fn verbatim_lines(text: &str, chars_max: usize) -> Vec<String> {
    let text: String = text.chars().take(chars_max).collect();
    let lines = text.split('\n').map(|line| {
        let kept = line.chars().filter(|c| !is_dropped(*c));
        let spaced: String = kept.map(|c| if is_break(c) { ' ' } else { c }).collect();
        spaced.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    lines.filter(|line| !line.is_empty()).collect()
}

/// The name to greet a buyer with. A name is what a stranger may have typed into a form: one that could be read as a
/// link or a message is left out, so that nobody can use our mail to send his.
pub(crate) fn greeting_name(name: &str) -> Option<String> {
    let name = single_line(name, GREETING_CHARS_MAX + 1);
    let is_short = !name.is_empty() && name.chars().count() <= GREETING_CHARS_MAX;
    let is_plain = |c: char| c.is_alphabetic() || " .,'’-·".contains(c) || is_mark(c);
    let is_name = is_short && name.chars().all(is_plain) && !has_domain(&name);
    is_name.then_some(name)
}

/// `example.com` is linked by mail programs, `J.R. Hartley` is not.
fn has_domain(name: &str) -> bool {
    let ends = name.split_inclusive('.').zip(name.split('.').skip(1));
    let letters = |text: &str| text.chars().take_while(|c| c.is_alphabetic()).count();
    ends.into_iter()
        .any(|(_, after)| letters(after) > 1 && !after.starts_with(' '))
}

/// Vowel signs and accents of their own, as in Hindi or in decomposed letters.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{e31}'..='\u{e4e}')
}

/// The text without the digits of a card number.
pub(super) fn masked(text: &str) -> String {
    if !contains_card_number(text) {
        return text.to_owned();
    }
    let mask = |c: char| if c.is_numeric() { MASK } else { c };
    text.chars().map(mask).collect()
}

/// The same of lines that are read together.
pub(super) fn masked_lines(lines: &[String]) -> Vec<String> {
    let text = masked(&lines.join("\n"));
    match lines.is_empty() {
        true => Vec::new(),
        false => text.split('\n').map(str::to_owned).collect(),
    }
}

/// Line and paragraph separators; `is_control` has the others.
fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Marks that turn the reading direction, and invisible characters that can hide a word or a number.
fn is_dropped(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_one_bounded_line() {
        assert_eq!(single_line(" a\r\n\tb\u{2028}c\0 ", 20), "a b c");
        assert_eq!(single_line("\u{202e}moc.live\u{200b}", 20), "moc.live");
        assert_eq!(single_line("ëëëëë", 5), "ëëëëë");
        assert_eq!(single_line("ëëëë ëë", 6), "ëëëë…");
        assert_eq!(single_line("👩‍👩‍👧", 9), "👩‍👩‍👧");
    }

    #[test]
    fn a_card_number_is_masked() {
        for text in [
            "4242 4242 4242 4242",
            "x ４２４２424242424242",
            "4242\u{200b}424242424242",
        ] {
            let line = single_line(text, 50);
            assert!(!contains_card_number(&line), "{line}");
            assert!(line.contains("••••"), "{line}");
        }
        assert_eq!(
            single_line("Order 20261130-0001", 50),
            "Order 20261130-0001"
        );
    }

    #[test]
    fn an_account_that_looks_like_a_card_is_kept_for_who_must_pay_there() {
        let lines = verbatim_lines("Acme\u{202e} GmbH\r\n\nIBAN\t4242 4242 4242 4242", 100);
        assert_eq!(lines, ["Acme GmbH", "IBAN 4242 4242 4242 4242"]);
    }

    #[test]
    fn a_name_that_could_be_a_message_greets_nobody() {
        for name in [
            "Ada Byron",
            "J.R. Hartley",
            "Anne-Marie O'Neil",
            "Ōta Jirō",
            "Zoë",
            "अदा",
        ] {
            assert_eq!(greeting_name(name).as_deref(), Some(name));
        }
        let long = "Ada ".repeat(30);
        for name in [
            "",
            "evil.example",
            "see evil.example now",
            "https://evil.example",
            "you won 1000",
            "ada@evil.example",
            "<b>Ada</b>",
            "Ada & friends",
            &long,
        ] {
            assert_eq!(greeting_name(name), None, "{name}");
        }
    }
}
