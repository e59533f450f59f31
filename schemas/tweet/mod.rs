//! The weighted length of a post, and whether the network accepts it: the rules of
//! twitter-text, version 3.
//!
//! A post has 280 units. Letters of most alphabets count one, ideographs two,
//! an emoji two however many characters it is made of, a web address 23.
//! Promises: agrees with the published library (npm `twitter-text` 3.1.0, which
//! knows the emoji of Unicode 11 and the domains of its time) on every text.
//! Must not cut or change a text: `compose` does that.
//!
//! Source: the configuration `v3` and `parseTweet` of twitter-text.

mod address;
pub mod compose;
mod defuse;
mod domain;
mod emoji;

use unicode_normalization::UnicodeNormalization as _;

/// The maximum weighted length of a post.
pub const WEIGHT_MAX: usize = 280;

/// The weight of a URL, whatever its length.
pub const ADDRESS_WEIGHT: usize = 23;

/// The weight of most characters outside the alphabets.
const WIDE: usize = 2;

/// A measured text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextMeasure {
    /// The weighted length, at most [`WEIGHT_MAX`] for a post.
    pub weight: usize,
    /// Whether the network accepts it: not empty, not too long, no forbidden characters.
    pub valid: bool,
    /// The last position that still fits, in UTF-16 units of the text as given, as the
    /// published library says it. It may lie outside of a text that normalisation changes.
    pub valid_end: i64,
}

/// Measures a text.
#[must_use]
pub fn measure(text: &str) -> TextMeasure {
    let normal: Vec<char> = text.nfc().collect();
    let emoji = emoji::find(&normal);
    let addresses = address::find(&normal);
    let mut measured = TextMeasure {
        weight: 0,
        valid: true,
        valid_end: 0,
    };
    let (mut at, mut unit) = (0, 0);
    while let Some(first) = normal.get(at) {
        let (end, weight) = if let Some(end) = range_end(&addresses, at) {
            (end, ADDRESS_WEIGHT)
        } else if let Some(end) = range_end(&emoji, at) {
            (end, WIDE)
        } else {
            (at + 1, weight(*first))
        };
        let piece = normal.get(at..end).unwrap_or_default();
        measured.weight += weight;
        unit += units(piece);
        measured.valid &= !piece.last().is_some_and(|last| is_refused(*last));
        if measured.valid && measured.weight <= WEIGHT_MAX {
            measured.valid_end = unit - 1;
        }
        at = end;
    }
    let given: i64 = text.chars().map(|one| units(&[one])).sum();
    measured.valid_end += given - unit;
    measured.valid &= (1..=WEIGHT_MAX).contains(&measured.weight);
    measured
}

/// The end of the range that begins here.
fn range_end(ranges: &[(usize, usize)], at: usize) -> Option<usize> {
    let found = ranges.binary_search_by_key(&at, |(start, _)| *start).ok()?;
    ranges.get(found).map(|(_, end)| *end)
}

/// The number of UTF-16 units.
fn units(characters: &[char]) -> i64 {
    let units = characters.iter().map(|one| one.len_utf16());
    i64::try_from(units.sum::<usize>()).unwrap_or(i64::MAX)
}

fn weight(character: char) -> usize {
    match character {
        '\0'..='\u{10ff}'
        | '\u{2000}'..='\u{200d}'
        | '\u{2010}'..='\u{201f}'
        | '\u{2032}'..='\u{2037}' => 1,
        _ => WIDE,
    }
}

/// Characters that no post may contain.
fn is_refused(character: char) -> bool {
    matches!(character, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests;
