//! `expand[]`: ids in a reply become the objects they name.
//!
//! Promises: at most four levels, as Stripe; what cannot be expanded is refused, after the
//! operation itself was carried out: an idempotency key keeps that.

use serde_json::Value;

use super::error::ApiError;
use super::params::list;
use crate::objects;
use crate::store::Store;

const LEVELS_MAX: usize = 4;

/// Expands every path that the parameters ask for.
pub(super) fn expand(store: &Store, params: &Value, document: &mut Value) -> Result<(), ApiError> {
    for path in list(params, "/expand").iter().filter_map(Value::as_str) {
        let names: Vec<&str> = path.split('.').collect();
        if names.len() > LEVELS_MAX {
            let message = "At most 4 levels can be expanded.";
            return Err(ApiError::refused(None, message));
        }
        expand_one(store, document, &names)?;
    }
    Ok(())
}

fn expand_one(store: &Store, value: &mut Value, names: &[&str]) -> Result<(), ApiError> {
    let Some((name, rest)) = names.split_first() else {
        return Ok(());
    };
    if *name == "line_items" && value.pointer("/object") == Some(&"checkout.session".into()) {
        return expand_line_items(store, value);
    }
    let Some(member) = value.get_mut(*name) else {
        let message = "This property cannot be expanded.";
        return Err(ApiError::refused(None, message));
    };
    if let Some(id) = member.as_str() {
        *member = objects::find(store, id).unwrap_or_else(|| member.clone());
    }
    match member {
        Value::Array(members) => members
            .iter_mut()
            .try_for_each(|member| expand_one(store, member, rest)),
        // What a payment has not got yet stays null.
        Value::Null => Ok(()),
        member => expand_one(store, member, rest),
    }
}

fn expand_line_items(store: &Store, value: &mut Value) -> Result<(), ApiError> {
    let id = value.pointer("/id").and_then(Value::as_str);
    let lines = id
        .and_then(|id| store.sessions.get(id))
        .map(objects::line_items);
    if let (Some(lines), Some(members)) = (lines, value.as_object_mut()) {
        members.insert("line_items".to_owned(), lines);
    }
    Ok(())
}
