//! Reading JSON of agents: members that are absent or null are not given, and what is given has its type.

use serde_json::Value;

use super::error::AgentError;
use buywire_schemas::text::card::contains_card_number;

/// Longer than anything that a person writes about one purchase.
const TEXT_CHARS_MAX: usize = 5_000;

/// A member that is given.
pub(super) fn member<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

/// A text, if it is given.
pub(super) fn text(object: &Value, at: &str, name: &str) -> Result<Option<String>, AgentError> {
    let Some(value) = member(object, name) else {
        return Ok(None);
    };
    let pointer = || format!("{at}/{name}");
    let Some(text) = value.as_str() else {
        return Err(AgentError::invalid(pointer(), "invalid", "Send a text."));
    };
    if text.chars().count() > TEXT_CHARS_MAX || text.contains('\0') {
        let detail = format!("Send at most {TEXT_CHARS_MAX} characters.");
        return Err(AgentError::invalid(pointer(), "invalid", detail));
    }
    Ok(Some(text.to_owned()))
}

/// An object, if it is given.
pub(super) fn object<'a>(
    parent: &'a Value,
    at: &str,
    name: &str,
) -> Result<Option<&'a Value>, AgentError> {
    match member(parent, name) {
        Some(value) if !value.is_object() => Err(AgentError::invalid(
            format!("{at}/{name}"),
            "invalid",
            "Send an object.",
        )),
        other => Ok(other),
    }
}

/// An array, if it is given.
pub(super) fn array<'a>(
    parent: &'a Value,
    at: &str,
    name: &str,
) -> Result<Option<&'a [Value]>, AgentError> {
    match member(parent, name) {
        None => Ok(None),
        Some(Value::Array(items)) => Ok(Some(items)),
        Some(_) => Err(AgentError::invalid(
            format!("{at}/{name}"),
            "invalid",
            "Send an array.",
        )),
    }
}

/// Units: 1 if it is not said.
pub(super) fn quantity(line: &Value, at: &str) -> Result<i64, AgentError> {
    let Some(value) = member(line, "quantity") else {
        return Ok(1);
    };
    let whole = value.as_i64().or_else(|| {
        let float = value.as_f64().filter(|float| float.fract() == 0.0)?;
        // Far below what a float holds exactly.
        (1.0..=1e9)
            .contains(&float)
            .then(|| format!("{float:.0}").parse().ok())?
    });
    let units = whole.filter(|units| (1..=1_000_000).contains(units));
    let pointer = format!("{at}/quantity");
    units.ok_or_else(|| AgentError::invalid(pointer, "invalid", "Send a whole number from 1."))
}

/// Refuses card numbers anywhere: they must not be stored.
pub(super) fn refuse_cards(value: &Value, at: &str) -> Result<(), AgentError> {
    let refused = || {
        AgentError::invalid(
            at,
            "card_number",
            "This holds a card number. Send a payment token instead.",
        )
    };
    match value {
        Value::String(text) if contains_card_number(text) => Err(refused()),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| refuse_cards(item, &format!("{at}/{index}"))),
        Value::Object(members) => {
            members
                .iter()
                .try_for_each(|(name, member)| match contains_card_number(name) {
                    true => Err(refused()),
                    false => refuse_cards(member, &format!("{at}/{name}")),
                })
        }
        _ => Ok(()),
    }
}
