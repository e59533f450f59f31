//! The names and values of one format, beside those that all flat formats share.
//!
//! A [`Vocabulary`] is data: a format is a table of names, a table of words, and a few rules. Promises: own names
//! are consulted before the common ones; a word that the table lacks stays as the feed has it, so that validation
//! reports it. Must not hold words with two meanings.

use std::collections::HashMap;
use std::sync::Arc;

use super::aliases::{self, Field};
use super::spelling::fold;
use crate::formats::sample::Sample;

/// How many ranks behind a format's own names the common ones begin.
const COMMON_RANK: u8 = 48;

/// Values of one field and the canonical word of each.
pub type Words = &'static [(&'static str, &'static str)];

/// How rows of one product belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Every row is an item.
    Single,
    /// Rows without a title are further variants of the product above them.
    Untitled,
    /// A row says whether it is a product, or a variant or an image of the product above it.
    Kinds,
    /// Variants are rows of their own, before or after the row of the product that lists them.
    Listed,
}

/// What sets the names and values of one format apart.
#[derive(Debug)]
pub struct Vocabulary {
    /// Names of fields. Of several names for one field, the earlier wins. `#` stands for a number, and `@` begins
    /// an XML attribute of the record. `param.` begins the name of a parameter.
    pub names: &'static [(Field, &'static str)],
    /// Values of fields, in any case and with or without accents.
    pub words: &'static [(Field, Words)],
    /// Sets of names, each separated by spaces: a document with all names of one set is of this format.
    /// `root=` is the name of the root element.
    pub marks: &'static [&'static str],
    /// Of names in one language: whether a document is in this language.
    pub is_language_of: Option<fn(&Vocabulary, &Sample<'_>) -> bool>,
    /// Whether the common names count too.
    pub has_common_names: bool,
    /// Whether unknown names are passed over: an export has dozens that say nothing about an item.
    pub ignores_unknown: bool,
    /// The currency of all amounts, where the format's definition fixes one.
    pub currency: Option<&'static str>,
    /// The unit of weights without one, where the format's definition fixes one.
    pub weight_unit: Option<&'static str>,
    /// The page of an item below the shop's URL, with `{slug}` and `{section}`, or with the `{id}` of its product.
    pub page: Option<&'static str>,
    /// Where images without a host are: a URL, or a path below the shop's URL.
    pub images: Option<&'static str>,
    /// How rows of one product belong together.
    pub rows: Rows,
    /// Whether the SKU is the id, if there is one.
    pub sku_is_id: bool,
}

impl Vocabulary {
    /// Only what all flat formats share.
    pub const COMMON: Self = Self {
        names: &[],
        words: &[],
        marks: &[],
        is_language_of: None,
        has_common_names: true,
        ignores_unknown: false,
        currency: None,
        weight_unit: None,
        page: None,
        images: None,
        rows: Rows::Single,
        sku_is_id: false,
    };

    /// A shop's export, which has only its own names.
    pub const EXPORT: Self = Self {
        has_common_names: false,
        ignores_unknown: true,
        sku_is_id: true,
        ..Self::COMMON
    };
}

/// The common vocabulary.
pub static COMMON: Vocabulary = Vocabulary::COMMON;

/// A field, the rank of its name and the number in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    pub field: Field,
    pub rank: u8,
    pub number: u8,
}

/// The canonical words of one field, by their folded values.
pub(super) type WordMap = HashMap<String, &'static str>;

/// A vocabulary, prepared for one document.
#[derive(Debug)]
pub(super) struct Lexicon {
    pub vocabulary: &'static Vocabulary,
    own: HashMap<String, (Field, u8)>,
    words: HashMap<Field, Arc<WordMap>>,
    has_attributes: bool,
}

impl Default for Lexicon {
    fn default() -> Self {
        Self::new(&COMMON)
    }
}

impl Lexicon {
    pub(super) fn new(vocabulary: &'static Vocabulary) -> Self {
        let mut own = HashMap::new();
        let lines = vocabulary.names.iter();
        let words = lines.flat_map(|(field, line)| line.split(' ').map(move |word| (*field, word)));
        for (rank, (field, word)) in words.filter(|(_, word)| !word.is_empty()).enumerate() {
            let rank = u8::try_from(rank).unwrap_or(u8::MAX);
            own.entry(fold(word)).or_insert((field, rank));
        }
        // Ranks compare names of one field only: they are counted anew for each.
        let mut by_rank: Vec<_> = own.values_mut().collect();
        by_rank.sort_unstable_by_key(|(_, rank)| *rank);
        let mut counts: HashMap<Field, u8> = HashMap::new();
        for (field, rank) in by_rank {
            let count = counts.entry(*field).or_default();
            *count = count.saturating_add(1);
            *rank = *count;
        }
        Self {
            has_attributes: own.keys().any(|name| name.starts_with('@')),
            words: word_maps(vocabulary.words),
            vocabulary,
            own,
        }
    }

