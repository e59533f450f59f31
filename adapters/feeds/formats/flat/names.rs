//! Compares names whatever their spelling: `g:image_link`, `Image link`, `IMAGE-LINK` and `imageLink` are equal.

use std::collections::HashMap;
use std::sync::Arc;

use super::aliases::{self, Field};
use super::grouped::Grouping;

/// Different names in one document. Feeds have some dozens.
const NAMES_MAX: usize = 1_024;
/// Characters compared of a name.
const NAME_CHARS_MAX: usize = 128;

/// The spelling under which names are compared: lower case, `_` between words; without a byte
/// order mark, a namespace's prefix and the numbers in `[0]`.
#[must_use]
pub fn plain(name: &str) -> String {
    let name = local(name);
    let mut plain = String::with_capacity(name.len() + 4);
    let mut previous = '_';
    for letter in name.chars().take(NAME_CHARS_MAX) {
        let is_gap = letter.is_whitespace() || letter == '-' || letter == '_';
        let in_brackets = plain.ends_with('[') && letter.is_ascii_digit();
        if is_gap && !plain.is_empty() && !plain.ends_with('_') {
            plain.push('_');
        }
        if letter.is_uppercase() && previous.is_lowercase() {
            plain.push('_');
        }
        if !is_gap && !in_brackets {
            plain.extend(letter.to_lowercase());
        }
        previous = letter;
    }
    plain.truncate(plain.trim_end_matches('_').len());
    plain
}

/// The name without a byte order mark and the prefix of its namespace.
fn local(name: &str) -> &str {
    let name = name.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    match name.split_once(':') {
        Some((prefix, rest)) if is_prefix(prefix) && !rest.starts_with(char::is_whitespace) => rest,
        _ => name,
    }
}

/// A prefix can be any word, declared or not. That of Media RSS is kept: its `content` is an image,
/// Atom's is a text.
fn is_prefix(text: &str) -> bool {
    let is_word = text.bytes().all(|b| b.is_ascii_alphanumeric());
    (1..=8).contains(&text.len()) && is_word && !text.eq_ignore_ascii_case("media")
}

/// The field of a plain name.
#[must_use]
pub fn field(plain: &str) -> Option<Field> {
    let (field, _) = aliases::find(plain).or_else(|| aliases::find(strip_sub_attributes(plain)))?;
    (field != Field::Attribute).then_some(field)
}

/// What stands before a list of sub-attributes.
fn strip_sub_attributes(plain: &str) -> &str {
    let base = plain.split('(').next().unwrap_or_default();
    base.trim_end_matches('_')
}

/// A resolved name.
#[derive(Debug)]
pub(crate) struct Name {
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
    /// Of a column whose header lists sub-attributes: their order.
    pub grouping: Option<Grouping>,
}

impl Name {
    fn new(spelling: &str) -> Self {
        let plain = plain(spelling);
        let grouping = Grouping::from_header(&plain);
        let alias = aliases::find(&plain);
        let alias = alias.or_else(|| {
            grouping
                .as_ref()
                .and_then(|_| aliases::find(strip_sub_attributes(&plain)))
        });
        let (field, rank) = alias.unwrap_or((Field::Attribute, u8::MAX));
        // A prefix is a promise: `g:title` is meant for us, `title` for any reader of the feed.
        let is_bare = u8::from(local(spelling).len() == spelling.len());
        Self {
            spelling: spelling.trim_start_matches('\u{feff}').into(),
            plain,
            field,
            has_alias: alias.is_some(),
            rank: rank.saturating_mul(2).saturating_add(is_bare),
            grouping,
        }
    }

    /// The name under which its value is kept as an attribute.
    pub fn local(&self) -> &str {
        local(&self.spelling)
    }
}

/// The names of one document, each resolved once.
#[derive(Debug, Default)]
pub(crate) struct Names {
    entries: Vec<Name>,
    by_spelling: HashMap<Arc<str>, usize>,
    /// The number behind each spelling's, as far as the records so far had the same order.
    successors: Vec<(Arc<str>, usize)>,
    previous: usize,
}

impl Names {
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
        self.entries.push(Name::new(name));
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
