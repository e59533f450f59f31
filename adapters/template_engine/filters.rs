//! The filters and tests of templates: few, pure, and bounded by the rendering's budget.
//!
//! Promises: no filter makes a text longer than [`TEXT_BYTES_MAX`]; money is exact; a value of the wrong type is an error,
//! never a guess.

use std::borrow::Cow;

use buywire_schemas::money::Currency;
use minijinja::value::{Rest, Value, ValueKind};
use minijinja::{Environment, Error, State, filters, tests};
use time::OffsetDateTime;
use time::format_description::parse_borrowed;
use time::format_description::well_known::{Rfc2822, Rfc3339};

use super::WORK_BYTES_MAX;
use super::error::TemplateErrorKind;
use super::escape::{self, is_scalar};

/// The longest text that a filter may make. Enough for an order with a hundred lines as JSON.
const TEXT_BYTES_MAX: usize = 256 * 1024;

pub(super) const FILTERS: &[&str] = &[
    "append",
    "cut",
    "date",
    "decimal",
    "default",
    "items",
    "join",
    "json",
    "length",
    "lower",
    "plus",
    "refuse",
    "string",
    "sum",
    "times",
    "trim",
    "upper",
    "urlencode",
    "xml",
];

pub(super) const TESTS: &[&str] = &["defined", "none", "undefined"];

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("append", append);
    environment.add_filter("cut", cut);
    environment.add_filter("date", date);
    environment.add_filter("decimal", decimal);
    environment.add_filter("default", default);
    environment.add_filter("items", items);
    environment.add_filter("join", join);
    environment.add_filter("json", json);
    environment.add_filter("length", filters::length);
    environment.add_filter("lower", lower);
    environment.add_filter("plus", plus);
    environment.add_filter("refuse", refuse);
    environment.add_filter("string", string);
    environment.add_filter("sum", sum);
    environment.add_filter("times", times);
    environment.add_filter("trim", trim);
    environment.add_filter("upper", upper);
    environment.add_filter("urlencode", urlencode);
    environment.add_filter("xml", xml);
    environment.add_test("defined", tests::is_defined);
    environment.add_test("none", tests::is_none);
    environment.add_test("undefined", tests::is_undefined);
}

/// The bytes that a rendering may still process.
struct Budget(usize);

/// Charges the budget for processed bytes.
pub(super) fn charge(state: &mut State<'_, '_>, bytes: usize) -> Result<(), TemplateErrorKind> {
    let budget = state.get_or_insert_extension_with(|| Budget(WORK_BYTES_MAX));
    budget.0 = budget
        .0
        .checked_sub(bytes)
        .ok_or(TemplateErrorKind::WorkLimit)?;
    Ok(())
}

/// A text, number or boolean as text; empty for null.
pub(super) fn plain_text(value: &Value) -> Result<Cow<'_, str>, TemplateErrorKind> {
    match value.kind() {
        ValueKind::Undefined => Err(TemplateErrorKind::Undefined),
        ValueKind::None => Ok("".into()),
        // The engine would write `True` and `False`, as Python does.
        ValueKind::Bool => Ok(if value.is_true() { "true" } else { "false" }.into()),
        _ if !is_scalar(value) => Err(TemplateErrorKind::NotScalar),
        _ => Ok(match value.as_str() {
            Some(text) => text.into(),
            None => value.to_string().into(),
        }),
    }
}

/// A filter's result, charged to the budget.
fn charged_text(state: &mut State<'_, '_>, text: String) -> Result<Value, Error> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(TemplateErrorKind::TextTooLong.into());
    }
    charge(state, text.len())?;
    Ok(text.into())
}

/// `{{ "ACME-" | append(data.order_id) }}`; null adds nothing.
fn append(state: &mut State<'_, '_>, value: &Value, more: Rest<Value>) -> Result<Value, Error> {
    let mut text = plain_text(value)?.into_owned();
    for one in more.iter() {
        text.push_str(&plain_text(one)?);
        if text.len() > TEXT_BYTES_MAX {
            return Err(TemplateErrorKind::TextTooLong.into());
        }
    }
    charged_text(state, text)
}

/// The first `chars` characters.
fn cut(state: &mut State<'_, '_>, value: &Value, chars: usize) -> Result<Value, Error> {
    let text = plain_text(value)?;
    charge(state, text.len())?;
    charged_text(state, text.chars().take(chars).collect())
}

