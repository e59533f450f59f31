//! In which language a buyer reads the checkout.
//!
//! Promises: `?lang=` goes before the browser's languages, and English is what remains. Must not remember a choice: the
//! pages carry it on.

use buywire_checkout::address::Language;
use buywire_checkout::locale::preferred;
use buywire_schemas::text::parse_country;

/// Languages of a header that are read at most: browsers send ten.
const RANGES_MAX: usize = 20;

/// The language of a page: from the query's `lang`, else from `Accept-Language`.
#[must_use]
pub(crate) fn choose_language(lang: Option<&str>, accept_language: Option<&str>) -> Language {
    lang.and_then(Language::from_tag)
        .or_else(|| accept_language.and_then(|header| preferred(header, Language::from_tag)))
        .unwrap_or(Language::English)
}

/// The country that a browser's languages name first, such as Austria in `de-AT`; else where most readers of the language
/// live. It is a guess that a buyer corrects.
#[must_use]
pub(crate) fn guess_country(language: Language, accept_language: Option<&str>) -> String {
    let ranges = accept_language.unwrap_or_default().split(',');
    let mut countries = ranges.take(RANGES_MAX).filter_map(|range| {
        let tag = range.split(';').next()?.trim();
        let region = tag.split(['-', '_']).next_back()?.to_ascii_uppercase();
        (tag.len() > region.len()).then_some(())?;
        parse_country(&region).ok()
    });
    let usual = match language {
        Language::English => "US",
        Language::French => "FR",
        Language::German => "DE",
        Language::Spanish => "ES",
        Language::Dutch => "NL",
    };
    countries.next().unwrap_or_else(|| usual.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_goes_before_the_browser_and_english_remains() {
        use Language::{Dutch, English, French, German, Spanish};
        for (lang, header, expected) in [
            (Some("de"), Some("fr"), German),
            (Some("xx"), Some("fr"), French),
            (Some(""), None, English),
            (
                None,
                Some("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5"),
                French,
            ),
            (None, Some("pt-BR, es;q=0.4, nl;q=0.6"), Dutch),
            (None, Some("de;q=0, es"), Spanish),
            (None, Some("de;q=0"), English),
            (None, Some("DE-at ; q=1.000"), German),
            (None, Some("de;q=2, nl;q=x, fr;q=0.0001"), English),
            (None, Some("en, de"), English),
            (None, Some("*"), English),
            (None, Some(";;,,=;q="), English),
            (None, None, English),
        ] {
            assert_eq!(
                choose_language(lang, header),
                expected,
                "{lang:?} {header:?}"
            );
        }
    }

    #[test]
    fn a_country_is_guessed_from_the_browser() {
        for (language, header, country) in [
            (Language::German, Some("de-AT,de;q=0.9"), "AT"),
            (Language::French, Some("fr, en-CA;q=0.8"), "CA"),
            (Language::English, Some("zh-Hans, en"), "US"),
            (Language::Dutch, Some("de, at"), "NL"),
            (Language::Spanish, None, "ES"),
        ] {
            assert_eq!(guess_country(language, header), country, "{header:?}");
        }
    }
}
