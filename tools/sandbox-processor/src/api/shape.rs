//! What parameters an operation takes: a description, and its check.
//!
//! Promises: after the check every parameter is of its declared kind (integers are numbers, flags are booleans), all
//! required ones are there, and unknown ones were refused by name.

use serde_json::{Map, Value};

use super::error::ApiError;

/// Stripe's own limit for most texts.
const TEXT_CHARS_MAX: usize = 5_000;
/// Stripe's limits for metadata.
const METADATA_KEYS_MAX: usize = 50;
const METADATA_KEY_CHARS_MAX: usize = 40;
const METADATA_VALUE_CHARS_MAX: usize = 500;

/// What a parameter must be.
#[derive(Debug)]
pub(crate) enum Shape {
    Text,
    /// An `http` or `https` URL.
    Url,
    Integer,
    Flag,
    Choice(&'static [&'static str]),
    List(&'static Shape, usize),
    Object(&'static [Field]),
    Metadata,
    /// Accepted as an object of texts, whatever its names.
    AnyObject,
}

/// A named parameter.
#[derive(Debug)]
pub(crate) struct Field {
    name: &'static str,
    shape: Shape,
    is_required: bool,
}

pub(crate) const fn required(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        is_required: true,
    }
}

pub(crate) const fn optional(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        is_required: false,
    }
}

/// Texts as parameters, typed by the description.
pub(crate) fn check(fields: &[Field], params: Value) -> Result<Value, ApiError> {
    object(fields, params, "")
}

fn object(fields: &[Field], value: Value, path: &str) -> Result<Value, ApiError> {
    let Value::Object(given) = value else {
        return Err(wrong(path, "an object"));
    };
    let mut checked = Map::new();
    for (name, value) in given {
        let path = join(path, &name);
        let field = fields.iter().find(|field| field.name == name);
        let field = field.ok_or_else(|| unknown(&path))?;
        checked.insert(name, shaped(&field.shape, value, &path)?);
    }
    let missing = fields
        .iter()
        .find(|field| field.is_required && !checked.contains_key(field.name));
    match missing {
        Some(field) => Err(ApiError::missing(&join(path, field.name))),
        None => Ok(Value::Object(checked)),
    }
}

fn shaped(shape: &Shape, value: Value, path: &str) -> Result<Value, ApiError> {
    match (shape, value) {
        (Shape::Object(fields), value) => object(fields, value, path),
        (Shape::List(shape, max), Value::Array(values)) => list(shape, *max, values, path),
        (Shape::List(..), _) => Err(wrong(path, "a list")),
        (Shape::Metadata, value) => metadata(value, path),
        (Shape::AnyObject, Value::Object(members)) => Ok(Value::Object(members)),
        (Shape::AnyObject, _) => Err(wrong(path, "an object")),
        (shape, Value::String(text)) => scalar(shape, text, path),
        (_, _) => Err(wrong(path, "one value")),
    }
}

fn scalar(shape: &Shape, text: String, path: &str) -> Result<Value, ApiError> {
    if text.is_empty() {
        let message = format!("You passed an empty string for '{path}'.");
        return Err(ApiError::parameter(
            Some("parameter_invalid_empty"),
            path,
            message,
        ));
    }
    match shape {
        Shape::Integer => text.parse::<i64>().map(Value::from).map_err(|_| {
            let message = format!("Invalid integer: {path}");
            ApiError::parameter(Some("parameter_invalid_integer"), path, message)
        }),
        Shape::Flag => match text.as_str() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(wrong(path, "true or false")),
        },
        Shape::Choice(choices) if !choices.contains(&text.as_str()) => {
            Err(wrong(path, &format!("one of {}", choices.join(", "))))
        }
        Shape::Url if !is_url(&text) => {
            let message = format!("Not a valid URL: {path}. It begins with http:// or https://.");
            Err(ApiError::parameter(Some("url_invalid"), path, message))
        }
        _ if text.chars().count() > TEXT_CHARS_MAX => {
            Err(wrong(path, &format!("at most {TEXT_CHARS_MAX} characters")))
        }
        _ => Ok(Value::String(text)),
    }
}

fn list(shape: &Shape, max: usize, values: Vec<Value>, path: &str) -> Result<Value, ApiError> {
    if values.len() > max {
        return Err(wrong(path, &format!("a list of at most {max}")));
    }
    let values = values.into_iter().enumerate();
    let checked = values.map(|(index, value)| shaped(shape, value, &format!("{path}[{index}]")));
    Ok(Value::Array(checked.collect::<Result<_, _>>()?))
}

fn metadata(value: Value, path: &str) -> Result<Value, ApiError> {
    let members = match value {
        Value::Object(members) => members,
        // Keys that are all numbers have become a list.
        Value::Array(values) => {
            let numbered = values.into_iter().enumerate();
            numbered
                .map(|(index, value)| (index.to_string(), value))
                .collect()
        }
        _ => return Err(wrong(path, "an object of texts")),
    };
    let fits = |(key, value): (&String, &Value)| {
        let text = value.as_str();
        key.chars().count() <= METADATA_KEY_CHARS_MAX
            && text.is_some_and(|text| text.chars().count() <= METADATA_VALUE_CHARS_MAX)
    };
    if members.len() > METADATA_KEYS_MAX || !members.iter().all(fits) {
        let limits = "at most 50 texts of 500 characters, with keys of 40";
        return Err(wrong(path, limits));
    }
    Ok(Value::Object(members))
}

fn is_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]_".contains(c);
    host.is_some_and(|host| !host.is_empty() && host.chars().all(is_plain))
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}[{name}]"),
    }
}

fn unknown(path: &str) -> ApiError {
    let message = format!("Received unknown parameter: {path}");
    ApiError::parameter(Some("parameter_unknown"), path, message)
}

fn wrong(path: &str, expected: &str) -> ApiError {
    ApiError::parameter(None, path, format!("Invalid {path}: must be {expected}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FIELDS: &[Field] = &[
        required("amount", Shape::Integer),
        optional(
            "lines",
            Shape::List(&Shape::Object(&[optional("ok", Shape::Flag)]), 2),
        ),
        optional("metadata", Shape::Metadata),
    ];

    #[test]
    fn texts_become_what_they_are_declared_to_be() {
        let params = json!({"amount": "5", "lines": [{"ok": "true"}], "metadata": ["x"]});
        let expected = json!({"amount": 5, "lines": [{"ok": true}], "metadata": {"0": "x"}});
        assert_eq!(check(FIELDS, params).unwrap(), expected);
    }

    #[test]
    fn a_refusal_names_the_parameter_and_never_its_value() {
        let refused = [
            (json!({}), "amount"),
            (json!({"amount": "x7"}), "amount"),
            (
                json!({"amount": "1", "lines": [{"ok": "x7"}]}),
                "lines[0][ok]",
            ),
            (
                json!({"amount": "1", "lines": [{"x": "x7"}]}),
                "lines[0][x]",
            ),
            (json!({"amount": "1", "lines": [{}, {}, {}]}), "lines"),
            (json!({"amount": ""}), "amount"),
            (json!({"amount": {"x": "x7"}}), "amount"),
        ];
        for (params, path) in refused {
            let error = check(FIELDS, params).unwrap_err().document();
            assert_eq!(error.pointer("/error/param"), Some(&json!(path)));
            assert!(!error.to_string().contains("x7"));
        }
    }
}
