//! What the platform says of a viewer, in URLs and as a checkout keeps it.
//!
//! Promises: the parameters have the same names on the timeline and on every page; a blank one says nothing; `Debug`
//! shows nothing of a person. Must not guess what was not given.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::rollout::Viewer;

const ID: &str = "viewer";
const COUNTRY: &str = "country";
const PLATFORM: &str = "platform";
const LANGUAGE: &str = "lang";

/// What is given of a viewer. The fields are those of [`Viewer`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ViewerDetails {
    /// Opaque and stable. Never an IP address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// A platform, such as `ios`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// A language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl fmt::Debug for ViewerDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ViewerDetails")
    }
}

impl ViewerDetails {
    /// Of a viewer of whom nothing is given.
    pub const UNKNOWN: Self = Self {
        id: None,
        country: None,
        platform: None,
        language: None,
    };

    /// Reads the parameters of a URL. Of one that comes twice the first counts; others are ignored.
    #[must_use]
    pub fn from_parameters<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        let mut details = Self::default();
        for (name, value) in pairs {
            let value = value.as_ref();
            let slot = match name.as_ref() {
                ID => &mut details.id,
                COUNTRY => &mut details.country,
                PLATFORM => &mut details.platform,
                LANGUAGE => &mut details.language,
                _ => continue,
            };
            if slot.is_none() && !value.trim().is_empty() {
                *slot = Some(value.to_owned());
            }
        }
        details
    }

    /// What rollouts compare.
    #[must_use]
    pub fn viewer(&self) -> Viewer<'_> {
        Viewer {
            id: self.id.as_deref(),
            country: self.country.as_deref(),
            platform: self.platform.as_deref(),
            language: self.language.as_deref(),
        }
    }

    /// Whether nothing was given.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        *self == Self::UNKNOWN
    }
}

impl<'a> Viewer<'a> {
    /// The parameters by which a URL carries the viewer on, as far as it is known.
    pub fn parameters(self) -> impl Iterator<Item = (&'static str, &'a str)> {
        let all = [
            (ID, self.id),
            (COUNTRY, self.country),
            (PLATFORM, self.platform),
            (LANGUAGE, self.language),
        ];
        all.into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_as_they_are_written() {
        let pairs = [
            ("utm_source", "x"),
            ("viewer", "v 1"),
            ("country", "FR"),
            ("platform", " "),
            ("lang", "fr-BE"),
            ("viewer", "other"),
        ];
        let details = ViewerDetails::from_parameters(pairs);
        let written: Vec<_> = details.viewer().parameters().collect();
        assert_eq!(
            written,
            [("viewer", "v 1"), ("country", "FR"), ("lang", "fr-BE")]
        );
        assert_eq!(ViewerDetails::from_parameters(written), details);
        assert!(ViewerDetails::from_parameters([("v", "3"), ("lang", "")]).is_unknown());
        assert!(!format!("{details:?}").contains("v 1"));
    }
}
