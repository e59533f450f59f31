//! How a reader writes amounts: a language in a region, such as German in Switzerland.
//!
//! Promises: a reader has the nearest form that CLDR has and we keep (RFC 4647, lookup), and English is what remains.
//! Must not choose a page's words: those are in a [`Language`].

mod preference;

use std::sync::LazyLock;

pub use self::preference::{lookup, preferred};
use crate::address::{Language, table};

static FORMS: LazyLock<Vec<NumberForm>> = LazyLock::new(|| {
    table::rows(include_str!("locales.tsv"))
        .map(NumberForm::of)
        .collect()
});

/// If the table is empty, which no test lets pass.
static FALLBACK: NumberForm = NumberForm {
    tag: "en",
    decimal: ".",
    group: ",",
    grouped_from_digits: 4,
    second_group_digits: 3,
    zero: '0',
    positive: "¤#",
    negative: "−¤#",
    symbols: "",
};

/// Other names of a language that we have.
const ALIASES: [(&str, &str); 6] = [
    ("zh-TW", "zh-Hant"),
    ("zh-HK", "zh-Hant-HK"),
    ("zh-MO", "zh-Hant-HK"),
    ("no", "nb"),
    ("iw", "he"),
    ("in", "id"),
];

/// A reader's locale.
#[derive(Debug, Clone, Copy)]
pub struct Locale(&'static NumberForm);

/// How a locale writes amounts.
#[derive(Debug)]
pub(crate) struct NumberForm {
    tag: &'static str,
    pub(crate) decimal: &'static str,
    pub(crate) group: &'static str,
    /// Fewer digits than these stand together: Spanish writes 1234 and 12.345.
    pub(crate) grouped_from_digits: usize,
    /// The digits of every group but the last: India writes 12,34,567.
    pub(crate) second_group_digits: usize,
    /// The digit 0; the others follow it.
    pub(crate) zero: char,
    /// `¤` is the currency and `#` the number.
    pub(crate) positive: &'static str,
    pub(crate) negative: &'static str,
    /// Such as `USD=$ EUR=€`. Other currencies have their code.
    symbols: &'static str,
}

impl NumberForm {
    fn of(row: [&'static str; 9]) -> Self {
        let [
            tag,
            decimal,
            group,
            from,
            second,
            zero,
            positive,
            negative,
            symbols,
        ] = row;
        Self {
            tag,
            decimal,
            group,
            grouped_from_digits: from.parse().unwrap_or(4),
            second_group_digits: second.parse().unwrap_or(3),
            zero: zero.chars().next().unwrap_or('0'),
            positive,
            negative,
            symbols,
        }
    }

    /// The symbol of a currency, where the locale has one.
    pub(crate) fn symbol(&self, code: &str) -> Option<&'static str> {
        let mut pairs = self
            .symbols
            .split(' ')
            .filter_map(|one| one.split_once('='));
        pairs.find_map(|(of, symbol)| (of == code).then_some(symbol))
    }
}

impl Locale {
    /// The nearest locale of a tag, such as that of `de-AT` or `pt_BR`; none if its language is missing.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        lookup(tag, exact)
    }

    /// Where most readers of a language live.
    #[must_use]
    pub fn of(language: Language) -> Self {
        exact(language.tag()).unwrap_or(Self(&FALLBACK))
    }

    /// A reader's locale: from a tag that was given, else from `Accept-Language`.
    #[must_use]
    pub fn choose(given: Option<&str>, accept_language: Option<&str>) -> Self {
        given
            .and_then(Self::from_tag)
            .or_else(|| accept_language.and_then(|header| preferred(header, Self::from_tag)))
            .unwrap_or_else(|| Self::of(Language::English))
    }

    /// The reader's locale of a page in a language: that of a region if the reader names one of that language.
    #[must_use]
    pub fn of_page(language: Language, given: Option<&str>, accept_language: Option<&str>) -> Self {
        let of_language = |tag: &str| {
            let locale = Self::from_tag(tag)?;
            (Language::from_tag(locale.tag()) == Some(language)).then_some(locale)
        };
        given
            .filter(|tag| tag.contains(['-', '_']))
            .and_then(of_language)
            .or_else(|| accept_language.and_then(|header| preferred(header, of_language)))
            .unwrap_or_else(|| Self::of(language))
    }

    /// The tag in BCP 47, such as `de-AT`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.0.tag
    }

    pub(crate) fn form(self) -> &'static NumberForm {
        self.0
    }
}

impl PartialEq for Locale {
    fn eq(&self, other: &Self) -> bool {
        self.tag() == other.tag()
    }
}

impl Eq for Locale {}

impl From<Language> for Locale {
    fn from(language: Language) -> Self {
        Self::of(language)
    }
}

/// The locale with this tag or one of its other names.
fn exact(tag: &str) -> Option<Locale> {
    let other = ALIASES
        .iter()
        .find(|(one, _)| one.eq_ignore_ascii_case(tag));
    let tag = other.map_or(tag, |(_, ours)| ours);
    let mut forms = FORMS.iter();
    forms
        .find(|one| one.tag.eq_ignore_ascii_case(tag))
        .map(Locale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_has_the_nearest_locale() {
        for (tag, expected) in [
            ("pt_BR", "pt"),
            ("pt-PT", "pt-PT"),
            ("PT_pt", "pt-PT"),
            ("zh-Hant-TW", "zh-Hant"),
            ("zh-TW", "zh-Hant"),
            ("zh-Hans-CN", "zh"),
            ("zh-hk", "zh-Hant-HK"),
            ("de-DE-1996", "de"),
            ("de-CH-x-phonebk", "de-CH"),
            ("en-US", "en"),
            ("no-NO", "nb"),
        ] {
            assert_eq!(
                Locale::from_tag(tag).map(Locale::tag),
                Some(expected),
                "{tag}"
            );
        }
        for tag in ["", "-", "*", "tlh", "e", "d-e"] {
            assert_eq!(Locale::from_tag(tag), None, "{tag}");
        }
    }

    #[test]
    fn a_page_has_the_readers_region_in_its_own_language() {
        use Language::{English, German};
        for (language, given, header, expected) in [
            (German, Some("de"), Some("de-CH, en;q=0.5"), "de-CH"),
            (German, Some("de-AT"), Some("de-CH"), "de-AT"),
            (German, None, Some("fr-CH, de;q=0.8, de-LI;q=0.9"), "de-LI"),
            (English, Some("en"), Some("de-CH"), "en"),
            (English, None, None, "en"),
        ] {
            let locale = Locale::of_page(language, given, header);
            assert_eq!(locale.tag(), expected, "{given:?} {header:?}");
        }
    }

    #[test]
    fn every_row_of_the_table_is_whole() {
        assert!(FORMS.len() >= 60, "{}", FORMS.len());
        for form in FORMS.iter() {
            for pattern in [form.positive, form.negative] {
                assert!(
                    pattern.contains('¤') && pattern.contains('#'),
                    "{}",
                    form.tag
                );
            }
            assert!(form.grouped_from_digits >= 4 && !form.symbols.is_empty());
        }
        for language in Language::ALL {
            assert_eq!(Locale::of(language).tag(), language.tag());
        }
    }
}
