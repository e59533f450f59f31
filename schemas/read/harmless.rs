//! Harmless text that no paid order is refused for: line ends, control characters, blanks around it.

use std::borrow::Cow;

use crate::{json::Json, problem::Flaw};

/// Members whose contents are kept as they are written, but for what no text may hold.
const FREE_NAMES: [&str; 2] = ["metadata", "attributes"];

/// The same value with every string in it cleaned.
pub(super) fn cleaned(value: Json<'_>) -> Json<'_> {
    clean(value, true)
}

fn clean(value: Json<'_>, trims: bool) -> Json<'_> {
    match value {
        Json::String(given) if trims => Json::String(trimmed(text(given))),
        Json::String(given) => Json::String(text(given)),
        Json::List(items) => Json::List(items.into_iter().map(|item| clean(item, trims)).collect()),
        Json::Object(members) => {
            let members = members.into_iter().map(|(name, value)| {
                let trims = trims && !FREE_NAMES.contains(&&*name);
                (name, clean(value, trims))
            });
            Json::Object(members.collect())
        }
        other => other,
    }
}

/// With line feeds for all line ends, and without control characters other than these and tabs.
pub(super) fn text(given: Cow<'_, str>) -> Cow<'_, str> {
    let is_stray = |letter: char| letter.is_control() && letter != '\n' && letter != '\t';
    if !given.contains(is_stray) {
        return given;
    }
    let lines = given.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(lines.replace(is_stray, ""))
}

fn trimmed(given: Cow<'_, str>) -> Cow<'_, str> {
    match given {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

pub(super) fn half_a_pair() -> Flaw {
    Flaw::new(
        "surrogate_replaced",
        "holds half a surrogate pair, for which U+FFFD stands now; send whole characters",
    )
}
