//! What can be wrong with a feed or an item: one vocabulary for all formats.
//!
//! A [`Code`] is stable, and has one severity and one help text that says what
//! to do. An [`Issue`] is one finding in the partner's own terms: its row,
//! the attribute's name as the feed spells it, and the value.

mod code;
mod formats;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use self::code::Code;
pub use self::formats::{FORMAT_NAMES, FORMAT_OPTION_HELP};

/// Characters kept of a value.
pub const EXCERPT_CHARS_MAX: usize = 200;

/// The severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The item, or the whole run, is rejected.
    Error,
    /// The item is accepted, perhaps with changes.
    Warning,
    /// For information only.
    Info,
}

/// What a code concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The whole run.
    Run,
    /// One item, or one row that should have been one.
    Item,
}

/// A text that is not a known code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a known finding code")]
pub struct UnknownCode;

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let mut codes = Self::ALL.iter().copied();
        codes.find(|code| code.as_str() == text).ok_or(UnknownCode)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issue {
    /// The finding's code.
    pub code: Code,
    /// The attribute's name in the feed, such as `g:price` or `Variant Price`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// The row as a spreadsheet counts it, the line where the item begins, or the item's number if several
    /// begin on one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// The item's id, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<String>,
    /// At most 200 characters of the value. Never a credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl Issue {
    /// A finding with nothing but its code.
    #[must_use]
    pub const fn new(code: Code) -> Self {
        Self {
            code,
            attribute: None,
            row: None,
            item_id: None,
            value: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_has_a_name_of_its_own_and_reads_back() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            let json = serde_json::to_string(code).unwrap();
            assert_eq!(json, format!("\"{code}\""));
            assert_eq!(serde_json::from_str::<Code>(&json).unwrap(), *code);
            let snake = |letter: u8| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'_');
            assert!(code.as_str().bytes().all(snake), "{code}");
        }
        assert!("price".parse::<Code>().is_err());
    }

    #[test]
    fn every_help_is_sentences_of_its_own() {
        let helps: BTreeSet<_> = Code::ALL.iter().map(|code| code.help()).collect();
        assert_eq!(helps.len(), Code::ALL.len());
        for code in Code::ALL {
            let help = code.help();
            // One help text names all formats.
            let has_list = *code == Code::FormatUnknown;
            assert!(
                help.ends_with('.') && (help.len() <= 200 || has_list),
                "{code}: {help}"
            );
            assert!(help.starts_with(char::is_uppercase), "{code}: {help}");
        }
    }

    #[test]
    fn run_level_codes_come_first() {
        assert!(Code::ALL.is_sorted_by_key(|code| code.scope() == Scope::Item));
    }
}
