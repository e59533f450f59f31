//! The settings of a dialect as fields of a form, made from its profile.
//!
//! Promises: members that the profile does not name stay as they are; a setting that nobody has changed keeps its value,
//! whatever its type is.

use buywire_adapters::contract::Adapter;
use buywire_adapters::contract::profile::{SettingKind, SettingProfile};
use buywire_adapters::dialects;
use serde_json::{Map, Value};

use crate::console::partners::form::{Control, DiffRow, Field};

/// The field that chooses the adapter.
pub(super) const ADAPTER: &str = "adapter";

/// The settings that are left for another adapter: only what is not of a dialect.
pub(super) fn without_dialect(settings: &Value, adapter: &dyn Adapter) -> Value {
    let mut kept = settings.as_object().cloned().unwrap_or_default();
    for setting in &adapter.profile().settings {
        kept.remove(&setting.name);
    }
    Value::Object(kept)
}

/// The choice of the adapter.
pub(super) fn adapter_field(adapter: &dyn Adapter) -> Field {
    let all = dialects::all().iter();
    let choices: Vec<_> = all
        .map(|one| (one.name(), one.profile().title.as_str()))
        .collect();
    Field::choice(
        ADAPTER,
        "Adapter",
        adapter.name().to_owned(),
        &adapter.profile().summary,
        &choices,
    )
}

/// The fields of a dialect's settings.
pub(super) fn fields(adapter: &dyn Adapter, settings: &Value) -> Vec<Field> {
    let all = adapter.profile().settings.iter();
    all.map(|setting| field(setting, settings)).collect()
}

fn field(setting: &SettingProfile, settings: &Value) -> Field {
    let value = text(setting.kind, settings.get(&setting.name));
    let plain = Field::line(&setting.name, &setting.label, value, &setting.help);
    match setting.kind {
        SettingKind::Text => plain,
        SettingKind::Flag => Field {
            control: Control::Check,
            ..plain
        },
        SettingKind::Template | SettingKind::Json => Field {
            control: Control::Text,
            ..plain
        },
        SettingKind::Choice => {
            let choices = setting.choices.iter();
            let choices = choices.map(|value| (value.clone(), value.clone()));
            Field {
                control: Control::Choice,
                choices: std::iter::once((String::new(), "Default".to_owned()))
                    .chain(choices)
                    .collect(),
                ..plain
            }
        }
    }
}

/// A value as a form shows it.
fn text(kind: SettingKind, value: Option<&Value>) -> String {
    match (kind, value) {
        (_, None | Some(Value::Null)) => String::new(),
        (SettingKind::Flag, Some(value)) => match value.as_bool() {
            Some(true) => "true".to_owned(),
            _ => String::new(),
        },
        (SettingKind::Json, Some(value)) => serde_json::to_string_pretty(value).unwrap_or_default(),
        (_, Some(Value::String(text))) => text.clone(),
        (_, Some(value)) => value.to_string(),
    }
}

/// The settings with what was sent. Marks the fields that hold no JSON.
pub(super) fn apply(adapter: &dyn Adapter, settings: &Value, sent: &mut [Field]) -> Option<Value> {
    let mut members = settings.as_object().cloned().unwrap_or_default();
    let mut is_readable = true;
    for setting in &adapter.profile().settings {
        let Some(field) = sent.iter_mut().find(|field| field.name == setting.name) else {
            continue;
        };
        let before = text(setting.kind, settings.get(&setting.name));
        if lines(&before) != lines(&field.value) {
            is_readable &= set(&mut members, setting, field);
        }
    }
    is_readable.then_some(Value::Object(members))
}

/// Browsers send line breaks as CR LF, and a form's texts are trimmed.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

fn set(members: &mut Map<String, Value>, setting: &SettingProfile, field: &mut Field) -> bool {
    let text = lines(&field.value);
    let value = match setting.kind {
        _ if text.is_empty() => Value::Null,
        SettingKind::Flag => Value::Bool(true),
        SettingKind::Json => match serde_json::from_str(&text) {
            Ok(value) => value,
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                field.error = Some(format!("Must be JSON: line {line}, column {column}."));
                return false;
            }
        },
        SettingKind::Text | SettingKind::Choice | SettingKind::Template => text.into(),
    };
    match value {
        Value::Null => members.remove(&setting.name),
        value => members.insert(setting.name.clone(), value),
    };
    true
}

/// What differs between two settings, by member.
pub(super) fn differences(before: &Value, after: &Value) -> Vec<DiffRow> {
    let empty = Map::new();
    let (before, after) = (
        before.as_object().unwrap_or(&empty),
        after.as_object().unwrap_or(&empty),
    );
    let mut names: Vec<_> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let rows = names.into_iter().filter_map(|name| {
        let (old, new) = (before.get(name), after.get(name));
        (old != new).then(|| DiffRow {
            name: name.clone(),
            before: shown(name, old),
            after: shown(name, new),
        })
    });
    rows.collect()
}

/// A value in words. The values of headers are secrets.
fn shown(name: &str, value: Option<&Value>) -> String {
    match value {
        None => "not set".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(headers)) if name == "headers" => {
            let headers = headers.iter().map(|(name, value)| match value {
                Value::Null => format!("{name} (as saved)"),
                _ => format!("{name} (new value)"),
            });
            headers.collect::<Vec<_>>().join(", ")
        }
        Some(value) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_keep_what_the_form_does_not_name_and_what_nobody_changed() {
        let adapter = dialects::by_name("musictoday").unwrap();
        let settings = json!({"store_id": 7, "gate": {"max": 3}, "channel": "web"});
        let mut sent = fields(adapter, &settings);
        assert_eq!(sent[0].value, "7");
        sent[1].value = "shop".to_owned();
        let applied = apply(adapter, &settings, &mut sent).unwrap();
        let expected = json!({"store_id": 7, "gate": {"max": 3}, "channel": "shop"});
        assert_eq!(applied, expected);
        assert_eq!(
            without_dialect(&settings, adapter),
            json!({"gate": {"max": 3}})
        );
        let rows = differences(&settings, &applied);
        assert_eq!(rows.len(), 1);
        assert_eq!(
            (rows[0].before.as_str(), rows[0].after.as_str()),
            ("web", "shop")
        );
    }

    #[test]
    fn json_that_is_none_marks_its_field_and_header_values_are_not_shown() {
        let adapter = dialects::by_name("template").unwrap();
        let settings = json!({"headers": {"x-key": null}});
        let mut sent = fields(adapter, &settings);
        let headers = sent
            .iter_mut()
            .find(|field| field.name == "headers")
            .unwrap();
        headers.value = "{".to_owned();
        assert_eq!(apply(adapter, &settings, &mut sent), None);
        assert!(sent.iter().any(|field| field.error.is_some()));
        let after = json!({"headers": {"x-key": "s3cret"}});
        let rows = differences(&settings, &after);
        assert_eq!(rows[0].after, "x-key (new value)");
    }
}
