//! Who may buy from a post: by percent, country, platform and language.
//!
//! Promises: the same viewer gets the same answer everywhere and always; raising
//! the percentage never takes a post away from anyone; an unknown property of a
//! viewer does not match. Must not know a viewer's name: the id is opaque.

use serde::{Deserialize, Serialize};

use crate::problem::Violation;

/// Steps in 100 percent.
const STEPS: u32 = 10_000;

/// The rollout of one post. An empty list matches everyone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rollout {
    /// From 0 to 100, in steps of 0.01.
    pub percent: f64,
    /// ISO 3166-1 alpha-2, in upper case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// Such as `ios`, `android`, `web`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub platforms: Vec<String>,
    /// ISO 639-1, in lower case: `en` also matches `en-GB`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
}

impl Default for Rollout {
    /// Every viewer.
    fn default() -> Self {
        Self {
            percent: 100.0,
            countries: Vec::new(),
            platforms: Vec::new(),
            languages: Vec::new(),
        }
    }
}

/// What is known about a viewer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Viewer<'a> {
    /// Opaque and stable. Never an IP address.
    pub id: Option<&'a str>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<&'a str>,
    /// A platform, such as `ios`.
    pub platform: Option<&'a str>,
    /// A language tag.
    pub language: Option<&'a str>,
}

impl Rollout {
    /// Rejects an invalid rollout.
    ///
    /// # Errors
    /// Names the field and the accepted values.
    pub fn check(&self) -> Result<(), (&'static str, Violation)> {
        if !(0.0..=100.0).contains(&self.percent) {
            return Err((
                "percent",
                Violation::new("percent_out_of_range", "must be a number from 0 to 100"),
            ));
        }
        let countries = |one: &String| crate::text::parse_country(one).is_ok();
        if !self.countries.iter().all(countries) {
            return Err((
                "countries",
                Violation::new(
                    "country_unknown",
                    "must be two-letter ISO 3166-1 codes in upper case, such as US",
                ),
            ));
        }
        let lists = [
            ("platforms", &self.platforms),
            ("languages", &self.languages),
        ];
        for (field, list) in lists {
            let is_word = |one: &String| {
                (1..=16).contains(&one.len())
                    && one
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            };
            if list.len() > 64 || !list.iter().all(is_word) {
                return Err((
                    field,
                    Violation::new(
                        "word_malformed",
                        "must be at most 64 words of 1 to 16 lower-case letters or hyphens, such as ios or en",
                    ),
                ));
            }
        }
        Ok(())
    }

    /// Whether this viewer may buy from the post named `group`.
    #[must_use]
    pub fn allows(&self, group: &str, viewer: &Viewer<'_>) -> bool {
        list_allows(&self.countries, viewer.country, |one, given| {
            one.eq_ignore_ascii_case(given)
        }) && list_allows(&self.platforms, viewer.platform, |one, given| {
            one.eq_ignore_ascii_case(given)
        }) && list_allows(&self.languages, viewer.language, matches_language)
            && self.is_in_percentage(group, viewer.id)
    }

    fn is_in_percentage(&self, group: &str, id: Option<&str>) -> bool {
        if self.percent >= 100.0 {
            return true;
        }
        let Some(id) = id.filter(|id| !id.is_empty()) else {
            return false;
        };
        let steps = f64::from(STEPS) / 100.0;
        f64::from(bucket(group, id, STEPS)) <= (self.percent * steps).round()
    }
}

fn list_allows(list: &[String], given: Option<&str>, fits: impl Fn(&str, &str) -> bool) -> bool {
    list.is_empty() || given.is_some_and(|given| list.iter().any(|one| fits(one, given)))
}

/// RFC 4647, extended filtering: `en` matches `en-GB` and `EN_us`, and `zh-tw` matches `zh-Hant-TW`. Operating systems
/// write underscores.
fn matches_language(one: &str, given: &str) -> bool {
    let mut subtags = given.split(['-', '_']).enumerate();
    one.split('-').all(|part| {
        let found = subtags.find(|(at, subtag)| {
            // The first must be the language; a single letter begins an extension.
            part.eq_ignore_ascii_case(subtag) || *at == 0 || subtag.len() == 1
        });
        found.is_some_and(|(_, subtag)| part.eq_ignore_ascii_case(subtag))
    })
}

