//! JSON objects whose members are fields.

use serde_json::{Map, Value};

use super::super::json;
use super::super::map_output::MapOutput;
use super::aliases::Field;
use super::builder::DraftBuilder;
use super::grouped;
use super::names::{self, Name, Names};

/// Adds every member. A value that is not an object is ignored.
pub(super) fn fill(
    builder: &mut DraftBuilder,
    value: &Value,
    names: &mut Names,
    out: &mut MapOutput,
) {
    for (key, value) in value.as_object().into_iter().flatten() {
        let Some((name, is_new)) = names.resolve(key) else {
            continue;
        };
        if is_new && !name.has_alias {
            out.report_unknown_name(key);
        }
        match value {
            Value::Array(values) => values
                .iter()
                .for_each(|value| put_value(builder, name, value)),
            value => put_value(builder, name, value),
        }
    }
}

fn put_value(builder: &mut DraftBuilder, name: &Name, value: &Value) {
    if let Some(text) = json::scalar_text(value) {
        return builder.put(name, &text);
    }
    let Value::Object(parts) = value else {
        return;
    };
    match name.field {
        Field::Price | Field::SalePrice | Field::ListPrice => put_price(builder, name, parts),
        Field::Image | Field::MoreImages => {
            put_first(builder, name, parts, &["url", "link", "src"])
        }
        Field::Shipping => builder.put(name, &shipping_text(parts)),
        Field::Brand | Field::Title => put_first(builder, name, parts, &["name", "content"]),
        Field::Description => put_first(builder, name, parts, &["plain", "content", "html"]),
        _ => builder.put(name, &value.to_string()),
    }
}

/// `{"value":"15.00","currency":"USD"}`.
fn put_price(builder: &mut DraftBuilder, name: &Name, parts: &Map<String, Value>) {
    put_first(builder, name, parts, &["value", "amount"]);
    let currency = parts.get("currency").or_else(|| parts.get("currencyCode"));
    if let Some(currency) = currency.and_then(json::scalar_text) {
        builder.put_currency(name, &currency);
    }
}

fn put_first(builder: &mut DraftBuilder, name: &Name, parts: &Map<String, Value>, keys: &[&str]) {
    let mut values = keys.iter().filter_map(|key| parts.get(*key));
    if let Some(text) = values.find_map(json::scalar_text) {
        builder.put(name, &text);
    }
}

fn shipping_text(parts: &Map<String, Value>) -> String {
    let text = |value: &Value| match value {
        Value::Object(price) => {
            let part = |key: &str| {
                price
                    .get(key)
                    .and_then(json::scalar_text)
                    .unwrap_or_default()
            };
            Some(format!("{} {}", part("value"), part("currency")))
        }
        value => json::scalar_text(value).map(std::borrow::Cow::into_owned),
    };
    let parts = parts.iter();
    let parts = parts.filter_map(|(key, value)| Some((names::plain(key), text(value)?)));
    let parts: Vec<_> = parts.collect();
    grouped::shipping(
        parts
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    )
}
