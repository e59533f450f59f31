//! URLs in running text, with or without `https://`.

use std::sync::LazyLock;

use regex::Regex;

use super::domain;

/// The longest URL that the network shortens.
const CHARACTERS_MAX: usize = 4_096;

/// The network's own short URLs have at most this length.
const SHORT_MAX: usize = 40;

const PROTOCOLS: [&[char]; 2] = [
    &['h', 't', 't', 'p', 's', ':', '/', '/'],
    &['h', 't', 't', 'p', ':', '/', '/'],
];

/// What may follow a host: port, path with parentheses up to two levels deep, query. A full stop or
/// comma at the end belongs to the sentence.
static REST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    // The last ones are letters whose other case is listed before.
    let accented = concat!(
        r"\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{24F}\x{253}\x{254}\x{256}\x{257}\x{259}\x{25B}\x{263}",
        r"\x{268}\x{26F}\x{272}\x{289}\x{28B}\x{2BB}\x{300}-\x{36F}\x{1E00}-\x{1EFF}",
        r"\x{260}\x{269}\x{275}\x{280}\x{283}\x{288}\x{28A}\x{28C}\x{292}\x{399}\x{3B9}\x{1FBE}",
        r"\x{2C65}\x{2C66}\x{2C7E}\x{2C7F}\x{A7DC}",
    );
    let any = format!(
        r"[a-zA-Z\x{{400}}-\x{{4FF}}\x{{1C80}}-\x{{1C87}}0-9!*';:=+,.$/%#\[\]\-\x{{2013}}_~@|&{accented}]"
    );
    let nested = format!(r"\((?:{any}+|(?:{any}*\({any}+\){any}*))\)");
    let last = format!(
        r"(?:[+\-a-zA-Z\x{{400}}-\x{{4FF}}\x{{1C80}}-\x{{1C87}}0-9=_#/{accented}]|(?:{nested}))"
    );
    let path = format!(r"(?:(?:{any}*(?:{nested}{any}*)*{last})|(?:@{any}+/))");
    let query = r"\?[a-zA-Z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-zA-Z0-9\-_&=#/]";
    Regex::new(&format!(r"^(?::[0-9]+)?(/{path}*)?(?:{query})?")).ok()
});

/// The network's own URLs end where a word ends.
static SHORT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let query = r"\?[a-zA-Z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-zA-Z0-9\-_&=#/]";
    Regex::new(&format!(r"^https?://t\.co/([a-zA-Z0-9]+)(?:{query})?")).ok()
});

/// Represents half of a character. It is not part of any URL.
const LONE_SURROGATE: char = '\u{fffd}';

/// As long in punycode as half a character, which no Rust string can contain.
const SURROGATE_STAND_IN: char = '\u{e000}';

/// One URL, by positions in the text.
struct AddressMatch {
    start: usize,
    protocol: usize,
    host_end: usize,
    end: usize,
    has_path: bool,
}

/// The ranges of all URLs, in text order.
pub(super) fn find(text: &[char]) -> Vec<(usize, usize)> {
    if !text.contains(&'.') {
        return Vec::new();
    }
    let units = Units::of(text);
    let found = find_in_units(&units);
    let ranges = found
        .iter()
        .map(|(start, end)| (units.position(*start), units.position(*end)));
    ranges.collect()
}

/// The library works on UTF-16 units, and takes half an emoji for a letter of a host name: so a
/// character beyond the first 65,536 is two here.
struct Units<'a> {
    folded: Vec<char>,
    /// The position of each unit's character in the text.
    positions: Vec<usize>,
    text: &'a [char],
}

impl<'a> Units<'a> {
    fn of(text: &'a [char]) -> Self {
        let units = text.iter().enumerate().flat_map(|(position, one)| {
            let unit = if one.len_utf16() == 1 {
                fold(*one)
            } else {
                LONE_SURROGATE
            };
            std::iter::repeat_n((unit, position), one.len_utf16())
        });
        let (folded, positions) = units.unzip();
        Self {
            folded,
            positions,
            text,
        }
    }

    fn position(&self, unit: usize) -> usize {
        self.positions.get(unit).copied().unwrap_or(self.text.len())
    }

