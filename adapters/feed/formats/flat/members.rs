//! JSON objects whose members are fields.

use serde_json::{Map, Value};

use super::super::harvest::Harvest;
use super::super::json;
use super::aliases::Field;
use super::filling::Filling;
use super::grouped;
use super::names::{self, Name, Names};

/// Puts every member where it belongs; a value that is no object says nothing.
pub(super) fn fill(filling: &mut Filling, value: &Value, names: &mut Names, out: &mut Harvest) {
    for (key, value) in value.as_object().into_iter().flatten() {
        let Some((name, is_new)) = names.resolve(key) else {
            continue;
        };
        if is_new && !name.is_known {
            out.unknown(key);
        }
        match value {
            Value::Array(values) => values.iter().for_each(|value| put(filling, name, value)),
            value => put(filling, name, value),
        }
    }
}

fn put(filling: &mut Filling, name: &Name, value: &Value) {
    if let Some(text) = json::text(value) {
        return filling.put(name, &text);
    }
    let Value::Object(parts) = value else {
        return;
    };
    match name.field {
        Field::Price | Field::SalePrice | Field::ListPrice => price(filling, name, parts),
        Field::Image | Field::MoreImages => first(filling, name, parts, &["url", "link", "src"]),
        Field::Shipping => filling.put(name, &shipping(parts)),
        Field::Brand | Field::Title => first(filling, name, parts, &["name", "content"]),
        Field::Description => first(filling, name, parts, &["plain", "content", "html"]),
        _ => filling.put(name, &value.to_string()),
    }
}

/// `{"value":"15.00","currency":"USD"}`.
fn price(filling: &mut Filling, name: &Name, parts: &Map<String, Value>) {
    first(filling, name, parts, &["value", "amount"]);
    let currency = parts.get("currency").or_else(|| parts.get("currencyCode"));
    if let Some(currency) = currency.and_then(json::text) {
        filling.put_currency(name, &currency);
    }
}

fn first(filling: &mut Filling, name: &Name, parts: &Map<String, Value>, keys: &[&str]) {
    let mut values = keys.iter().filter_map(|key| parts.get(*key));
    if let Some(text) = values.find_map(json::text) {
        filling.put(name, &text);
    }
}

fn shipping(parts: &Map<String, Value>) -> String {
    let text = |value: &Value| match value {
        Value::Object(price) => {
            let part = |key: &str| price.get(key).and_then(json::text).unwrap_or_default();
            Some(format!("{} {}", part("value"), part("currency")))
        }
        value => json::text(value).map(std::borrow::Cow::into_owned),
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
