//! Files whose headers and values are in the shop's language: a table of names and words a language.
//!
//! The header decides: a file is of the language that has most of its names. Promises: where two languages have as
//! many, none is chosen; a value that the table lacks is reported, not translated. Must not hold a word that one
//! shop writes for one thing and another shop for another.

mod cs;
mod de;
mod es;
mod fr;
mod it;
mod nl;
mod pl;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::channels::meta::UNIQUE_NAMES;
use super::flat::{Field, FlatFormat, Vocabulary, Words, names};
use super::format::Confidence;
use super::sample::Sample;
use super::shops::woocommerce::WooCommerce;

/// The names that a header must have in one language.
const NAMES_MIN: usize = 3;

/// The formats of one language.
#[derive(Debug)]
pub(super) struct Localised {
    pub google: FlatFormat,
    pub meta: FlatFormat,
    pub woocommerce: WooCommerce,
}

macro_rules! languages {
    ($($name:ident $vocabulary:ident $tables:ident $code:literal $language:literal)*) => {
        $(
            static $vocabulary: Vocabulary = vocabulary($tables::NAMES, $tables::WORDS);

            #[doc = concat!($language, " files.")]
            pub(super) static $name: Localised = Localised {
                google: google(
                    concat!("google_", $code),
                    concat!("Google Merchant Center, ", $language),
                    &$vocabulary,
                ),
                meta: meta(
                    concat!("meta_", $code),
                    concat!("Meta catalog, ", $language),
                    &$vocabulary,
                ),
                woocommerce: WooCommerce {
                    name: concat!("woocommerce_", $code),
                    title: concat!("WooCommerce product export, ", $language, " (CSV)"),
                    translations: $tables::EXPORT,
                },
            };
        )*

        static VOCABULARIES: &[&Vocabulary] = &[$(&$vocabulary),*];
    };
}

languages! {
    CS CS_VOCABULARY cs "cs" "Czech"
    DE DE_VOCABULARY de "de" "German"
    ES ES_VOCABULARY es "es" "Spanish"
    FR FR_VOCABULARY fr "fr" "French"
    IT IT_VOCABULARY it "it" "Italian"
    NL NL_VOCABULARY nl "nl" "Dutch"
    PL PL_VOCABULARY pl "pl" "Polish"
}

/// The fields of each language's names, without those that English feeds have too.
static FIELDS: LazyLock<Vec<HashMap<String, Field>>> = LazyLock::new(|| {
    let fields = |vocabulary: &&Vocabulary| {
        let lines = vocabulary.names.iter();
        let words = lines.flat_map(|(field, line)| line.split(' ').map(|word| (*field, word)));
        let own = words.filter(|(_, word)| names::field(word).is_none());
        own.map(|(field, word)| (names::fold(word), field))
            .collect()
    };
    VOCABULARIES.iter().map(fields).collect()
});

/// Whether a table's header is in this vocabulary's language.
fn is_language_of(vocabulary: &Vocabulary, sample: &Sample<'_>) -> bool {
    if !sample.is_table() {
        return false;
    }
    let folded: Vec<_> = sample.names().map(names::fold).collect();
    let count = |fields: &HashMap<String, Field>| {
        let matching = folded.iter().filter(|name| fields.contains_key(*name));
        matching.count()
    };
    let counts: Vec<_> = FIELDS.iter().map(count).collect();
    let Some(at) = VOCABULARIES
        .iter()
        .position(|one| std::ptr::eq(*one, vocabulary))
    else {
        return false;
    };
    let (Some(own), Some(fields)) = (counts.get(at).copied(), FIELDS.get(at)) else {
        return false;
    };
    let mut others = counts.iter().enumerate().filter(|(other, _)| *other != at);
    let is_best = own >= NAMES_MIN && others.all(|(_, count)| *count < own);
    let has_own = |field: Field| {
        let is_own = |name: &String| fields.get(name) == Some(&field);
        folded.iter().any(is_own)
    };
    let has = |field: Field| sample.has_field(field) || has_own(field);
    let has_page = has(Field::Url) || has(Field::Image);
    is_best && has_own(Field::Title) && has_page && (has(Field::Price) || has(Field::Availability))
}

const fn vocabulary(
    names: &'static [(Field, &'static str)],
    words: &'static [(Field, Words)],
) -> Vocabulary {
    Vocabulary {
        names,
        words,
        is_language_of: Some(is_language_of),
        ..Vocabulary::COMMON
    }
}

const fn google(
    name: &'static str,
    title: &'static str,
    vocabulary: &'static Vocabulary,
) -> FlatFormat {
    FlatFormat {
        name,
        title,
        unique_names: &[],
        default_confidence: Confidence::No,
        required: &["id", "title", "link", "image_link", "price"],
        stock_only: false,
        vocabulary,
    }
}

const fn meta(
    name: &'static str,
    title: &'static str,
    vocabulary: &'static Vocabulary,
) -> FlatFormat {
    FlatFormat {
        unique_names: UNIQUE_NAMES,
        ..google(name, title, vocabulary)
    }
}
