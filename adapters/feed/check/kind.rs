//! Closed lists of words: condition, age group, gender, and yes or no.
//!
//! Words are English in every format. One that is unknown is kept among the attributes, and the
//! most careful reading counts: used, for adults, not for sale.

use buywire_schemas::catalog::Condition;

use super::notes::Notes;
use crate::feed::draft::Said;

/// What yes-or-no words mean.
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

/// Reads yes or no; `careful` counts when it is neither.
pub(super) fn yes(told: Option<Said>, absent: bool, careful: bool, notes: &mut Notes) -> bool {
    let Some(said) = told else {
        return absent;
    };
    match flag(&said.text) {
        Flag::Yes => true,
        Flag::No => false,
        Flag::Unclear => {
            notes.keep(said);
            careful
        }
    }
}

/// The condition; new when nothing is said.
pub(super) fn condition(told: Option<Said>, notes: &mut Notes) -> Condition {
    let Some(said) = told else {
        return Condition::New;
    };
    match word(&said.text).as_str() {
        "" | "new" | "newcondition" => Condition::New,
        "refurbished" | "refurbishedcondition" | "cpo" | "certified_refurbished" => {
            Condition::Refurbished
        }
        "used" | "usedcondition" | "damagedcondition" | "used_like_new" | "used_good"
        | "used_fair" | "open_box_new" => Condition::Used,
        _ => {
            notes.keep(said);
            Condition::Used
        }
    }
}

/// For what age.
pub(super) fn age_group(told: Option<Said>, notes: &mut Notes) -> Option<String> {
    let known = [
        "newborn", "infant", "toddler", "kids", "teen", "adult", "all_ages",
    ];
    one_of(told?, &known, notes)
}

/// For whom.
pub(super) fn gender(told: Option<Said>, notes: &mut Notes) -> Option<String> {
    one_of(told?, &["male", "female", "unisex"], notes)
}

fn one_of(said: Said, known: &[&str], notes: &mut Notes) -> Option<String> {
    let word = word(&said.text);
    if word.is_empty() || known.contains(&word.as_str()) {
        return Some(word).filter(|word| !word.is_empty());
    }
    notes.keep(said);
    None
}

/// In small letters, blanks and hyphens as underscores, without schema.org's address.
fn word(text: &str) -> String {
    let text = text.trim();
    let word = text
        .rsplit_once("schema.org/")
        .map_or(text, |(_, word)| word);
    word.to_ascii_lowercase().replace([' ', '-'], "_")
}
