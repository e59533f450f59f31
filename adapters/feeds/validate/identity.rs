//! The identifiers of an item: id, group, and the manufacturer's numbers.

use buywire_schemas::catalog::issue::Code;

use super::classification::{Flag, flag};
use super::findings::FindingsBuilder;
use super::rules::Rules;
use super::text::spreadsheet_guard;
use super::text::{TextRules, clean, is_placeholder};
use super::values::gtin;
use crate::draft::{Draft, RawField};

/// The longest id of an item or a group.
const ID_CHARS_MAX: usize = 128;
/// Other channels reject longer ids.
const ID_CHARS_USUAL: usize = 50;
/// Characters of brands and part numbers.
const NAME_CHARS_MAX: usize = 70;
/// Characters of SKUs.
const SKU_CHARS_MAX: usize = 100;

/// An id as compared: without surrounding whitespace and spreadsheet artifacts.
#[must_use]
pub fn plain_id(text: &str) -> &str {
    let text = text.trim();
    spreadsheet_guard::strip_guard(text).unwrap_or(text)
}

/// The item's id. It is compared exactly, so only whitespace and artifacts around it are
/// removed.
pub(super) fn id(input: Option<RawField>, findings: &mut FindingsBuilder) -> Option<String> {
    let Some(mut raw) = input.filter(|raw| !raw.text.trim().is_empty()) else {
        findings.raise_missing(Code::IdMissing, "id");
        return None;
    };
    trim(&mut raw.text);
    if let Some(text) = spreadsheet_guard::strip_guard(&raw.text).map(str::to_owned) {
        findings.raise(Code::SpreadsheetGuard, &raw);
        raw.text = text;
    }
    match length(&raw.text) {
        _ if has_bad_chars(&raw.text) => findings.raise(Code::IdBadChars, &raw),
        _ if is_placeholder(&raw.text) || is_rounded(&raw.text) => {
            findings.raise(Code::IdPlaceholder, &raw);
        }
        length if length > ID_CHARS_MAX => findings.raise(Code::IdTooLong, &raw),
        length => {
            if length > ID_CHARS_USUAL {
                findings.raise(Code::IdLong, &raw);
            }
            return Some(raw.text);
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

/// The same for a number, without a finding: the id has it, and is almost always the same.
fn without_guard(mut raw: RawField) -> RawField {
    if let Some(text) = spreadsheet_guard::strip_guard(raw.text.trim()) {
        raw.text = text.to_owned();
    }
    raw
}

/// The group id of variants. An invalid one is dropped.
pub(super) fn group(input: Option<RawField>, findings: &mut FindingsBuilder) -> Option<String> {
    let mut raw = input.filter(|raw| !raw.text.trim().is_empty())?;
    trim(&mut raw.text);
    if let Some(text) = spreadsheet_guard::strip_guard(&raw.text) {
        raw.text = text.to_owned();
    }
    if has_bad_chars(&raw.text) || length(&raw.text) > ID_CHARS_MAX {
        findings.raise(Code::GroupIdInvalid, &raw);
        return None;
    }
    Some(raw.text)
}

fn trim(text: &mut String) {
    let trimmed = text.trim();
    if trimmed.len() < text.len() {
        *text = trimmed.to_owned();
    }
}

fn length(text: &str) -> usize {
    // There are never more characters than bytes.
    if text.len() <= ID_CHARS_USUAL {
        text.len()
    } else {
        text.chars().count()
    }
}

/// Control characters, spaces other than the plain one, and characters that make two ids look alike.
fn has_bad_chars(text: &str) -> bool {
    let bad = |letter: char| match letter {
        ' ' => false,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' => true,
        '\u{feff}' | '\u{fffd}'..='\u{ffff}' => true,
        _ => letter.is_control() || letter.is_whitespace(),
    };
    text.contains(bad)
}

/// Brand and product numbers.
#[derive(Debug, Default)]
pub(super) struct Identifiers {
    pub brand: Option<String>,
    pub gtins: Vec<String>,
    pub mpn: Option<String>,
    pub sku: Option<String>,
}

/// Combines the identifiers with the statement that none exists.
pub(super) fn identifiers(
    draft: &mut Draft,
    rules: &Rules,
    findings: &mut FindingsBuilder,
) -> Identifiers {
    let identifiers = Identifiers {
        brand: draft
            .brand
            .take()
            .and_then(|raw| clean(raw, TextRules::line(NAME_CHARS_MAX), findings)),
        gtins: gtin::gtins(&draft.gtins, findings),
        mpn: draft
            .mpn
            .take()
            .and_then(|raw| clean(raw, TextRules::line(NAME_CHARS_MAX), findings)),
        sku: draft
            .sku
            .take()
            .map(without_guard)
            .and_then(|raw| clean(raw, TextRules::line(SKU_CHARS_MAX), findings)),
    };
    let denied = draft
        .identifier_exists
        .as_ref()
        .map(|raw| (raw, flag(&raw.text)));
    match denied {
        Some((raw, Flag::No)) if !identifiers.gtins.is_empty() || identifiers.mpn.is_some() => {
            findings.raise(Code::IdentifierConflict, raw);
        }
        Some((_, Flag::No)) => {}
        _ if rules.brand_expected
            && identifiers.brand.is_none()
            && identifiers.gtins.is_empty() =>
        {
            findings.raise_missing(Code::BrandMissing, "brand");
        }
        _ => {}
    }
    identifiers
}