    /// Whether attributes of the records are fields.
    pub(super) fn has_attributes(&self) -> bool {
        self.has_attributes
    }

    /// The field of a name in its plain spelling.
    pub(super) fn find(&self, plain: &str) -> Option<Meaning> {
        if let Some(meaning) = self.find_own(plain) {
            return Some(meaning);
        }
        if !self.vocabulary.has_common_names {
            return None;
        }
        let (field, rank) = aliases::find(plain)?;
        let behind = if self.own.is_empty() { 0 } else { COMMON_RANK };
        Some(Meaning {
            field,
            rank: rank.saturating_add(behind),
            number: 0,
        })
    }

    /// The same for the format's own names.
    pub(super) fn find_own(&self, plain: &str) -> Option<Meaning> {
        if self.own.is_empty() {
            return None;
        }
        let folded = fold(plain);
        let meaning = |(field, rank): &(Field, u8), number| Meaning {
            field: *field,
            rank: *rank,
            number,
        };
        if let Some(found) = self.own.get(&folded) {
            return Some(meaning(found, 0));
        }
        let (pattern, number) = numbered(&folded)?;
        let found = self.own.get(&pattern)?;
        // A lower number comes first if an item may have one of them only.
        Some(meaning(found, number))
    }

    /// The accepted names of a name's field, this one first.
    pub(super) fn names_of_field(&self, name: &'static str) -> Vec<&'static str> {
        let field = self.find(name).map(|meaning| meaning.field);
        let own = self.vocabulary.names.iter();
        let own = own.flat_map(|(of, line)| line.split(' ').map(|word| (word, *of)));
        let common = aliases::all_names().filter(|_| self.vocabulary.has_common_names);
        let all = own.chain(common).filter(|(_, of)| Some(*of) == field);
        let others = all.map(|(word, _)| word).filter(|other| *other != name);
        std::iter::once(name).chain(others).collect()
    }

    /// The words of a field's values.
    pub(super) fn words(&self, field: Field) -> Option<Arc<WordMap>> {
        self.words.get(&field).cloned()
    }
}

fn word_maps(words: &[(Field, Words)]) -> HashMap<Field, Arc<WordMap>> {
    let folded = |list: Words| {
        let pairs = list.iter();
        pairs.map(|(word, canonical)| (fold(word), *canonical))
    };
    let mut maps: HashMap<Field, WordMap> = HashMap::new();
    for (field, list) in words {
        maps.entry(*field).or_default().extend(folded(list));
    }
    let shared = maps.into_iter();
    shared.map(|(field, map)| (field, Arc::new(map))).collect()
}

/// The name with `#` for its last number, and that number.
fn numbered(name: &str) -> Option<(String, u8)> {
    let end = name.rfind(|c: char| c.is_ascii_digit())? + 1;
    let head = name.get(..end)?;
    let start = head.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let number = head.get(start..)?.parse().ok()?;
    Some((
        format!("{}#{}", name.get(..start)?, name.get(end..)?),
        number,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_number_of_a_name_is_its_number() {
        let found = |name| numbered(name).map(|(pattern, number)| format!("{pattern} {number}"));
        assert_eq!(found("option_name_2"), Some("option_name_# 2".to_owned()));
        assert_eq!(found("image10"), Some("image# 10".to_owned()));
        assert_eq!(
            found("attribut_3_wert(e)"),
            Some("attribut_#_wert(e) 3".to_owned())
        );
        assert_eq!(found("price"), None);
        assert_eq!(found("option_name_999"), None, "no format has so many");
    }

    #[test]
    fn a_word_is_found_in_any_case_and_without_accents() {
        let words: &[(Field, Words)] = &[
            (Field::Condition, &[("neuf", "new")]),
            (
                Field::Availability,
                &[("épuisé", "out_of_stock"), ("auf Lager", "in_stock")],
            ),
        ];
        let maps = word_maps(words);
        let found = |text| maps[&Field::Availability].get(&fold(text)).copied();
        assert_eq!(found(" EPUISE "), Some("out_of_stock"));
        assert_eq!(found("Auf-Lager"), Some("in_stock"));
        assert_eq!(found("auf"), None);
        assert_eq!(found("neuf"), None, "a word of another field");
    }
}
