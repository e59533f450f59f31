//! Extreme values in every parameter, path and body field of the API description: each answer is as described, names
//! the field at fault, and repeats neither the value nor an internal error.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::support::app::{OPERATOR, TestApp};

/// Statuses that a caller may receive.
const EXPECTED: [u16; 10] = [200, 201, 202, 204, 400, 404, 409, 410, 422, 501];
/// Recognisable wherever it is repeated.
const CANARY: &str = "zqxjkv";
/// Words of Rust, its libraries and the database.
const INTERNAL_WORDS: [&str; 9] = [
    "deserialize",
    "unknown variant",
    "invalid type",
    "::",
    "Option",
    "i64",
    "u32",
    "SQL",
    "syntax error",
];

fn texts() -> Vec<String> {
    let mut texts: Vec<_> = [
        "",
        " ",
        "\0",
        "a\0b",
        "\u{7f}",
        "\n",
        "9999-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999999+23:59",
        "-1",
        "0",
        "9223372036854775808",
        "-9223372036854775809",
        "1e999",
        "NaN",
        "true",
        "null",
        "%",
        "_",
        "\\",
        "'; --",
        "../..",
        "\u{202e}",
        "\u{fffe}",
        "💥",
    ]
    .map(str::to_owned)
    .into();
    texts.push(format!("{CANARY} with words"));
    texts.push(CANARY.repeat(1_000));
    texts
}

fn values() -> Vec<Value> {
    let numbers = [
        json!(-1),
        json!(0),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e308),
        json!(0.1),
        json!(true),
        json!(null),
        json!([]),
        json!({}),
        json!([CANARY]),
        json!({CANARY: CANARY}),
    ];
    texts()
        .into_iter()
        .map(Value::String)
        .chain(numbers)
        .collect()
}

/// The described operations: method, path, query parameters, example body.
struct Operation {
    method: Method,
    path: String,
    query: Vec<String>,
    body: Option<Value>,
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array();
            let resolved = parameters.into_iter().flatten().map(|parameter| {
                parameter["$ref"]
                    .as_str()
                    .map_or(parameter, |target| document.pointer(&target[1..]).unwrap())
            });
            let in_query = resolved.filter(|parameter| parameter["in"] == "query");
            let example = &operation["requestBody"]["content"]["application/json"]["example"];
            all.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                query: in_query
                    .map(|one| one["name"].as_str().unwrap().to_owned())
                    .collect(),
                body: example.is_object().then(|| example.clone()),
            });
        }
    }
    all
}

/// The path with each placeholder filled.
fn filled(path: &str, value: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{slug}" if value.is_empty() => "acme".to_owned(),
        part if part.starts_with('{') => match value {
            "" => format!("run_{:032x}", 1),
            value => form_urlencoded::byte_serialize(value.as_bytes())
                .collect::<String>()
                .replace('+', "%20"),
        },
        part => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The fault of an answer, if any.
fn find_fault(status: u16, body: &[u8], sent: &str) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    if !EXPECTED.contains(&status) {
        return Some(format!("{status}: {text}"));
    }
    let problem: Value = serde_json::from_slice(body).unwrap_or_default();
    if !problem["type"].is_string() || status < 400 {
        return None;
    }
    if status == 400 && !text.contains('`') && problem["type"] == "/problems/query-invalid" {
        return Some(format!("names no parameter: {text}"));
    }
    let errors = problem["errors"].as_array().map_or(&[][..], Vec::as_slice);
    let details = errors.iter().map(|error| error["detail"].to_string());
    let output = format!("{} {}", problem["detail"], details.collect::<String>());
    let is_repeated = sent.chars().count() > 5 && output.contains(sent) || output.contains(CANARY);
    if is_repeated {
        return Some(format!("repeats what was sent: {text}"));
    }
    if let Some(word) = INTERNAL_WORDS.iter().find(|word| output.contains(**word)) {
        return Some(format!("says {word:?}: {text}"));
    }
    let pointers: Vec<_> = errors
        .iter()
        .filter_map(|error| error["pointer"].as_str())
        .collect();
    let is_bad = |pointer: &&str| pointer.chars().count() > 200 || pointer.contains('\n');
    pointers
        .into_iter()
        .find(is_bad)
        .map(|pointer| format!("points with {pointer:?}"))
}

