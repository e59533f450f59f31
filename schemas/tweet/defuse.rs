//! Defuses composed text, so that only the post's own link is active: a merchant's text creates no link, mention,
//! hashtag or cashtag in the platform's tweet.
//!
//! An invisible break after the sign or dot keeps the text unchanged for readers, and is not part of anything that
//! the network looks for. Promises: what the template's author wrote is unchanged, unless a merchant's text
//! would continue it; the post's link stands alone. Must not cut.

use super::address;

/// A zero-width space: it ends a name, a tag and a URL for the library.
pub(super) const INVISIBLE_BREAK: char = '\u{200b}';

/// Signs before names, including the full-width one.
const MENTIONS: [char; 2] = ['@', '＠'];
const HASHES: [char; 2] = ['#', '＃'];
/// After a hash, these make an emoji of it.
const MAKES_EMOJI: [char; 2] = ['\u{fe0f}', '\u{20e3}'];
const CASH: char = '$';

/// The origin of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// From the template.
    Template,
    /// From the merchant.
    Merchant,
    /// From the post's link.
    Link,
}

/// A text with the origin of each character.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct AttributedText(Vec<(char, Origin)>);

impl AttributedText {
    pub(super) fn push(&mut self, text: &str, origin: Origin) {
        self.0.extend(text.chars().map(|letter| (letter, origin)));
    }

    pub(super) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether it ends with whitespace or is empty.
    pub(super) fn ends_blank(&self) -> bool {
        let last = self.0.last();
        last.is_none_or(|(letter, _)| letter.is_whitespace())
    }

    /// The text without surrounding whitespace.
    pub(super) fn trimmed(mut self) -> Self {
        let blank = |(letter, _): &(char, Origin)| letter.is_whitespace();
        let end = self
            .0
            .iter()
            .rposition(|one| !blank(one))
            .map_or(0, |last| last + 1);
        self.0.truncate(end);
        let start = self.0.iter().position(|one| !blank(one)).unwrap_or(0);
        self.0.drain(..start);
        self
    }

    /// The text, defused.
    pub(super) fn defused(mut self) -> String {
        self.break_at(|text, at| breaks_sign(text, at) || breaks_link(text, at));
        loop {
            let dots = self.merchant_dots();
            if dots.is_empty() {
                break;
            }
            self.break_at(|_, at| dots.contains(&at));
        }
        if let Some(break_at_index) = self.hidden_link_break() {
            self.break_at(|_, at| at == break_at_index);
        }
        self.0.into_iter().map(|(letter, _)| letter).collect()
    }

    /// Inserts a break after each of these positions.
    fn break_at(&mut self, needs_break: impl Fn(&[(char, Origin)], usize) -> bool) {
        let mut broken = Vec::with_capacity(self.0.len());
        for (at, one) in self.0.iter().enumerate() {
            broken.push(*one);
            if needs_break(&self.0, at) {
                broken.push((INVISIBLE_BREAK, Origin::Template));
            }
        }
        self.0 = broken;
    }

    /// The position before the post's link, if the text before it hides the link: the path of an
    /// invalid URL.
    fn hidden_link_break(&self) -> Option<usize> {
        let start = self.0.iter().position(|one| one.1 == Origin::Link)?;
        let before = start.checked_sub(1)?;
        let letters: Vec<char> = self.0.iter().map(|(letter, _)| *letter).collect();
        let is_detected = |letters: &[char], start: usize| {
            let mut addresses = address::find(letters).into_iter();
            addresses.any(|(from, _)| from == start)
        };
        let is_hidden = !letters.get(before)?.is_whitespace()
            && !is_detected(&letters, start)
            && is_detected(letters.get(start..)?, 0);
        is_hidden.then_some(before)
    }

    /// The dots of URLs that contain merchant text and are not broken yet. With its last dot broken,
    /// a URL has no top-level domain.
    fn merchant_dots(&self) -> Vec<usize> {
        let is_open_dot = |at: &usize| {
            let dot = self.0.get(*at);
            dot.is_some_and(|one| one.0 == '.' && one.1 != Origin::Link)
                && self
                    .0
                    .get(at + 1)
                    .is_none_or(|one| one.0 != INVISIBLE_BREAK)
        };
        if !(0..self.0.len()).any(|at| is_open_dot(&at)) {
            return Vec::new();
        }
        let letters: Vec<char> = self.0.iter().map(|(letter, _)| *letter).collect();
        let addresses = address::find(&letters);
        let holds_merchant_text = |(from, to): &(usize, usize)| {
            let address = self.0.get(*from..*to).unwrap_or_default();
            address
                .iter()
                .any(|(_, origin)| *origin == Origin::Merchant)
        };
        let positions = addresses
            .into_iter()
            .filter(holds_merchant_text)
            .flat_map(|(from, to)| from..to);
        positions.filter(is_open_dot).collect()
    }
}

/// Whether a sign here would begin something that contains merchant text. A template's own hash is kept:
/// its author wants that tag, whatever the value is.
fn breaks_sign(text: &[(char, Origin)], at: usize) -> bool {
    let Some((sign, origin)) = text.get(at) else {
        return false;
    };
    let behind = text.get(at + 1..).unwrap_or_default();
    let goes_on = |is_of_name: fn(&char) -> bool| {
        let mut name = behind.iter().take_while(|(letter, _)| is_of_name(letter));
        let is_foreign = *origin == Origin::Merchant;
        name.next().is_some_and(|(_, first)| {
            is_foreign
                || *first == Origin::Merchant
                || name.any(|(_, other)| *other == Origin::Merchant)
        })
    };
    match *sign {
        sign if MENTIONS.contains(&sign) => {
            goes_on(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
        }
        CASH => goes_on(|letter| letter.is_ascii_alphabetic() || matches!(letter, '.' | '_')),
        sign if HASHES.contains(&sign) && *origin == Origin::Merchant => {
            let next = behind.first().map(|(letter, _)| *letter);
            next.is_some_and(|next| !next.is_whitespace() && !MAKES_EMOJI.contains(&next))
        }
        _ => false,
    }
}

/// Whether merchant text touches the post's link here: it would continue the link, or hide it.
fn breaks_link(text: &[(char, Origin)], at: usize) -> bool {
    let pair = text.get(at).zip(text.get(at + 1));
    pair.is_some_and(|(one, next)| {
        let origins = [one.1, next.1];
        let touch = origins.contains(&Origin::Link) && origins.contains(&Origin::Merchant);
        touch && !one.0.is_whitespace() && !next.0.is_whitespace()
    })
}
