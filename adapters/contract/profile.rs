//! The facts about a dialect, kept as data beside its code.
//!
//! Promises: a file that cannot be read gives an empty profile, which the conformance suite refuses. Must not hold
//! anything that code decides.

use buywire_schemas::event::EventType;
use serde::Deserialize;

/// Facts about a dialect, kept as data beside its code.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The partner's or protocol's name, for people.
    pub title: String,
    /// One sentence for `buywire adapter list`.
    pub summary: String,
    /// The https address of its public documentation.
    pub documentation: String,
    /// The `content-type` of every request.
    pub content_type: String,
    /// Patterns of the events it can render, such as `order.*`.
    pub events: Vec<String>,
    /// The settings that it reads, in the order of a form.
    #[serde(default)]
    pub settings: Vec<SettingProfile>,
}

/// A setting that a dialect reads.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingProfile {
    /// The member of the settings.
    pub name: String,
    /// The name for people.
    pub label: String,
    /// What it holds.
    pub kind: SettingKind,
    /// What to enter, and what happens without it.
    pub help: String,
    /// The values of a choice.
    #[serde(default)]
    pub choices: Vec<String>,
}

/// What a setting holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingKind {
    /// A line of text.
    Text,
    /// True or false.
    Flag,
    /// One of several texts.
    Choice,
    /// A text of several lines, such as a template.
    Template,
    /// A JSON value.
    Json,
}

impl Profile {
    /// Parses a `profile.json`.
    ///
    /// The file is compiled in, and the conformance suite refuses one that does not parse or is incomplete, so a build
    /// that passed its tests has no empty profile.
    #[must_use]
    pub fn parse(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    /// Whether the dialect can render events of this type.
    #[must_use]
    pub fn supports(&self, kind: EventType) -> bool {
        self.events.iter().any(|pattern| kind.matches(pattern))
    }
}

/// Implements `Adapter::name` and `Adapter::profile`, with the `profile.json` beside the file that uses it.
macro_rules! name_and_profile {
    ($name:literal) => {
        fn name(&self) -> &'static str {
            $name
        }

        fn profile(&self) -> &'static $crate::contract::Profile {
            static PROFILE: ::std::sync::LazyLock<$crate::contract::Profile> =
                ::std::sync::LazyLock::new(|| {
                    $crate::contract::Profile::parse(include_str!("profile.json"))
                });
            &PROFILE
        }
    };
}
pub(crate) use name_and_profile;