/// Every member of a body, down to two levels.
fn pointers(body: &Value) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![(String::new(), body)];
    while let Some((at, value)) = open.pop() {
        let Some(members) = value.as_object() else {
            continue;
        };
        for (name, member) in members {
            let here = format!("{at}/{name}");
            if here.matches('/').count() < 2 {
                open.push((here.clone(), member));
            }
            found.insert(here);
        }
    }
    found.into_iter().collect()
}

async fn app_with_acme() -> (TestApp, Vec<Operation>) {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let document = app.get("/openapi.json", OPERATOR).await.json();
    let operations = operations(&document);
    assert!(
        operations.len() > 60,
        "the description names the operations"
    );
    (app, operations)
}

#[tokio::test]
async fn every_parameter_takes_every_value_or_refuses_it_by_name() {
    let (app, operations) = app_with_acme().await;
    let mut faults = Vec::new();
    for operation in &operations {
        let path = filled(&operation.path, "");
        for name in &operation.query {
            for text in texts() {
                let pair = form_urlencoded::Serializer::new(String::new())
                    .append_pair(name, &text)
                    .finish();
                let path = format!("{path}?{pair}");
                let body = operation.body.clone().unwrap_or_default();
                let answer = app
                    .call(operation.method.clone(), &path, OPERATOR, &body)
                    .await;
                if let Some(fault) = find_fault(answer.status, &answer.bytes, &text) {
                    faults.push(format!(
                        "{} {name}={text:.20?} {fault:.300}",
                        operation.path
                    ));
                }
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
    app.stop().await;
}

#[tokio::test]
async fn every_path_takes_every_value_or_refuses_it() {
    let (app, operations) = app_with_acme().await;
    let mut faults = Vec::new();
    for operation in operations.iter().filter(|one| one.path.contains('{')) {
        for text in texts()
            .into_iter()
            .filter(|text| !text.is_empty() && text != "../..")
        {
            let path = filled(&operation.path, &text);
            let body = operation.body.clone().unwrap_or_default();
            let answer = app
                .call(operation.method.clone(), &path, OPERATOR, &body)
                .await;
            if let Some(fault) = find_fault(answer.status, &answer.bytes, &text) {
                faults.push(format!(
                    "{} {} {text:.20?} {fault:.300}",
                    operation.method, operation.path
                ));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
    app.stop().await;
}

#[tokio::test]
async fn every_field_takes_every_value_or_refuses_it_by_pointer() {
    let (app, operations) = app_with_acme().await;
    let mut faults = Vec::new();
    for operation in &operations {
        let Some(body) = &operation.body else {
            continue;
        };
        let path = filled(&operation.path, "");
        let mut bodies = Vec::new();
        for pointer in pointers(body) {
            for value in values() {
                let mut changed = body.clone();
                *changed.pointer_mut(&pointer).unwrap() = value.clone();
                bodies.push((format!("{pointer}={value:.30}"), value, changed));
            }
        }
        for name in [format!("a\n{CANARY}"), CANARY.repeat(100), "\0".to_owned()] {
            let mut changed = body.clone();
            changed
                .as_object_mut()
                .unwrap()
                .insert(name.clone(), json!(1));
            bodies.push((format!("{name:.30}"), json!(""), changed));
        }
        for (what, value, body) in bodies {
            let answer = app
                .call(operation.method.clone(), &path, OPERATOR, &body)
                .await;
            if let Some(fault) = find_fault(
                answer.status,
                &answer.bytes,
                value.as_str().unwrap_or_default(),
            ) {
                faults.push(format!(
                    "{} {} {what} {fault:.300}",
                    operation.method, operation.path
                ));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
    app.stop().await;
}
