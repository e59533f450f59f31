//! Explains an invalid query by its parameters' names and accepted values.
//!
//! Promises: repeats no value that was sent, and shows nothing of the implementation. The accepted
//! values come from `/openapi.json`, as callers read it.

pub(in crate::http) mod page;

use actix_web::HttpRequest;
use actix_web::error::QueryPayloadError;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::form_urlencoded;

use crate::http::openapi;
use crate::http::problem::{ApiError, Kind};

/// The error for a query that a handler cannot parse.
pub(in crate::http) fn refuse(_: QueryPayloadError, request: &HttpRequest) -> actix_web::Error {
    let pattern = request.match_pattern().unwrap_or_default();
    let parameters = openapi::query_parameters(request.method().as_str(), &pattern);
    let given: Vec<_> = form_urlencoded::parse(request.query_string().as_bytes())
        .into_owned()
        .collect();
    ApiError::with_detail(Kind::QueryInvalid, fault(&parameters, &given)).into()
}

/// Refuses a NUL character: no text in the database can contain one.
pub(in crate::http) fn refuse_nul(query: &str) -> Result<(), ApiError> {
    if !query.contains("%00") && !query.contains('\0') {
        return Ok(());
    }
    let pairs = form_urlencoded::parse(query.as_bytes());
    let mut named = pairs.filter(|(name, value)| value.contains('\0') && is_identifier(name));
    let detail = match named.next() {
        Some((name, _)) => format!("`{name}` contains a NUL character. Remove it."),
        None => "The query contains a NUL character. Remove it.".to_owned(),
    };
    Err(ApiError::with_detail(Kind::QueryInvalid, detail))
}

fn fault(parameters: &[&Value], given: &[(String, String)]) -> String {
    let names: Vec<_> = parameters.iter().copied().filter_map(name).collect();
    let is_accepted = |(given, _): &&(String, String)| names.contains(&given.as_str());
    if given.iter().any(|pair| !is_accepted(&pair)) {
        return match names.is_empty() {
            true => "This route takes no parameters in the query.".to_owned(),
            false => format!(
                "This route accepts only these parameters: {}.",
                quoted(&names)
            ),
        };
    }
    for parameter in parameters {
        let Some(name) = name(parameter) else {
            continue;
        };
        let mut values = given.iter().filter(|(given, _)| given == name);
        let first = values.next();
        if values.next().is_some() {
            return format!("Send `{name}` only once.");
        }
        let is_required = parameter.get("required").and_then(Value::as_bool);
        match first {
            None if is_required == Some(true) => return format!("`{name}` is required."),
            None => {}
            Some((_, value)) => {
                if let Some(accepted) = parameter
                    .get("schema")
                    .and_then(|s| expected_value(s, value))
                {
                    return format!("`{name}` must be {accepted}.");
                }
            }
        }
    }
    format!("Correct these parameters: {}.", quoted(&names))
}

/// What the schema accepts; none if it accepts the value.
fn expected_value(schema: &Value, value: &str) -> Option<String> {
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        let choices: Vec<_> = choices.iter().filter_map(Value::as_str).collect();
        return (!choices.contains(&value)).then(|| format!("one of {}", quoted(&choices)));
    }
    if let Some(prefix) = id_prefix(schema) {
        let is_id = value.strip_prefix(prefix).is_some_and(|id| {
            id.len() == 32 && id.bytes().all(|letter| letter.is_ascii_hexdigit())
        });
        return (!is_id).then(|| format!("an id that begins with `{prefix}`"));
    }
    let text = |name: &str| schema.get(name).and_then(Value::as_str);
    let is_refused = match (text("type"), text("format")) {
        (Some("boolean"), _) => !matches!(value, "true" | "false"),
        (Some("integer"), _) => value.parse::<u32>().is_err(),
        (_, Some("date-time")) => OffsetDateTime::parse(value, &Rfc3339).is_err(),
        _ => return None,
    };
    let accepted = match text("type") {
        Some("boolean") => "`true` or `false`".to_owned(),
        Some("integer") => format!("a whole number from 0 to {}", u32::MAX),
        _ => "a time such as `2026-11-20T10:00:00Z`".to_owned(),
    };
    is_refused.then_some(accepted)
}

/// `ep_` of `^ep_[0-9a-f]{32}$`.
fn id_prefix(schema: &Value) -> Option<&str> {
    let pattern = schema.get("pattern").and_then(Value::as_str)?;
    pattern.strip_prefix('^')?.strip_suffix("[0-9a-f]{32}$")
}

fn name(parameter: &Value) -> Option<&str> {
    parameter.get("name").and_then(Value::as_str)
}

fn quoted(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// The names of parameters; of a permalink, paths such as `buyer/email`.
fn is_identifier(name: &str) -> bool {
    name.len() <= 40
        && name
            .bytes()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(query: &str) -> String {
        let parameters = openapi::query_parameters("GET", "/v1/deliveries");
        let given: Vec<_> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        fault(&parameters, &given)
    }

    #[test]
    fn the_parameter_at_fault_is_named_with_what_it_accepts() {
        let cases = [
            (
                "status=open",
                "`status` must be one of `pending`, `delivered`, `dead`.",
            ),
            (
                "until=soon",
                "`until` must be a time such as `2026-11-20T10:00:00Z`.",
            ),
            (
                "endpoint=7",
                "`endpoint` must be an id that begins with `ep_`.",
            ),
            ("status=dead&status=dead", "Send `status` only once."),
        ];
        for (query, expected) in cases {
            assert_eq!(message(query), expected);
        }
        let unknown = message("stat%0aus=dead");
        assert!(unknown.starts_with("This route accepts only these parameters: `status`, "));
    }

    #[test]
    fn a_nul_is_refused_by_the_name_of_its_parameter() {
        assert!(refuse_nul("q=tea&availability=in_stock").is_ok());
        let refused = refuse_nul("q=tea%00").unwrap_err().problem();
        assert_eq!(refused.detail, "`q` contains a NUL character. Remove it.");
        let refused = refuse_nul("%00=tea%00").unwrap_err().problem();
        assert_eq!(
            refused.detail,
            "The query contains a NUL character. Remove it."
        );
    }
}