    /// The characters between two units. A character that is cut in two stays a half.
    fn characters(&self, from: usize, to: usize) -> Vec<char> {
        let mut characters = Vec::new();
        let mut unit = from;
        while unit < to {
            let position = self.position(unit);
            let is_whole = self.folded.get(unit) != Some(&LONE_SURROGATE)
                || (unit + 1 < to && self.position(unit + 1) == position);
            let character = self.text.get(position).copied().unwrap_or(LONE_SURROGATE);
            characters.push(if is_whole {
                character
            } else {
                SURROGATE_STAND_IN
            });
            unit += if is_whole { character.len_utf16() } else { 1 };
        }
        characters
    }
}

fn find_in_units(units: &Units<'_>) -> Vec<(usize, usize)> {
    let text = units.folded.as_slice();
    let mut addresses = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let Some((before, found)) = address_at(text, at) else {
            at += 1;
            continue;
        };
        at = found.end.max(at + 1);
        if !is_accepted(units, &found) {
            continue;
        }
        if found.protocol > 0 {
            addresses.extend(with_protocol(text, &found));
        } else if !before.is_some_and(|before| matches!(before, '-' | '_' | '.' | '/')) {
            addresses.extend(without_protocol(text, &found));
        }
    }
    addresses
}

/// A URL after the character here, or at the start of the text.
fn address_at(text: &[char], at: usize) -> Option<(Option<char>, AddressMatch)> {
    let here = *text.get(at)?;
    if may_precede(here)
        && let Some(found) = match_at(text, at + 1)
    {
        return Some((Some(here), found));
    }
    if at == 0 {
        return match_at(text, 0).map(|found| (None, found));
    }
    None
}

fn may_precede(character: char) -> bool {
    let is_word =
        character.is_ascii_alphanumeric() || matches!(character, '@' | '＠' | '$' | '#' | '＃');
    !(is_word || matches!(character, '\u{feff}' | '\u{fffe}' | '\u{ffff}'))
        || domain::is_direction(character)
}

fn match_at(text: &[char], start: usize) -> Option<AddressMatch> {
    let rest = text.get(start..)?;
    let protocol = PROTOCOLS.into_iter().find(|one| rest.starts_with(one));
    let lengths = protocol.map(<[char]>::len).into_iter().chain([0]);
    lengths.into_iter().find_map(|protocol| {
        let host_end = domain::end(text, start + protocol)?;
        let tail: String = text.get(host_end..)?.iter().collect();
        let captures = REST.as_ref()?.captures(&tail)?;
        let length = captures.get(0)?.as_str().chars().count();
        Some(AddressMatch {
            start,
            protocol,
            host_end,
            end: host_end + length,
            has_path: captures.get(1).is_some(),
        })
    })
}

fn is_accepted(units: &Units<'_>, found: &AddressMatch) -> bool {
    let protocol = match found.protocol {
        0 => "https://".len(),
        // It counts twice: once here and once in the URL. The library does the same.
        given => given,
    };
    let host = found.start + found.protocol;
    protocol + found.end - found.start <= CHARACTERS_MAX
        && domain::is_possible(&units.characters(host, found.host_end))
}

fn with_protocol(text: &[char], found: &AddressMatch) -> Option<(usize, usize)> {
    let address: String = text.get(found.start..found.end)?.iter().collect();
    let Some(short) = SHORT.as_ref()?.captures(&address) else {
        return Some((found.start, found.end));
    };
    if short.get(1)?.len() > SHORT_MAX {
        return None;
    }
    Some((
        found.start,
        found.start + short.get(0)?.as_str().chars().count(),
    ))
}

/// Without a protocol, only Latin host names are URLs. What follows belongs to the last.
fn without_protocol(text: &[char], found: &AddressMatch) -> Vec<(usize, usize)> {
    let mut hosts = domain::latin_hosts(text, found.start, found.host_end);
    if found.has_path
        && let Some((_, end)) = hosts.last_mut()
    {
        *end += found.end - found.host_end;
    }
    hosts
}

/// Lower case, character by character, where that keeps its kind: as a regular
/// expression that ignores case sees it.
fn fold(character: char) -> char {
    let mut lower = character.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) if one.is_ascii() == character.is_ascii() => one,
        _ => character,
    }
}