/// A time of the event in another format: `unix`, `unix_ms`, `rfc2822`, or a pattern such as `[year]-[month]-[day]`.
fn date(state: &mut State<'_, '_>, value: &Value, form: &str) -> Result<Value, Error> {
    let text = plain_text(value)?;
    let at = OffsetDateTime::parse(&text, &Rfc3339).map_err(|_| TemplateErrorKind::TypeMismatch)?;
    let formatted = match form {
        "unix" => return Ok(at.unix_timestamp().into()),
        "unix_ms" => return Ok((at.unix_timestamp_nanos() / 1_000_000).into()),
        "rfc2822" => at.format(&Rfc2822),
        form => at.format(&parse_borrowed::<2>(form).map_err(|_| TemplateErrorKind::TypeMismatch)?),
    };
    charged_text(
        state,
        formatted.map_err(|_| TemplateErrorKind::TypeMismatch)?,
    )
}

/// Minor units as a decimal text: `{{ data.total | decimal(data.currency) }}`.
fn decimal(state: &mut State<'_, '_>, amount: i64, currency: &str) -> Result<Value, Error> {
    let currency = Currency::parse(currency).map_err(|_| TemplateErrorKind::TypeMismatch)?;
    let digits = currency.minor_digits() as usize;
    let sign = if amount < 0 { "-" } else { "" };
    // Leaves a zero before the decimal point.
    let number = format!("{:0>width$}", amount.unsigned_abs(), width = digits + 1);
    let (major, minor) = number.split_at(number.len() - digits);
    let point = if digits == 0 { "" } else { "." };
    charged_text(state, [sign, major, point, minor].concat())
}

/// A fallback for a value that is null or undefined.
fn default(value: &Value, other: &Value) -> Value {
    let absent = value.is_none() || value.is_undefined();
    if absent { other } else { value }.clone()
}

/// The members of an object as pairs, for `{% for name, value in line.attributes | items %}`.
fn items(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    charge(state, value.len().unwrap_or_default().saturating_mul(64))?;
    filters::items(value)
}

/// The texts of a list, joined by a separator.
fn join(state: &mut State<'_, '_>, list: &Value, between: &str) -> Result<Value, Error> {
    let mut text = String::new();
    for (number, one) in list.try_iter()?.enumerate() {
        if number > 0 {
            text.push_str(between);
        }
        text.push_str(&plain_text(&one)?);
        if text.len() > TEXT_BYTES_MAX {
            return Err(TemplateErrorKind::TextTooLong.into());
        }
    }
    charged_text(state, text)
}

/// The value as JSON text.
fn json(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    if value.is_undefined() {
        return Err(TemplateErrorKind::Undefined.into());
    }
    charged_text(state, escape::json(value)?)
}

fn lower(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    charged_text(state, plain_text(value)?.to_lowercase())
}

fn plus(one: i64, other: i64) -> Result<i64, Error> {
    Ok(one
        .checked_add(other)
        .ok_or(TemplateErrorKind::TypeMismatch)?)
}

/// Stops the rendering. The delivery becomes a dead letter at once, with the template's line as its reason.
fn refuse(_reason: &Value) -> Result<Value, Error> {
    Err(TemplateErrorKind::Refused.into())
}

/// A number as a text.
fn string(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    charged_text(state, plain_text(value)?.into_owned())
}

/// The sum of integers, or of a member of each item: `{{ data.lines | sum("quantity") }}`.
fn sum(state: &mut State<'_, '_>, list: &Value, member: Option<&str>) -> Result<i64, Error> {
    charge(state, list.len().unwrap_or_default().saturating_mul(64))?;
    let mut sum = 0_i64;
    for one in list.try_iter()? {
        let one = match member {
            Some(name) => one.get_attr(name)?,
            None => one,
        };
        let number = one.as_i64().ok_or(TemplateErrorKind::TypeMismatch)?;
        sum = sum
            .checked_add(number)
            .ok_or(TemplateErrorKind::TypeMismatch)?;
    }
    Ok(sum)
}

fn times(one: i64, other: i64) -> Result<i64, Error> {
    Ok(one
        .checked_mul(other)
        .ok_or(TemplateErrorKind::TypeMismatch)?)
}

fn trim(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    charged_text(state, plain_text(value)?.trim().to_owned())
}

fn upper(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    charged_text(state, plain_text(value)?.to_uppercase())
}

fn urlencode(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    charged_text(state, escape::form(&plain_text(value)?))
}

fn xml(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    charged_text(state, escape::xml(&plain_text(value)?))
}