/// The bucket of an id within a group, from 1 to `of`: murmur3 of `group:id`, as Unleash's gradual
/// rollout computes it (github Unleash/client-specification).
#[must_use]
pub fn bucket(group: &str, id: &str, of: u32) -> u32 {
    let mut named = std::io::Cursor::new(format!("{group}:{id}"));
    // Reading from memory does not fail. An id in bucket `of` is the last to be included.
    murmur3::murmur3_32(&mut named, 0).map_or(of, |hash| hash % of.max(1) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(percent: f64) -> Rollout {
        Rollout {
            percent,
            ..Rollout::default()
        }
    }

    #[test]
    fn ids_fall_into_the_buckets_that_others_give_them() {
        for (id, expected) in [("122", 23), ("155", 100), ("123", 51)] {
            assert_eq!(bucket("AB12A", id, 100), expected, "{id}");
        }
    }

    #[test]
    fn raising_the_percentage_takes_nothing_away() {
        for viewer in 0..2_000 {
            let id = viewer.to_string();
            let viewer = Viewer {
                id: Some(&id),
                ..Viewer::default()
            };
            let mut had = false;
            for percent in [0.0, 0.01, 1.0, 5.0, 33.3, 50.0, 99.99, 100.0] {
                let has = at(percent).allows("pst_1", &viewer);
                assert!(has || !had, "{id} at {percent}");
                had = has;
            }
            assert!(had);
        }
    }

    #[test]
    fn a_percentage_is_kept_within_a_fifth_of_a_point() {
        for percent in [0.0, 0.5, 5.0, 25.0, 50.0, 75.5, 100.0] {
            let rule = at(percent);
            let allowed = (0..200_000).filter(|viewer| {
                let id = format!("viewer-{viewer}");
                rule.allows(
                    "pst_1",
                    &Viewer {
                        id: Some(&id),
                        ..Viewer::default()
                    },
                )
            });
            let observed = f64::from(u32::try_from(allowed.count()).unwrap()) / 2_000.0;
            assert!((observed - percent).abs() <= 0.2, "{percent}: {observed}");
        }
    }

    #[test]
    fn what_is_not_known_counts_against_a_viewer() {
        let everybody = Rollout::default();
        assert!(everybody.allows("pst_1", &Viewer::default()));
        assert!(!at(99.0).allows("pst_1", &Viewer::default()));
        let french = Rollout {
            countries: vec!["FR".into(), "BE".into()],
            languages: vec!["fr".into()],
            platforms: vec!["ios".into()],
            ..Rollout::default()
        };
        let existing = Viewer {
            id: None,
            country: Some("fr"),
            platform: Some("iOS"),
            language: Some("fr-BE"),
        };
        assert!(french.allows("pst_1", &existing));
        for unknown in [
            Viewer {
                country: None,
                ..existing
            },
            Viewer {
                platform: None,
                ..existing
            },
            Viewer {
                language: None,
                ..existing
            },
            Viewer {
                country: Some("DE"),
                ..existing
            },
            Viewer {
                language: Some("en"),
                ..existing
            },
        ] {
            assert!(!french.allows("pst_1", &unknown), "{unknown:?}");
        }
    }

    #[test]
    fn a_language_matches_with_whatever_stands_behind_it() {
        for (one, given, is_allowed) in [
            ("en", "EN_us", true),
            ("pt-br", "pt_BR", true),
            ("pt-br", "pt-PT", false),
            ("pt-br", "pt", false),
            ("zh-tw", "zh-Hant-TW", true),
            ("zh-hant", "zh-Hant-TW", true),
            ("zh-hans", "zh-Hant-TW", false),
            ("de-de", "de-Latn-DE-1996", true),
            ("de-de", "de-x-DE", false),
            ("de", "x-de", false),
            ("fr", "frr", false),
            ("fr", "", false),
        ] {
            assert_eq!(matches_language(one, given), is_allowed, "{one} {given}");
        }
    }

    #[test]
    fn a_rule_that_means_nothing_is_refused() {
        let field = |rule: Rollout| rule.check().unwrap_err().0;
        assert_eq!(field(at(100.1)), "percent");
        assert_eq!(field(at(f64::NAN)), "percent");
        assert_eq!(
            field(Rollout {
                countries: vec!["us".into()],
                ..Rollout::default()
            }),
            "countries"
        );
        assert_eq!(
            field(Rollout {
                languages: vec!["English".into()],
                ..Rollout::default()
            }),
            "languages"
        );
        assert!(
            Rollout {
                countries: vec!["US".into()],
                ..at(5.0)
            }
            .check()
            .is_ok()
        );
    }
}
