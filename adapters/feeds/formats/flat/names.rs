//! Compares names whatever their spelling: `g:image_link`, `Image link`, `IMAGE-LINK` and `imageLink` are equal.

use std::collections::HashMap;
use std::sync::Arc;

use super::aliases::Field;
use super::grouped::Grouping;
pub use super::spelling::{field, fold, plain};
use super::spelling::{local, strip_sub_attributes};
use super::vocabulary::{Lexicon, Meaning, Vocabulary, WordMap};

/// Different names in one document. Feeds have some dozens.
const NAMES_MAX: usize = 1_024;

/// A resolved name.
#[derive(Debug)]
pub(super) struct Name {
    /// As the feed spells it.
    pub spelling: Arc<str>,
    /// The plain spelling, for comparison.
    pub plain: String,
    /// The field.
    pub field: Field,
    /// Whether an alias knows it.
    pub has_alias: bool,
    /// The rank. Of several names of one field in one item, the lowest wins.
    pub rank: u8,
    /// The number in the name, of an option or an image.
    pub number: u8,
    /// The words of the field's values.
    pub words: Option<Arc<WordMap>>,
    /// Of a column whose header lists sub-attributes: their order.
    pub grouping: Option<Grouping>,
}

impl Name {
    fn new(spelling: &str, lexicon: &Lexicon) -> Self {
        let plain = plain(spelling);
        let grouping = Grouping::from_header(&plain);
        let meaning = lexicon.find(&plain);
        let meaning = meaning.or_else(|| {
            grouping
                .as_ref()
                .and_then(|_| lexicon.find(strip_sub_attributes(&plain)))
        });
        let is_ignored = meaning.is_none() && lexicon.vocabulary.ignores_unknown;
        let unknown = Meaning {
            field: match is_ignored {
                true => Field::Ignored,
                false => Field::Attribute,
            },
            rank: u8::MAX,
            number: 0,
        };
        let Meaning {
            field,
            rank,
            number,
        } = meaning.unwrap_or(unknown);
        // A prefix is a promise: `g:title` is meant for us, `title` for any reader of the feed.
        let is_bare = u8::from(local(spelling).len() == spelling.len());
        Self {
            spelling: spelling.trim_start_matches('\u{feff}').into(),
            plain,
            field,
            has_alias: meaning.is_some() || is_ignored,
            rank: rank.saturating_mul(2).saturating_add(is_bare),
            number,
            words: lexicon.words(field),
            grouping,
        }
    }

    /// The name of a parameter: its own field, or else that of parameters.
    pub fn of_parameter(name: &str, lexicon: &Lexicon) -> Self {
        let meaning = lexicon.find_own(&format!("param.{}", plain(name)));
        let field = meaning.map_or(Field::Parameters, |meaning| meaning.field);
        Self {
            spelling: name.trim().into(),
            plain: plain(name),
            field,
            has_alias: true,
            rank: meaning.map_or(u8::MAX, |meaning| meaning.rank),
            number: 0,
            words: lexicon.words(field),
            grouping: None,
        }
    }

    /// The value's canonical word, or the value itself.
    pub fn word<'a>(&self, text: &'a str) -> &'a str {
        let word = self.words.as_ref().and_then(|words| words.get(&fold(text)));
        word.copied().unwrap_or(text)
    }

    /// The name under which its value is kept as an attribute.
    pub fn local(&self) -> &str {
        local(&self.spelling)
    }
}

/// The names of one document, each resolved once.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub lexicon: Lexicon,
    entries: Vec<Name>,
    by_spelling: HashMap<Arc<str>, usize>,
    /// The number behind each spelling's, as far as the records so far had the same order.
    successors: Vec<(Arc<str>, usize)>,
    previous: usize,
}

impl Names {
    pub fn new(vocabulary: &'static Vocabulary) -> Self {
        Self {
            lexicon: Lexicon::new(vocabulary),
            ..Self::default()
        }
    }

    /// The number of a name; of a document that has too many of them, that of no name.
    pub fn index(&mut self, name: &str) -> usize {
        // Records name their fields in one order: what came behind the last name comes behind it again.
        if let Some((spelling, index)) = self.successors.get(self.previous)
            && **spelling == *name
        {
            self.previous = *index;
            return *index;
        }
        let Some((spelling, index)) = self.intern(name) else {
            return usize::MAX;
        };
        if let Some(successor) = self.successors.get_mut(self.previous) {
            *successor = (spelling, index);
        }
        self.previous = index;
        index
    }

    fn intern(&mut self, name: &str) -> Option<(Arc<str>, usize)> {
        if let Some((spelling, index)) = self.by_spelling.get_key_value(name) {
            return Some((Arc::clone(spelling), *index));
        }
        if self.entries.len() >= NAMES_MAX {
            return None;
        }
        let index = self.entries.len();
        let spelling: Arc<str> = name.into();
        self.entries.push(Name::new(name, &self.lexicon));
        self.by_spelling.insert(Arc::clone(&spelling), index);
        self.successors.push((Arc::clone(&spelling), index));
        Some((spelling, index))
    }

    /// The name with this number.
    pub fn get(&self, index: usize) -> Option<&Name> {
        self.entries.get(index)
    }

    /// Resolves a name; whether it is new to this document is the second part.
    pub fn resolve(&mut self, name: &str) -> Option<(&Name, bool)> {
        let count_before = self.entries.len();
        let index = self.index(name);
        let is_new = self.entries.len() > count_before;
        Some((self.entries.get(index)?, is_new))
    }
}
