//! Lists: newest first, `limit`, `starting_after`, `ending_before`.

use serde_json::Value;

use super::call::ApiCall;
use super::error::ApiError;
use super::params::{integer, text};
use crate::objects;

/// Stripe's limits.
const LIMIT_DEFAULT: i64 = 10;
const LIMIT_MAX: i64 = 100;

/// One page of what passes the filter.
pub(super) fn page<'a, T: 'a>(
    call: &ApiCall<'_>,
    newest_first: impl Iterator<Item = (&'a str, &'a T)>,
    passes: impl Fn(&T) -> bool,
    render: impl Fn(&T) -> Value,
) -> Result<Value, ApiError> {
    let limit = integer(&call.params, "/limit").unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        let message = "Invalid limit: must be 1 to 100";
        return Err(ApiError::parameter(None, "limit", message));
    }
    let limit = usize::try_from(limit).unwrap_or_default();
    let after = text(&call.params, "/starting_after");
    let before = text(&call.params, "/ending_before");
    let matching = newest_first.filter(|(_, object)| passes(object));
    let mut matching: Vec<(&str, &T)> = matching
        .filter(|(_, object)| is_created_in_time(call, || render(object)))
        .collect();
    if let Some(after) = after {
        let position = position(&matching, after, "starting_after")?;
        matching.drain(..=position);
    }
    let mut has_more = matching.len() > limit;
    if let Some(before) = before {
        let position = position(&matching, before, "ending_before")?;
        matching.truncate(position);
        has_more = matching.len() > limit;
        matching.drain(..matching.len().saturating_sub(limit));
    }
    let data = matching
        .iter()
        .take(limit)
        .map(|(_, object)| render(object));
    Ok(objects::list(call.path, data.collect(), has_more))
}

/// Whether the filter `created` is absent or fits.
fn is_created_in_time(call: &ApiCall<'_>, render: impl Fn() -> Value) -> bool {
    if call.params.get("created").is_none() {
        return true;
    }
    let created = integer(&render(), "/created").unwrap_or_default();
    let bound = |name: &str| integer(&call.params, &format!("/created/{name}"));
    bound("gt").is_none_or(|bound| created > bound)
        && bound("gte").is_none_or(|bound| created >= bound)
        && bound("lt").is_none_or(|bound| created < bound)
        && bound("lte").is_none_or(|bound| created <= bound)
}

fn position<T>(matching: &[(&str, &T)], id: &str, param: &str) -> Result<usize, ApiError> {
    let mut matching = matching.iter();
    let position = matching.position(|(other, _)| *other == id);
    position.ok_or_else(|| ApiError::no_object("object", param))
}

/// Whether a filter is absent or fits.
pub(super) fn fits(call: &ApiCall<'_>, param: &str, value: Option<&str>) -> bool {
    let expected = text(&call.params, &format!("/{param}"));
    expected.is_none_or(|expected| Some(expected) == value)
}
