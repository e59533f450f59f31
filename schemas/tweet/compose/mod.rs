//! Composes a post's text from a template and a product's values.
//!
//! Promises: the text fits into a post, whatever the values are; the
//! price and the link are complete; no grapheme and no URL is cut; nothing
//! in it is active but the post's link and what the template's author wrote. Must
//! not invent words: text that belongs to a placeholder without a value is left out.

mod template;

use thiserror::Error;
use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

use self::template::Segment;
use super::defuse::Origin;
use super::{WEIGHT_MAX, address, measure};

/// Marks a value that was cut.
const ELLIPSIS: char = '…';

/// The maximum weighted length of a template's fixed text. The rest is for the product.
const FIXED_WEIGHT_MAX: usize = 160;

/// The default template.
pub const DEFAULT: &str = "{title} – {price}\n{url}";

/// The values of the placeholders.
#[derive(Debug, Clone, Copy, Default)]
pub struct TemplateValues<'a> {
    /// The product's title.
    pub title: &'a str,
    /// The brand, if any.
    pub brand: &'a str,
    /// The options' values, such as `M / Red`.
    pub options: &'a str,
    /// The description.
    pub description: &'a str,
    /// The current price, with its currency.
    pub price: &'a str,
    /// The regular price, during a sale.
    pub was: &'a str,
    /// The merchant.
    pub merchant: &'a str,
    /// The post's link.
    pub url: &'a str,
}

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Segment>);

/// A placeholder's name and the placeholder.
type Value = (Placeholder, String);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(Placeholder),
}

/// In the order in which values are cut when space runs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placeholder {
    Description,
    Title,
    Merchant,
    Brand,
    Options,
    Was,
    Price,
    Url,
}

const NAMES: [(&str, Placeholder); 8] = [
    ("description", Placeholder::Description),
    ("title", Placeholder::Title),
    ("merchant", Placeholder::Merchant),
    ("brand", Placeholder::Brand),
    ("options", Placeholder::Options),
    ("was", Placeholder::Was),
    ("price", Placeholder::Price),
    ("url", Placeholder::Url),
];

/// Values that may be truncated. The others are kept whole or left out.
const TRUNCATABLE: [Placeholder; 5] = [
    Placeholder::Description,
    Placeholder::Title,
    Placeholder::Merchant,
    Placeholder::Brand,
    Placeholder::Options,
];

/// Why a text is not a valid template.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// A name in braces that is not a placeholder.
    #[error(
        "`{{{0}}}` is not a placeholder: use title, brand, options, description, price, was, merchant or url"
    )]
    Unknown(String),
    /// An unmatched brace.
    #[error("a brace is not closed: write placeholders as `{{title}}`")]
    Brace,
    /// The link is missing, or occurs more than once.
    #[error("`{{url}}` must occur once: without the link nobody can buy")]
    NoUrl,
    /// The fixed text leaves no room for a product.
    #[error(
        "the fixed text has weighted length {weight}; the maximum is {FIXED_WEIGHT_MAX}, which leaves room for a product"
    )]
    TooLong {
        /// The weighted length.
        weight: usize,
    },
}

