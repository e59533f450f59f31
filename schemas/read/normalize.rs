//! Normalises harmless text, for which no paid order is rejected: line ends, control characters, surrounding whitespace.

use std::borrow::Cow;

use crate::{json::Json, problem::Violation};

/// Members whose contents are kept verbatim, except for characters that no text may contain.
const FREE_NAMES: [&str; 2] = ["metadata", "attributes"];

/// The value, with every string in it normalised.
pub(super) fn normalized(mut value: Json<'_>) -> Json<'_> {
    clean(&mut value, true);
    value
}

fn clean(value: &mut Json<'_>, trims: bool) {
    match value {
        Json::String(given) => {
            normalize_text(given);
            if trims {
                trim(given);
            }
        }
        Json::List(items) => items.iter_mut().for_each(|item| clean(item, trims)),
        Json::Object(members) => {
            for (name, value) in members {
                clean(value, trims && !FREE_NAMES.contains(&&**name));
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Decimal(_) => {}
    }
}

/// Converts line ends to line feeds, and removes control characters other than these and tabs.
pub(super) fn normalize_text(given: &mut Cow<'_, str>) {
    // All control characters are below 0x20, or 0x7F, or begin with 0xC2.
    let may_be_stray = |byte: u8| byte < b' ' || matches!(byte, 0x7F | 0xC2);
    if !given.bytes().any(may_be_stray) {
        return;
    }
    let is_stray = |letter: char| letter.is_control() && letter != '\n' && letter != '\t';
    if given.contains(is_stray) {
        let lines = given.replace("\r\n", "\n").replace('\r', "\n");
        *given = Cow::Owned(lines.replace(is_stray, ""));
    }
}

fn trim(given: &mut Cow<'_, str>) {
    match given {
        Cow::Borrowed(text) => *text = text.trim(),
        Cow::Owned(text) if text.trim().len() == text.len() => {}
        Cow::Owned(text) => *text = text.trim().to_owned(),
    }
}

pub(super) fn lone_surrogate() -> Violation {
    Violation::new(
        "surrogate_replaced",
        "contained half a surrogate pair, which was replaced with U+FFFD: send whole characters",
    )
}
