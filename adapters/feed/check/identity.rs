//! What an item is called by machines: its id, its group, its makers' numbers.

use buywire_schemas::catalog::issue::Code;

use super::kind::{Flag, flag};
use super::notes::Notes;
use super::rules::Rules;
use super::text::{Form, clean, is_placeholder};
use super::{gtin, guard};
use crate::feed::draft::{Draft, Said};

/// The longest id of an item or a group.
const ID_CHARS_MAX: usize = 128;
/// Longer ones are refused elsewhere.
const ID_CHARS_USUAL: usize = 50;
/// Of brands and makers' numbers.
const NAME_CHARS_MAX: usize = 70;
/// Of the merchant's own.
const SKU_CHARS_MAX: usize = 100;

/// An id as it is compared: without the blanks and the marks of a spreadsheet around it.
#[must_use]
pub fn plain_id(text: &str) -> &str {
    let text = text.trim();
    guard::without(text).unwrap_or(text)
}

/// The item's id. It is compared letter by letter for ever, so nothing in it is changed but what stands around
/// it.
pub(super) fn id(told: Option<Said>, notes: &mut Notes) -> Option<String> {
    let Some(mut said) = told.filter(|said| !said.text.trim().is_empty()) else {
        notes.raise_missing(Code::IdMissing, "id");
        return None;
    };
    trim(&mut said.text);
    if let Some(text) = guard::without(&said.text).map(str::to_owned) {
        notes.raise(Code::SpreadsheetGuard, &said);
        said.text = text;
    }
    match length(&said.text) {
        _ if has_bad_chars(&said.text) => notes.raise(Code::IdBadChars, &said),
        _ if is_placeholder(&said.text) || is_rounded(&said.text) => {
            notes.raise(Code::IdPlaceholder, &said);
        }
        length if length > ID_CHARS_MAX => notes.raise(Code::IdTooLong, &said),
        length => {
            if length > ID_CHARS_USUAL {
                notes.raise(Code::IdLong, &said);
            }
            return Some(said.text);
        }
    }
    None
}

/// Whether a spreadsheet has rounded it: `1.23457E+12`.
fn is_rounded(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let Some((mantissa, exponent)) = text.split_once("E+") else {
        return false;
    };
    let decimals = mantissa.split_once(['.', ',']);
    digits(exponent)
        && decimals.is_some_and(|(whole, rest)| whole.len() == 1 && digits(whole) && digits(rest))
}

/// The same for a number that nobody is told of: its id is, which is nearly always the same.
fn unguarded(mut said: Said) -> Said {
    if let Some(text) = guard::without(said.text.trim()) {
        said.text = text.to_owned();
    }
    said
}

/// What the variants of a product share; one that cannot be used is none.
pub(super) fn group(told: Option<Said>, notes: &mut Notes) -> Option<String> {
    let mut said = told.filter(|said| !said.text.trim().is_empty())?;
    trim(&mut said.text);
    if let Some(text) = guard::without(&said.text) {
        said.text = text.to_owned();
    }
    if has_bad_chars(&said.text) || length(&said.text) > ID_CHARS_MAX {
        notes.raise(Code::GroupIdInvalid, &said);
        return None;
    }
    Some(said.text)
}

fn trim(text: &mut String) {
    let trimmed = text.trim();
    if trimmed.len() < text.len() {
        *text = trimmed.to_owned();
    }
}

fn length(text: &str) -> usize {
    // Bytes bound characters from above.
    if text.len() <= ID_CHARS_USUAL {
        text.len()
    } else {
        text.chars().count()
    }
}

/// Controls, blanks other than the plain one, and what makes two ids look alike.
fn has_bad_chars(text: &str) -> bool {
    let bad = |letter: char| match letter {
        ' ' => false,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' => true,
        '\u{feff}' | '\u{fffd}'..='\u{ffff}' => true,
        _ => letter.is_control() || letter.is_whitespace(),
    };
    text.contains(bad)
}

/// Makers and their numbers.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub brand: Option<String>,
    pub gtins: Vec<String>,
    pub mpn: Option<String>,
    pub sku: Option<String>,
}

/// Brings the numbers and what is said about them together.
pub(super) fn made(draft: &mut Draft, rules: &Rules, notes: &mut Notes) -> Made {
    let made = Made {
        brand: draft
            .brand
            .take()
            .and_then(|said| clean(said, Form::line(NAME_CHARS_MAX), notes)),
        gtins: gtin::gtins(&draft.gtins, notes),
        mpn: draft
            .mpn
            .take()
            .and_then(|said| clean(said, Form::line(NAME_CHARS_MAX), notes)),
        sku: draft
            .sku
            .take()
            .map(unguarded)
            .and_then(|said| clean(said, Form::line(SKU_CHARS_MAX), notes)),
    };
    let denied = draft
        .identifier_exists
        .as_ref()
        .map(|said| (said, flag(&said.text)));
    match denied {
        Some((said, Flag::No)) if !made.gtins.is_empty() || made.mpn.is_some() => {
            notes.raise(Code::IdentifierConflict, said);
        }
        Some((_, Flag::No)) => {}
        _ if rules.brand_expected && made.brand.is_none() && made.gtins.is_empty() => {
            notes.raise_missing(Code::BrandMissing, "brand");
        }
        _ => {}
    }
    made
}
