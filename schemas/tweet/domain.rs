//! Host names as the network finds them in running text.

use std::collections::HashSet;
use std::sync::LazyLock;

/// A label of a host name, in its ASCII form (RFC 1035).
const LABEL_MAX: usize = 63;

const PUNYCODE: &str = "xn--";

// Both lists come from npm twitter-text 3.1.0: `regenerate_domains.py`.
static GENERIC: LazyLock<TopLevel> =
    LazyLock::new(|| TopLevel::read(include_str!("generic_domains.txt")));

static COUNTRY: LazyLock<TopLevel> =
    LazyLock::new(|| TopLevel::read(include_str!("country_domains.txt")));

/// A list of top-level domains.
struct TopLevel {
    names: HashSet<Vec<char>>,
    longest: usize,
}

impl TopLevel {
    fn read(lines: &str) -> Self {
        let names: HashSet<Vec<char>> = lines.lines().map(|line| line.chars().collect()).collect();
        let longest = names.iter().map(Vec::len).max().unwrap_or_default();
        Self { names, longest }
    }

    /// The length of the longest name that begins here and ends at a boundary.
    fn longest_match(&self, text: &[char]) -> Option<usize> {
        let mut lengths = (1..=text.len().min(self.longest)).rev();
        lengths.find(|length| {
            let (name, after) = text.split_at(*length);
            self.names.contains(name) && after.first().is_none_or(|next| may_follow(*next))
        })
    }
}

/// The end of the longest host name that begins here, if any. `text` is
/// in lower case.
pub(super) fn end(text: &[char], at: usize) -> Option<usize> {
    let mut best = None;
    let mut label = at;
    let mut before: Option<&[char]> = None;
    loop {
        // A last label may follow one that could be its name, without underscores.
        if before.is_some_and(|name| is_label(name, &['-']))
            && let Some(end) = top_level_end(text, label)
        {
            best = Some(end);
        }
        let rest = text.get(label..)?;
        let length = rest
            .iter()
            .position(|one| !is_domain(*one) && !matches!(one, '-' | '_'))
            .unwrap_or(rest.len());
        let whole = rest.get(..length)?;
        if rest.get(length) != Some(&'.') || !is_label(whole, &['-', '_']) {
            return best;
        }
        before = Some(whole);
        label += length + 1;
    }
}

/// The end of the top-level domain that begins here: the longest of the list of
/// generic ones, else of the country codes, else a punycode name.
fn top_level_end(text: &[char], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    if let Some(length) = GENERIC
        .longest_match(rest)
        .or_else(|| COUNTRY.longest_match(rest))
    {
        return Some(at + length);
    }
    let rest = starting_with(rest, PUNYCODE)?;
    let length = rest
        .iter()
        .position(|one| !matches!(one, '-' | '0'..='9' | 'a'..='z'))
        .unwrap_or(rest.len());
    (length > 0).then_some(at + PUNYCODE.len() + length)
}

fn starting_with<'a>(text: &'a [char], start: &str) -> Option<&'a [char]> {
    let start: Vec<char> = start.chars().collect();
    text.strip_prefix(start.as_slice())
}

fn may_follow(next: char) -> bool {
    !matches!(next, '0'..='9' | 'a'..='z' | 'A'..='Z' | '@' | '+' | '-')
}

/// Not empty, and beginning and ending in a letter, digit or the like.
fn is_label(label: &[char], between: &[char]) -> bool {
    let ends = [label.first(), label.last()];
    ends.iter()
        .all(|end| end.is_some_and(|end| is_domain(*end)))
        && label
            .iter()
            .all(|one| is_domain(*one) || between.contains(one))
}

/// Anything except ASCII punctuation (but quotes and backticks are allowed), spaces and direction marks.
fn is_domain(character: char) -> bool {
    !matches!(
        character,
        '!' | '#'..='/' | ':'..='@' | '['..='_' | '{'..='~' | '\t'..='\r' | ' '
            | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{180e}' | '\u{2000}'..='\u{200a}'
            | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
            | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    ) && !is_direction(character)
}

/// Direction marks.
pub(super) fn is_direction(character: char) -> bool {
    matches!(
        character,
        '\u{202a}'..='\u{202e}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2066}'..='\u{2069}'
    )
}

/// The Latin-only host names inside a host name of any letters.
pub(super) fn latin_hosts(text: &[char], from: usize, to: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = from;
    while at < to {
        match latin_end(text, at, to) {
            Some(end) => {
                found.push((at, end));
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// Labels and dots, the longest run that a top-level domain can end.
fn latin_end(text: &[char], at: usize, to: usize) -> Option<usize> {
    let text = text.get(..to)?;
    let mut best = None;
    let mut label = at;
    loop {
        let rest = text.get(label..)?;
        let length = rest
            .iter()
            .position(|one| !is_latin_label(*one))
            .unwrap_or(rest.len());
        if length == 0 || rest.get(length) != Some(&'.') {
            return best;
        }
        label += length + 1;
        best = top_level_end(text, label).or(best);
    }
}

fn is_latin_label(character: char) -> bool {
    matches!(character, '-' | 'a'..='z' | 'A'..='Z' | '0'..='9') || is_accented(character)
}

/// Latin letters with accents, and accents by themselves.
pub(super) fn is_accented(character: char) -> bool {
    matches!(
        character,
        '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{24f}' | '\u{253}' | '\u{254}'
            | '\u{256}' | '\u{257}' | '\u{259}' | '\u{25b}' | '\u{263}' | '\u{268}' | '\u{26f}'
            | '\u{272}' | '\u{289}' | '\u{28b}' | '\u{2bb}' | '\u{300}'..='\u{36f}'
            | '\u{1e00}'..='\u{1eff}'
            // Letters whose other case is listed above. Iota is an accent below a letter.
            | '\u{260}' | '\u{269}' | '\u{275}' | '\u{280}' | '\u{283}' | '\u{288}' | '\u{28a}'
            | '\u{28c}' | '\u{292}' | 'Ι' | 'ι' | '\u{1fbe}' | '\u{2c65}' | '\u{2c66}'
            | '\u{2c7e}' | '\u{2c7f}' | '\u{a7dc}'
    )
}

/// Whether the name can be resolved: every label is short enough in its ASCII form.
pub(super) fn is_possible(name: &[char]) -> bool {
    if starting_with(name, PUNYCODE).is_some() && latin_hosts(name, 0, name.len()).is_empty() {
        return false;
    }
    name.split(|one| *one == '.')
        .all(|label| (1..=LABEL_MAX).contains(&ascii_length(label)))
}

/// The length of a label in its ASCII form. Ideographic full stops separate labels too.
fn ascii_length(label: &[char]) -> usize {
    let is_stop = |one: &char| matches!(one, '\u{3002}' | '\u{ff0e}' | '\u{ff61}');
    let parts = label.split(is_stop).map(|part| {
        if part.iter().all(char::is_ascii) {
            return part.len();
        }
        let encoded = idna::punycode::encode(part);
        encoded.map_or(usize::MAX / 2, |encoded| PUNYCODE.len() + encoded.len())
    });
    let (count, length) = parts.fold((0, 0_usize), |(count, sum), part| {
        (count + 1, sum.saturating_add(part))
    });
    length.saturating_add(count - 1)
}
