//! A country's postcodes: their pattern, and the one spelling in which they are stored.
//!
//! Promises: a code that differs from the pattern only by case, blanks, hyphens, wide digits or the country's
//! letters before it is accepted, and spelt as the country spells it.
//! Must not guess digits.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

use super::cleaning::ascii_capitals;

/// The postcodes of one country.
#[derive(Debug)]
pub(super) struct PostcodeRule {
    pattern: &'static str,
    /// One example of each shape, two at most, between commas.
    pub(super) examples: &'static str,
    separator: Option<Separator>,
    prefix: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

/// A blank or hyphen in the code.
#[derive(Debug, Clone, Copy)]
struct Separator {
    letter: char,
    from_end: bool,
    count: usize,
}

impl PostcodeRule {
    /// From the cells of `data/formats.tsv`; none if the country has no postcodes.
    pub(super) fn read(
        pattern: &'static str,
        examples: &'static str,
        separator: &str,
        prefix: &'static str,
    ) -> Option<Self> {
        (!pattern.is_empty()).then(|| Self {
            pattern,
            examples,
            separator: Separator::read(separator),
            prefix,
            compiled: OnceLock::new(),
        })
    }

    /// The code as the country spells it, or nothing if it cannot be one.
    pub(super) fn normalize(&self, typed: &str) -> Option<String> {
        let typed = ascii_capitals(typed);
        let compact = typed.replace(is_separator, "");
        let prefixed = format!("{}{compact}", self.prefix.trim_end_matches(is_separator));
        // Letters before the code are the country's, as in `D-10115`.
        let bare = compact.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
        let candidates = [
            self.separated(&compact),
            Some(compact.clone()),
            Some(typed),
            words_apart(&compact),
            self.separated(&prefixed),
            Some(prefixed),
            self.separated(bare),
            Some(bare.to_owned()),
        ];
        let mut candidates = candidates.into_iter().flatten();
        candidates.find(|code| self.fits(code))
    }

    fn separated(&self, code: &str) -> Option<String> {
        let separator = self.separator?;
        let at = if separator.from_end {
            code.len().checked_sub(separator.count)?
        } else {
            separator.count
        };
        let (start, end) = code.split_at_checked(at)?;
        Some(format!("{start}{}{end}", separator.letter))
    }

    /// A pattern that cannot be compiled, which the tests rule out, must not stop a sale.
    pub(super) fn fits(&self, code: &str) -> bool {
        self.regex().is_none_or(|regex| regex.is_match(code))
    }

    pub(super) fn regex(&self) -> Option<&Regex> {
        let compile = || {
            let anchored = format!("^(?:{})$", self.pattern);
            RegexBuilder::new(&anchored).unicode(false).build().ok()
        };
        self.compiled.get_or_init(compile).as_ref()
    }
}

impl Separator {
    /// `blank:-3` is a blank before the last three characters, `hyphen:4` a hyphen behind the first four.
    fn read(cell: &str) -> Option<Self> {
        let (kind, position) = cell.split_once(':')?;
        Some(Self {
            letter: if kind == "hyphen" { '-' } else { ' ' },
            from_end: position.starts_with('-'),
            count: position.trim_start_matches('-').parse().ok()?,
        })
    }
}

/// A district and its number, as in `LIMA 23`.
fn words_apart(code: &str) -> Option<String> {
    let (word, number) =
        code.split_at_checked(code.find(|letter: char| letter.is_ascii_digit())?)?;
    Some(format!("{word} {number}"))
}

fn is_separator(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '-' | '.' | '_' | '/' | '〒')
}
