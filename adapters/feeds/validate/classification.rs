//! Closed lists of values: condition, age group, gender, and yes or no.
//!
//! Values are English in every format. An unknown one is kept among the attributes, and the
//! most cautious reading counts: used, for adults, not for sale.

use buywire_schemas::catalog::Condition;

use super::findings::FindingsBuilder;
use crate::draft::RawField;

/// The meaning of yes-or-no values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flag {
    Yes,
    No,
    Unclear,
}

/// Reads yes or no.
pub(super) fn flag(text: &str) -> Flag {
    let is_one_of = |words: &[&str]| {
        words
            .iter()
            .any(|word| text.trim().eq_ignore_ascii_case(word))
    };
    if is_one_of(&["yes", "true", "1", "y", "on"]) {
        return Flag::Yes;
    }
    if is_one_of(&["no", "false", "0", "n", "off", ""]) {
        return Flag::No;
    }
    Flag::Unclear
}

/// Reads yes or no. `careful` counts if it is neither.
pub(super) fn read_flag(
    input: Option<RawField>,
    if_absent: bool,
    fallback: bool,
    findings: &mut FindingsBuilder,
) -> bool {
    let Some(raw) = input else {
        return if_absent;
    };
    match flag(&raw.text) {
        Flag::Yes => true,
        Flag::No => false,
        Flag::Unclear => {
            findings.retain_unknown(raw);
            fallback
        }
    }
}

/// The condition. New if none is given.
pub(super) fn condition(input: Option<RawField>, findings: &mut FindingsBuilder) -> Condition {
    let Some(raw) = input else {
        return Condition::New;
    };
    match normalize(&raw.text).as_str() {
        "" | "new" | "newcondition" => Condition::New,
        "refurbished" | "refurbishedcondition" | "cpo" | "certified_refurbished" => {
            Condition::Refurbished
        }
        "used" | "usedcondition" | "damagedcondition" | "used_like_new" | "used_good"
        | "used_fair" | "open_box_new" => Condition::Used,
        _ => {
            findings.retain_unknown(raw);
            Condition::Used
        }
    }
}

/// For what age.
pub(super) fn age_group(input: Option<RawField>, findings: &mut FindingsBuilder) -> Option<String> {
    let allowed = [
        "newborn", "infant", "toddler", "kids", "teen", "adult", "all_ages",
    ];
    one_of(input?, &allowed, findings)
}

/// For whom.
pub(super) fn gender(input: Option<RawField>, findings: &mut FindingsBuilder) -> Option<String> {
    one_of(input?, &["male", "female", "unisex"], findings)
}

fn one_of(raw: RawField, allowed: &[&str], findings: &mut FindingsBuilder) -> Option<String> {
    let value = normalize(&raw.text);
    if value.is_empty() || allowed.contains(&value.as_str()) {
        return Some(value).filter(|word| !word.is_empty());
    }
    findings.retain_unknown(raw);
    None
}

/// Lower case, with underscores for spaces and hyphens, without schema.org's URL.
fn normalize(text: &str) -> String {
    let text = text.trim();
    let name = text
        .rsplit_once("schema.org/")
        .map_or(text, |(_, word)| word);
    name.to_ascii_lowercase().replace([' ', '-'], "_")
}
