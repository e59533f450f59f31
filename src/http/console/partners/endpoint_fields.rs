//! An endpoint's settings as fields of a form, as a body for the room, and in words.
//!
//! Promises: a body names only the fields that somebody has changed.

use buywire_schemas::event::EventType;
use serde_json::{Map, Value};

use crate::console::partners::endpoint::Setting;
use crate::console::partners::form::{DiffRow, Field};
use crate::http::console::rendered::address;
use crate::partners::EndpointChange;
use crate::store::partners::endpoints::Endpoint;

const TEST_ORDERS: [(&str, &str); 3] = [
    ("include", "Sent like all others"),
    ("only", "Only test orders are sent"),
    ("exclude", "Not sent"),
];
/// No retries at all, as opposed to the gateway's schedule.
const NO_RETRIES: &str = "none";

/// The fields with the settings of an endpoint, or with those of a new one.
pub(super) fn fields(endpoint: Option<&Endpoint>) -> Vec<Field> {
    let url_help = match endpoint {
        Some(endpoint) => format!("Now {}. Leave it empty to keep it.", address(&endpoint.url)),
        None => "An https URL that answers 2xx.".to_owned(),
    };
    let types: Vec<_> = EventType::ALL.iter().map(|kind| kind.as_str()).collect();
    let events_help = format!(
        "Patterns such as order.* or *, with commas between. Types: {}.",
        types.join(", ")
    );
    let text = |value: Option<String>| value.unwrap_or_default();
    let retry = endpoint.and_then(|one| one.retry.as_ref());
    vec![
        Field {
            is_required: endpoint.is_none(),
            ..Field::line("url", "URL", String::new(), &url_help)
        },
        Field::line(
            "event_types",
            "Events",
            endpoint.map_or_else(|| "order.*".to_owned(), |one| one.event_types.join(", ")),
            &events_help,
        ),
        Field::line(
            "rate_per_second",
            "Attempts a second",
            text(endpoint.and_then(|one| one.rate_per_second.map(|rate| rate.to_string()))),
            "Empty: no limit.",
        ),
        Field::line(
            "max_in_flight",
            "Attempts at once",
            text(endpoint.map(|one| one.max_in_flight.to_string())),
            "From 1 to 1,000. Empty: 64.",
        ),
        Field::line(
            "retry",
            "Retries",
            text(retry.map(|delays| delays_text(delays))),
            "Seconds between attempts, with commas between. Empty: the gateway’s schedule. none: one attempt only.",
        ),
        Field::choice(
            "test_orders",
            "Test orders",
            endpoint.map_or_else(|| "include".to_owned(), |one| one.test_orders.clone()),
            "What happens to events of test orders.",
            &TEST_ORDERS,
        ),
    ]
}

fn delays_text(delays: &[i64]) -> String {
    let delays: Vec<_> = delays.iter().map(ToString::to_string).collect();
    match delays.is_empty() {
        true => NO_RETRIES.to_owned(),
        false => delays.join(", "),
    }
}

/// What changed between the fields as they were and as they were sent.
pub(super) fn body(before: &[Field], sent: &[Field]) -> Vec<u8> {
    let changed = before
        .iter()
        .zip(sent)
        .filter(|(old, new)| old.value != new.value);
    let members = changed.map(|(_, new)| (new.name.clone(), member(&new.name, &new.value)));
    Value::Object(members.collect::<Map<_, _>>())
        .to_string()
        .into_bytes()
}

/// A field as JSON. What is no number stays a text: the room says what is expected.
fn member(name: &str, text: &str) -> Value {
    let number = |text: &str| match serde_json::from_str(text) {
        Ok(number @ Value::Number(_)) => number,
        _ => text.into(),
    };
    let parts = text.split([',', ' ', '\n']).map(str::trim);
    let parts = parts.filter(|part| !part.is_empty());
    match name {
        "retry" if text == NO_RETRIES => Value::Array(Vec::new()),
        "url" | "test_orders" => text.into(),
        _ if text.is_empty() => Value::Null,
        "event_types" => parts.map(Value::from).collect(),
        "retry" => parts.map(number).collect(),
        _ => number(text),
    }
}

/// The settings in words.
pub(super) fn settings(endpoint: &Endpoint) -> Vec<Setting> {
    let setting = |name, value: String| Setting { name, value };
    let none = |names: &[String]| match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    };
    let test_orders = TEST_ORDERS
        .iter()
        .find(|(value, _)| *value == endpoint.test_orders);
    let mut all = vec![
        setting("URL", address(&endpoint.url)),
        setting("Events", endpoint.event_types.join(", ")),
        setting(
            "Rate",
            endpoint.rate_per_second.map_or_else(
                || "no limit".to_owned(),
                |rate| format!("{rate} attempts a second"),
            ),
        ),
        setting("At once", format!("{} attempts", endpoint.max_in_flight)),
        setting(
            "Retries",
            match endpoint.retry.as_deref() {
                None => "the gateway’s schedule".to_owned(),
                Some([]) => "none".to_owned(),
                Some(delays) => format!("after {} s", delays_text(delays)),
            },
        ),
        setting(
            "Test orders",
            test_orders.map_or("", |(_, text)| *text).to_lowercase(),
        ),
        setting("Own headers", none(&endpoint.header_names)),
    ];
    if let Some(proxy) = &endpoint.proxy {
        all.push(setting("Proxy", address(proxy)));
    }
    all
}

/// What a change changes, in words.
pub(super) fn differences(change: &EndpointChange) -> Vec<DiffRow> {
    let (before, after) = (settings(&change.before), settings(&change.after));
    let pairs = before.into_iter().zip(after);
    let rows = pairs.filter_map(|(old, new)| {
        let is_hidden = old.name == "URL" && change.is_url_changed && old.value == new.value;
        let after = match is_hidden {
            true => format!("{}, changed where it is not shown", new.value),
            false => new.value,
        };
        (old.value != after).then(|| DiffRow {
            name: old.name.to_owned(),
            before: old.value,
            after,
        })
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_was_changed_is_sent_and_numbers_are_numbers() {
        let before = fields(None);
        let sent = |name: &str, value: &str| {
            let mut fields = before.clone();
            let field = fields.iter_mut().find(|field| field.name == name).unwrap();
            value.clone_into(&mut field.value);
            serde_json::from_slice::<Value>(&body(&before, &fields)).unwrap()
        };
        assert_eq!(sent("url", ""), json!({}));
        assert_eq!(
            sent("rate_per_second", "2.5"),
            json!({"rate_per_second": 2.5})
        );
        assert_eq!(
            sent("rate_per_second", "fast"),
            json!({"rate_per_second": "fast"})
        );
        assert_eq!(sent("max_in_flight", "8"), json!({"max_in_flight": 8}));
        assert_eq!(
            sent("event_types", "order.*, *"),
            json!({"event_types": ["order.*", "*"]})
        );
        assert_eq!(sent("event_types", ""), json!({"event_types": null}));
        assert_eq!(sent("retry", "1, 60"), json!({"retry": [1, 60]}));
        assert_eq!(sent("retry", "none"), json!({"retry": []}));
    }
}
