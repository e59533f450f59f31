//! Emoji, each of which counts as one, whatever its parts.
//!
//! The table is Unicode's, up to the version that the network's library knows,
//! with that library's few additions. Later emoji are counted by their parts,
//! which is never less than what the network counts.

use std::collections::HashMap;
use std::sync::LazyLock;

const AS_TEXT: char = '\u{fe0e}';
const AS_EMOJI: char = '\u{fe0f}';
const JOINER: char = '\u{200d}';
const KEYCAP: char = '\u{20e3}';
const TONES: std::ops::RangeInclusive<char> = '\u{1f3fb}'..='\u{1f3ff}';

/// The last version of Unicode's emoji that is counted as one.
const LAST: emojis::UnicodeVersion = emojis::UnicodeVersion::new(11, 0);

/// Emoji by default that may also be shown as text, as npm twemoji-parser 11.0.2 has them: `regenerate_also_text.mjs`.
const ALSO_TEXT: &str =
    "⌚⌛◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛔⛪⛲⛳⛵⛺⛽❗⬛⬜⭐⭕🀄🈚🈯";

/// Characters that are emoji only with an emoji variation selector.
const ONLY_WITH_SELECTOR: &str = "©®™♟";

/// People in forms that the library knows and Unicode's table does not list.
const LIBRARY_PEOPLE: [(&str, bool); 2] = [("🕴", true), ("🤵", false)];

/// A sequence that counts as one.
struct Sequence {
    characters: Vec<char>,
    /// Not if a text variation selector follows.
    unless_text: bool,
}

/// Sequences by their first character, the longest first.
static TABLE: LazyLock<HashMap<char, Vec<Sequence>>> = LazyLock::new(|| {
    let mut table: HashMap<char, Vec<Sequence>> = HashMap::new();
    for sequence in all_sequences() {
        if let Some(first) = sequence.characters.first() {
            table.entry(*first).or_default().push(sequence);
        }
    }
    for sequences in table.values_mut() {
        sequences.sort_by_key(|sequence| std::cmp::Reverse(sequence.characters.len()));
    }
    table
});

/// The ranges of all emoji.
pub(super) fn find(text: &[char]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let length = rest.first().and_then(|first| {
            let sequences = TABLE.get(first)?.iter();
            let mut fitting = sequences.filter(|sequence| sequence.begins(rest));
            fitting.next().map(|sequence| sequence.characters.len())
        });
        if let Some(length) = length {
            found.push((at, at + length));
        }
        at += length.unwrap_or(1);
    }
    found
}

impl Sequence {
    fn begins(&self, text: &[char]) -> bool {
        let Some(rest) = text.strip_prefix(self.characters.as_slice()) else {
            return false;
        };
        !(self.unless_text && rest.first() == Some(&AS_TEXT))
    }
}

fn all_sequences() -> impl Iterator<Item = Sequence> {
    let plain = |characters: Vec<char>| Sequence {
        characters,
        unless_text: false,
    };
    let listed = emojis::iter().flat_map(|emoji| {
        let toned = emoji.skin_tones().into_iter().flatten();
        std::iter::once(emoji).chain(toned)
    });
    let listed = listed
        .filter(|emoji| emoji.unicode_version() <= LAST)
        .flat_map(|emoji| forms(emoji.as_str()));
    let flags = ('\u{1f1e6}'..='\u{1f1ff}').map(move |letter| plain(vec![letter]));
    let tones = TONES.map(move |tone| plain(vec![tone]));
    let alone = [
        vec![AS_EMOJI],
        vec!['\u{e50a}'],
        vec!['♾'],
        vec!['👁', JOINER, '🗨'],
    ];
    listed
        .chain(flags)
        .chain(tones)
        .chain(alone.map(plain))
        .chain(skiers())
        .chain(library_people())
}

/// The spellings of one emoji of the table.
fn forms(emoji: &str) -> Vec<Sequence> {
    let characters: Vec<char> = emoji.chars().collect();
    let sequence = |characters: &[char], unless_text| Sequence {
        characters: characters.to_vec(),
        unless_text,
    };
    match characters.as_slice() {
        // `known` contains the library's own forms of these.
        ['♾' | '👁', _, ..] => eye_or_infinity(&characters),
        [sign, AS_EMOJI] if ONLY_WITH_SELECTOR.contains(*sign) => {
            vec![sequence(&characters, false)]
        }
        [sign] if ALSO_TEXT.contains(*sign) => {
            vec![
                sequence(&[*sign], true),
                sequence(&[*sign, AS_EMOJI], false),
            ]
        }
        [sign, AS_EMOJI] => vec![sequence(&[*sign], true), sequence(&characters, false)],
        [sign, AS_EMOJI, KEYCAP] => {
            vec![
                sequence(&[*sign, KEYCAP], false),
                sequence(&characters, false),
            ]
        }
        [sign, tone] if TONES.contains(tone) && is_shown_as_text(*sign) => vec![
            sequence(&characters, false),
            sequence(&[*sign, AS_EMOJI, *tone], false),
        ],
        _ => vec![sequence(&characters, false)],
    }
}

/// The library knows both in forms other than Unicode's: see `known`.
fn eye_or_infinity(characters: &[char]) -> Vec<Sequence> {
    match characters {
        ['👁', AS_EMOJI] => vec![
            Sequence {
                characters: vec!['👁'],
                unless_text: true,
            },
            Sequence {
                characters: characters.to_vec(),
                unless_text: false,
            },
        ],
        _ => Vec::new(),
    }
}

/// Whether the table spells it with an emoji variation selector.
fn is_shown_as_text(sign: char) -> bool {
    emojis::get(&String::from_iter([sign, AS_EMOJI]))
        .is_some_and(|emoji| emoji.as_str().ends_with(AS_EMOJI))
}

fn skiers() -> impl Iterator<Item = Sequence> {
    TONES.flat_map(|tone| {
        [vec!['⛷', tone], vec!['⛷', AS_EMOJI, tone]].map(|characters| Sequence {
            characters,
            unless_text: false,
        })
    })
}

/// Each of them as a woman and as a man, in every tone.
fn library_people() -> impl Iterator<Item = Sequence> {
    LIBRARY_PEOPLE
        .into_iter()
        .flat_map(|(person, has_selector)| {
            let untoned = if has_selector {
                vec![AS_EMOJI]
            } else {
                Vec::new()
            };
            let variants = std::iter::once(untoned).chain(TONES.map(|tone| vec![tone]));
            variants.flat_map(move |variant| {
                ['♀', '♂'].map(|gender| Sequence {
                    characters: person
                        .chars()
                        .chain(variant.iter().copied())
                        .chain([JOINER, gender, AS_EMOJI])
                        .collect(),
                    unless_text: false,
                })
            })
        })
}
