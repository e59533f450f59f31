//! Parsers of single values, for the methods of [`Reader`](super::Reader).

use std::ops::RangeInclusive;

use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use super::{expected, normalize};
use crate::{json::Json, money::AMOUNT_MAX, problem::Violation, text};

/// A string, read by a given parser: `string(Slug::parse)`.
pub fn string<T>(
    parse: impl Fn(&str) -> Result<T, Violation>,
) -> impl Fn(Json<'_>) -> Result<T, Violation> {
    move |value| match value {
        Json::String(text) => parse(&text),
        _ => Err(expected("a string")),
    }
}

/// A text within a range of characters; see [`text::check`].
pub fn text(chars: RangeInclusive<usize>) -> impl Fn(Json<'_>) -> Result<String, Violation> {
    move |value| match value {
        Json::String(text) => text::check(&text, &chars).map(|()| text.into_owned()),
        _ => Err(expected("a string")),
    }
}

/// Free text within a range of characters: line ends become line feeds, other control characters are removed.
/// Not for secrets, which must stay verbatim.
pub fn prose(chars: RangeInclusive<usize>) -> impl Fn(Json<'_>) -> Result<String, Violation> {
    let check = text(chars);
    move |value| match value {
        Json::String(mut text) => {
            normalize::normalize_text(&mut text);
            check(Json::String(text))
        }
        other => check(other),
    }
}

/// A name within a range of characters, on one line; see [`text::check_name`].
pub fn name(chars: RangeInclusive<usize>) -> impl Fn(Json<'_>) -> Result<String, Violation> {
    string(move |name| {
        let name = name.trim();
        text::check_name(name, &chars).map(|()| name.to_owned())
    })
}

/// One of a closed list of values.
pub fn choice<T: Copy>(
    choices: &'static [(&'static str, T)],
) -> impl Fn(Json<'_>) -> Result<T, Violation> {
    string(move |text| {
        let chosen = choices.iter().find(|(word, _)| *word == text);
        chosen.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            Violation::new(
                "unknown_value",
                format!("must be one of: {}", words.join(", ")),
            )
        })
    })
}

/// A whole number within a range. 1.0, 1e3 and "1" are rejected.
pub fn integer(range: RangeInclusive<i64>) -> impl Fn(Json<'_>) -> Result<i64, Violation> {
    move |value| {
        let (number, code) = match &value {
            Json::Number(number) => (number.as_i64(), "out_of_range"),
            Json::Decimal(text) if text.contains(['.', 'e', 'E']) => (None, "not_integer"),
            Json::Decimal(text) if &**text == "-0" => (None, "not_integer"),
            Json::Decimal(_) => (None, "out_of_range"),
            _ => return Err(expected("a whole number, not quoted")),
        };
        let within = number.filter(|number| range.contains(number));
        within.ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            let detail = format!(
                "must be a whole number from {least} to {most}, without a decimal point or exponent"
            );
            Violation::new(code, detail)
        })
    }
}

/// An amount in minor units that is at least `least`.
pub fn amount(least: i64) -> impl Fn(Json<'_>) -> Result<i64, Violation> {
    integer(least..=AMOUNT_MAX)
}

/// True or false.
pub fn flag(value: Json<'_>) -> Result<bool, Violation> {
    match value {
        Json::Bool(flag) => Ok(flag),
        _ => Err(expected("true or false")),
    }
}

/// An RFC 3339 time, converted to UTC.
pub fn timestamp(value: Json<'_>) -> Result<OffsetDateTime, Violation> {
    string(|text| {
        OffsetDateTime::parse(text, &Rfc3339)
            .ok()
            .and_then(|instant| instant.checked_to_offset(UtcOffset::UTC))
            // RFC 3339 cannot write years beyond 9999, so the value could not be stored.
            .filter(|instant| (0..=9999).contains(&instant.year()))
            .ok_or(Violation::new(
                "time_malformed",
                "must be an RFC 3339 time, such as 2026-11-20T10:00:00Z",
            ))
    })(value)
}

/// Any JSON value, for parts that another room checks.
pub fn any_json(value: Json<'_>) -> Result<serde_json::Value, Violation> {
    value.into_value().ok_or(Violation::new(
        "number_inexact",
        "must not contain a number that 64 bits would round: send it as a string",
    ))
}