impl Template {
    /// Parses a template: text with placeholders such as `{title}`, `{price}` and `{url}`.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').ok_or(TemplateError::Brace)?;
            if before.contains('}') {
                return Err(TemplateError::Brace);
            }
            let placeholder = NAMES.iter().find(|(existing, _)| *existing == name);
            let (_, word) = placeholder.ok_or_else(|| TemplateError::Unknown(excerpt(name)))?;
            parts.push(Part::Text(clean(before)));
            parts.push(Part::Placeholder(*word));
            rest = behind;
        }
        if rest.contains('}') {
            return Err(TemplateError::Brace);
        }
        parts.push(Part::Text(clean(rest)));
        Self::checked(parts)
    }

    fn checked(parts: Vec<Part>) -> Result<Self, TemplateError> {
        let urls = parts
            .iter()
            .filter(|part| **part == Part::Placeholder(Placeholder::Url));
        if urls.count() != 1 {
            return Err(TemplateError::NoUrl);
        }
        let fixed: String = parts.iter().map(Part::fixed).collect();
        let weight = measure(&fixed).weight;
        if weight > FIXED_WEIGHT_MAX {
            return Err(TemplateError::TooLong { weight });
        }
        Ok(Self(template::parse_segments(&parts)))
    }

    /// Composes the text of a post. `None` if not even the link fits beside the
    /// template's fixed text: the network does not recognise the link.
    #[must_use]
    pub fn compose(&self, words: &TemplateValues<'_>) -> Option<String> {
        let mut values = NAMES.map(|(_, word)| (word, clean_word(words.of(word))));
        let text = self.fill(&values);
        if fits(&text) {
            return Some(text);
        }
        for word in TRUNCATABLE
            .into_iter()
            .chain([Placeholder::Was, Placeholder::Price])
        {
            let value = word.value(&values).to_owned();
            if let Some(text) = self.fit_placeholder(&mut values, word, &value) {
                return Some(text);
            }
        }
        None
    }

    /// The text with as much of one value as fits. The value becomes empty if nothing of it fits.
    fn fit_placeholder(
        &self,
        values: &mut [Value],
        word: Placeholder,
        value: &str,
    ) -> Option<String> {
        let ends = if TRUNCATABLE.contains(&word) {
            truncation_points(value)
        } else {
            Vec::new()
        };
        let mut cut_at = |end: &usize| {
            let prefix = value.get(..*end).unwrap_or_default().trim_end();
            set(values, word, format!("{prefix}{ELLIPSIS}"));
            self.fill(values)
        };
        // Not quite monotonic: a cut may turn other text into a URL. So the search only
        // guesses, and every text is measured before it is used.
        let fitting_count = ends.partition_point(|end| fits(&cut_at(end)));
        let mut shorter = ends.iter().take(fitting_count).rev().map(&mut cut_at);
        if let Some(text) = shorter.find(|text| fits(text)) {
            return Some(text);
        }
        set(values, word, String::new());
        let text = self.fill(values);
        fits(&text).then_some(text)
    }

    fn fill(&self, values: &[Value]) -> String {
        template::fill(&self.0, values).trimmed().defused()
    }
}

impl Part {
    fn fixed(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Placeholder(_) => "",
        }
    }
}

impl Placeholder {
    fn value(self, values: &[Value]) -> &str {
        let mut found = values.iter().filter(|(existing, _)| *existing == self);
        found.next().map_or("", |(_, value)| value)
    }

    /// The origin of a value in a composed text.
    const fn origin(self) -> Origin {
        match self {
            Self::Url => Origin::Link,
            _ => Origin::Merchant,
        }
    }
}

impl TemplateValues<'_> {
    const fn of(&self, word: Placeholder) -> &str {
        match word {
            Placeholder::Description => self.description,
            Placeholder::Title => self.title,
            Placeholder::Merchant => self.merchant,
            Placeholder::Brand => self.brand,
            Placeholder::Options => self.options,
            Placeholder::Was => self.was,
            Placeholder::Price => self.price,
            Placeholder::Url => self.url,
        }
    }
}

fn fits(text: &str) -> bool {
    measure(text).weight <= WEIGHT_MAX
}

fn set(values: &mut [Value], word: Placeholder, value: String) {
    for (_, old) in values.iter_mut().filter(|(existing, _)| *existing == word) {
        old.clone_from(&value);
    }
}

/// Where a value may be cut: between graphemes, not inside a URL, and within a post's length.
fn truncation_points(value: &str) -> Vec<usize> {
    let characters: Vec<char> = value.chars().collect();
    let addresses = address::find(&characters);
    let bytes = |position: usize| {
        characters
            .iter()
            .take(position)
            .map(|one| one.len_utf8())
            .sum::<usize>()
    };
    let inside: Vec<_> = addresses
        .iter()
        .map(|(from, to)| bytes(*from)..bytes(*to))
        .collect();
    let graphemes = value.grapheme_indices(true).take(WEIGHT_MAX + 1);
    graphemes
        .map(|(start, _)| start)
        .filter(|position| *position > 0)
        .filter(|position| {
            !inside
                .iter()
                .any(|address| position > &address.start && position < &address.end)
        })
        .collect()
}

/// A template's fixed text, in NFC, without characters that no post may contain.
fn clean(text: &str) -> String {
    let allowed = text.nfc().filter(|one| !super::is_refused(*one));
    allowed
        .filter(|one| *one == '\n' || !one.is_control())
        .collect()
}

/// A product's values: the same, on one line, with single spaces.
fn clean_word(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    clean(&words.join(" "))
}

fn excerpt(text: &str) -> String {
    text.chars().take(32).collect()
}

#[cfg(test)]
mod tests;
