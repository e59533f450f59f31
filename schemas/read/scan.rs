//! Looks through a whole document for card numbers before anything of it is read.

use crate::{
    json::{Json, Number},
    problem::{FieldError, Flaw, PROBLEMS_MAX, pointer},
    text::card::contains_card_number,
};

/// Every place that holds a card number; an object when one of its names is one.
pub(super) fn card_numbers(body: &Json<'_>) -> Vec<FieldError> {
    let mut found = Vec::new();
    // Pointers cost allocations, and nearly every body is clean.
    if holds_card_number(body) {
        locate(body, String::new(), &mut found);
    }
    found
}

fn holds_card_number(value: &Json<'_>) -> bool {
    match value {
        Json::Null | Json::Bool(_) => false,
        Json::Number(number) => number_is_card(number),
        Json::String(text) => contains_card_number(text),
        Json::List(items) => items.iter().any(holds_card_number),
        Json::Object(members) => members
            .iter()
            .any(|(name, value)| contains_card_number(name) || holds_card_number(value)),
    }
}

fn locate(value: &Json<'_>, place: String, found: &mut Vec<FieldError>) {
    if found.len() >= PROBLEMS_MAX {
        return;
    }
    match value {
        Json::List(items) => {
            for (index, item) in items.iter().enumerate() {
                locate(item, format!("{place}/{index}"), found);
            }
        }
        Json::Object(members) => {
            if members.iter().any(|(name, _)| contains_card_number(name)) {
                let advice = "has a name that looks like a card number; never send one";
                found.push(FieldError::at(
                    place.as_str(),
                    Flaw::new("card_number", advice),
                ));
            }
            for (name, value) in members {
                locate(value, pointer(&place, name), found);
            }
        }
        leaf if holds_card_number(leaf) => {
            let advice = "looks like a card number; send the processor's reference instead";
            found.push(FieldError::at(place, Flaw::new("card_number", advice)));
        }
        _ => {}
    }
}

/// Whether the whole part of a number reads as a card. What stands behind the point is left
/// alone: fractions have 16 digits all the time.
fn number_is_card(number: &Number) -> bool {
    let whole = match (number.as_u64(), number.as_i64(), number.as_f64()) {
        (Some(whole), ..) => whole,
        (_, Some(whole), _) => whole.unsigned_abs(),
        // Saturates; what does not fit has more digits than a card.
        (.., Some(float)) => float.abs() as u64,
        _ => return false,
    };
    // Fewer than 14 digits: not worth writing down.
    whole >= 10_000_000_000_000 && contains_card_number(&whole.to_string())
}
