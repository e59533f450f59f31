//! Scans a whole document for card numbers before any of it is read.

use crate::{
    json::{Json, Members, Number},
    problem::{FieldError, PROBLEMS_MAX, Violation, pointer},
    text::card::{TextKind, contains_card_in},
};

/// Members with free text: notes, reasons, names, titles, addresses.
const FREE_TEXT: [&str; 11] = [
    "note",
    "reason",
    "name",
    "label",
    "title",
    "text",
    "line1",
    "line2",
    "city",
    "region",
    "description",
];
/// Members with free-form names: a `note` inside them may be anything.
const FREE_NAMES: [&str; 2] = ["metadata", "attributes"];

/// Every place with a card number, or an object if one of its names is one. `exempt` are
/// pointers to values known not to be card numbers.
pub(super) fn card_numbers(body: &Json<'_>, exempt: &[String]) -> Vec<FieldError> {
    let mut found = Vec::new();
    // Pointers cost allocations, and almost every body is clean.
    if holds_card(body, TextContext::Outside) {
        collect_cards(body, TextContext::Outside, String::new(), &mut found);
        found.retain(|problem| !exempt.contains(&problem.pointer));
    }
    found
}

/// The context of a value, which decides how it is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TextContext {
    /// Members are checked according to their names.
    Outside,
    /// Free text.
    FreeText,
    /// Below free-form names.
    FreeNames,
}

impl TextContext {
    fn of_member(self, name: &str) -> Self {
        match self {
            Self::FreeNames => Self::FreeNames,
            _ if FREE_NAMES.contains(&name) => Self::FreeNames,
            _ if FREE_TEXT.contains(&name) => Self::FreeText,
            _ => Self::Outside,
        }
    }

    fn field(self) -> TextKind {
        match self {
            Self::FreeText => TextKind::FreeText,
            Self::Outside | Self::FreeNames => TextKind::Identifier,
        }
    }
}

fn holds_card(value: &Json<'_>, context: TextContext) -> bool {
    match value {
        Json::Null | Json::Bool(_) => false,
        Json::Number(number) => integer_is_card(number, context.field()),
        Json::Decimal(text) => number_is_card(text, context.field()),
        Json::String(text) => text_is_card(text, context.field()),
        Json::List(items) => items.iter().any(|item| holds_card(item, context)),
        Json::Object(members) => {
            has_card_name(members)
                || members
                    .iter()
                    .any(|(name, value)| holds_card(value, context.of_member(name)))
        }
    }
}

fn has_card_name(members: &Members<'_>) -> bool {
    let mut names = members.iter().map(|(name, _)| name);
    names.any(|name| contains_card_in(name, TextKind::Identifier))
}

fn collect_cards(value: &Json<'_>, context: TextContext, at: String, found: &mut Vec<FieldError>) {
    if found.len() >= PROBLEMS_MAX {
        return;
    }
    match value {
        Json::List(items) => {
            for (index, item) in items.iter().enumerate() {
                collect_cards(item, context, format!("{at}/{index}"), found);
            }
        }
        Json::Object(members) => {
            if has_card_name(members) {
                let advice =
                    "has a member whose name looks like a card number: never send card numbers";
                found.push(FieldError::at(
                    at.as_str(),
                    Violation::new("card_number", advice),
                ));
            }
            for (name, value) in members {
                collect_cards(value, context.of_member(name), pointer(&at, name), found);
            }
        }
        leaf if holds_card(leaf, context) => {
            let advice = "looks like a card number: send the payment processor's reference instead";
            found.push(FieldError::at(at, Violation::new("card_number", advice)));
        }
        _ => {}
    }
}

/// A string that is a decimal number is checked as one: fractions often have 16 digits.
fn text_is_card(text: &str, field: TextKind) -> bool {
    let is_fraction = || {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        text.split_once('.').is_some_and(|(whole, rest)| {
            digits(whole.strip_prefix('-').unwrap_or(whole)) && digits(rest)
        })
    };
    contains_card_in(text, field)
        && !(field == TextKind::Identifier && is_fraction() && !number_is_card(text, field))
}

/// Fewer than 14 digits are not a card: most numbers need no formatting.
fn integer_is_card(number: &Number, field: TextKind) -> bool {
    let is_short = |number: &Number| {
        number
            .as_i64()
            .is_some_and(|n| n.unsigned_abs() < 10_u64.pow(13))
    };
    !is_short(number) && number_is_card(&number.to_string(), field)
}

/// Whether the integer part of a number looks like a card. Decimals are ignored.
fn number_is_card(text: &str, field: TextKind) -> bool {
    // Fewer than 14 digits or letters: not worth a closer look.
    if text.len() < 14 {
        return false;
    }
    let whole = match text.parse::<f64>() {
        // With an exponent or a fraction: its integer part, which saturates. What does not
        // fit has more digits than a card.
        Ok(float) if text.contains(['e', 'E']) => (float.abs() as u128).to_string(),
        _ => text
            .split('.')
            .next()
            .unwrap_or_default()
            .trim_start_matches('-')
            .to_owned(),
    };
    contains_card_in(&whole, field)
}
