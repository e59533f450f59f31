//! Embeds the published schemas and the examples in the document, in a form that code generators read.
//!
//! Promises: every reference in the result resolves within the document. A schema served on its own has its
//! own root (`$id`) and `$defs`; generators follow neither inside a larger document.

use serde_json::{Map, Value};

/// The media types whose examples have members; those of all others are text.
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Replaces each `{"$ref": "/schemas/…"}` with the published schema; its `$defs` become
/// components of their own (`charge` of `Order` is `OrderCharge`).
pub(super) fn published_schemas(components: &mut Value) -> serde_json::Result<()> {
    let Some(components) = components.as_object_mut() else {
        return Ok(());
    };
    let mut parts = Map::new();
    for (name, component) in components.iter_mut() {
        let reference = component.get("$ref").and_then(Value::as_str);
        let published = reference
            .and_then(|reference| reference.strip_prefix("/schemas/"))
            .and_then(buywire_schemas::schema);
        let Some(text) = published else {
            continue;
        };
        let mut schema: Value = serde_json::from_str(text)?;
        rename_references(&mut schema, name);
        if let Some(members) = schema.as_object_mut() {
            members.remove("$id");
            members.remove("$schema");
            let definitions = members.remove("$defs");
            for (part, definition) in definitions.into_iter().flat_map(into_members) {
                parts.insert(part_name(name, &part), definition);
            }
        }
        *component = schema;
    }
    components.extend(parts);
    Ok(())
}

/// Adds the example of each operation to its request and answer (the first successful one, or that
/// of the example's `status`), and to each shared parameter.
pub(super) fn examples(document: &mut Value, examples: &Value) {
    let parameters = document.pointer_mut("/components/parameters");
    for (name, parameter) in members(parameters) {
        let example = examples.pointer(&format!("/parameters/{name}"));
        if let (Some(parameter), Some(example)) = (parameter.as_object_mut(), example) {
            parameter.insert("example".to_owned(), example.clone());
        }
    }
    for (_, item) in members(document.get_mut("paths")) {
        for (_, operation) in members(Some(item)) {
            let id = operation.get("operationId").and_then(Value::as_str);
            if let Some(example) = id.and_then(|id| examples.get(id)) {
                write_examples(operation, example);
            }
        }
    }
}

fn write_examples(operation: &mut Value, example: &Value) {
    if let Some(content) = operation.pointer_mut("/requestBody/content") {
        write_example(content, example.get("request"));
    }
    let shown = example.get("status").and_then(Value::as_str);
    let mut responses = members(operation.get_mut("responses"));
    let success = responses.find(|(status, _)| status.starts_with(shown.unwrap_or("2")));
    if let Some(content) = success.and_then(|(_, answer)| answer.get_mut("content")) {
        write_example(content, example.get("response"));
    }
}

/// The members of an object; nothing for other values.
fn members(value: Option<&mut Value>) -> impl Iterator<Item = (&String, &mut Value)> {
    value.and_then(Value::as_object_mut).into_iter().flatten()
}

/// A string is an example for text, any other value for JSON, or for a form that is not JSON as well.
fn write_example(content: &mut Value, example: Option<&Value>) {
    let Some(example) = example else {
        return;
    };
    let structured = match content.get(JSON) {
        Some(_) => JSON,
        None => FORM,
    };
    for (kind, media) in members(Some(content)) {
        let fits = match example.is_string() {
            true => kind != JSON && kind != FORM,
            false => kind == structured,
        };
        if let Some(media) = media.as_object_mut().filter(|_| fits) {
            media.insert("example".to_owned(), example.clone());
        }
    }
}

fn rename_references(value: &mut Value, owner: &str) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match member {
                    Value::String(target) if name == "$ref" => {
                        if let Some(part) = target.strip_prefix("#/$defs/") {
                            *target = format!("#/components/schemas/{}", part_name(owner, part));
                        }
                    }
                    other => rename_references(other, owner),
                }
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| rename_references(item, owner)),
        _ => {}
    }
}

fn part_name(owner: &str, part: &str) -> String {
    let mut letters = part.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first
        .into_iter()
        .fold(owner.to_owned(), |name, letter| format!("{name}{letter}"))
        + letters.as_str()
}

fn into_members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
