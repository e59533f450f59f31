//! The countries' names, each list in its language's own order.
//!
//! Promises: every list has the countries that an order accepts.
//! Must not sort: the lists were sorted when they were generated.

use std::sync::LazyLock;

use super::{cleaning::fold, language::Language, table};

type Names = Vec<(&'static str, &'static str)>;

static NAMES: LazyLock<[Names; 5]> = LazyLock::new(|| {
    let lists = [
        include_str!("data/country_names.en.tsv"),
        include_str!("data/country_names.fr.tsv"),
        include_str!("data/country_names.de.tsv"),
        include_str!("data/country_names.es.tsv"),
        include_str!("data/country_names.nl.tsv"),
    ];
    lists.map(|list| table::rows(list).map(|[code, name]| (code, name)).collect())
});

/// All countries as (code, name), for the country's select.
#[must_use]
pub fn country_names(language: Language) -> &'static [(&'static str, &'static str)] {
    NAMES
        .get(language as usize)
        .map_or(&[], |names| names.as_slice())
}

/// The name of the country with this code.
#[must_use]
pub fn country_name(country: &str, language: Language) -> Option<&'static str> {
    let mut names = country_names(language).iter();
    names
        .find(|(code, _)| *code == country)
        .map(|(_, name)| *name)
}

/// Whether the text is the country's name in one of our languages.
pub(super) fn is_name_of(text: &str, country: &str) -> bool {
    let folded = fold(text);
    let mut names = Language::ALL
        .into_iter()
        .filter_map(|language| country_name(country, language));
    names.any(|name| fold(name) == folded)
}
