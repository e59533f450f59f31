//! Types and schemas agree: both accept the valid examples and reject the invalid ones.
//!
//! An invalid example is named after the code with which the type rejects it, then after what is
//! wrong: `out_of_range.no-piece.json`. `invalid-by-rule` has those that only the type can
//! refuse, because JSON Schema has no words for the rule.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on should stop"
)]

use std::{fs, path::Path};

use buywire_schemas::{
    catalog::{
        Availability, Item,
        issue::Code,
        report::{RunReport, RunStatus},
    },
    event::{EventType, OrderData, ReportData},
    ids::EventId,
    order::Order,
    post::{Post, State},
    problem::{BodyError, Problem},
    refund::RefundRequest,
    schema, schema_names,
};
use jsonschema::Validator;
use serde::Deserialize;
use serde_json::Value;

/// The name and the bytes of every example in a folder.
fn examples(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(folder);
    let mut examples: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                fs::read(&path).unwrap(),
            )
        })
        .collect();
    examples.sort();
    assert!(!examples.is_empty(), "{}", folder.display());
    examples
}

fn validator(name: &str) -> Validator {
    let schema: Value = serde_json::from_str(schema(name).unwrap()).unwrap();
    jsonschema::draft202012::meta::validate(&schema)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    jsonschema::draft202012::new(&schema).unwrap()
}

fn codes(refused: BodyError) -> Vec<&'static str> {
    match refused {
        BodyError::Invalid(problems) => problems.into_iter().map(|problem| problem.code).collect(),
        BodyError::NotJson(cause) => panic!("not JSON: {cause}"),
    }
}

/// Checks all examples of one kind against its schema and its parser.
fn hold_together(kind: &str, parse: impl Fn(&[u8]) -> Result<(), BodyError>) {
    let validator = validator(&format!("{kind}.v1"));
    let agrees = |bytes: &[u8]| validator.is_valid(&serde_json::from_slice(bytes).unwrap());

    for (name, bytes) in examples(&format!("valid/{kind}")) {
        assert!(agrees(&bytes), "{name}: the schema refuses it");
        parse(&bytes).unwrap_or_else(|refused| panic!("{name}: the type refuses it: {refused:?}"));
    }
    for (folder, schema_agrees) in [("invalid", false), ("invalid-by-rule", true)] {
        for (name, bytes) in examples(&format!("{folder}/{kind}")) {
            assert_eq!(agrees(&bytes), schema_agrees, "{folder}/{name}: the schema");
            let Err(refused) = parse(&bytes) else {
                panic!("{folder}/{name}: the type takes it")
            };
            let codes = codes(refused);
            let expected = name.split('.').next().unwrap();
            assert!(
                codes.contains(&expected),
                "{folder}/{name}: the type says {codes:?}"
            );
        }
    }
}

#[test]
fn order_and_its_schema_agree() {
    hold_together("order", |bytes| Order::parse(bytes).map(drop));
}

#[test]
fn refund_and_its_schema_agree() {
    hold_together("refund", |bytes| RefundRequest::parse(bytes).map(drop));
}

/// An event as a receiver reads it.
#[derive(Deserialize)]
struct Received {
    r#type: EventType,
    #[serde(with = "time::serde::rfc3339", rename = "timestamp")]
    _timestamp: time::OffsetDateTime,
    #[serde(rename = "id")]
    _id: EventId,
    data: serde_json::Map<String, Value>,
}

fn receive(bytes: &[u8]) -> serde_json::Result<()> {
    let received: Received = serde_json::from_slice(bytes)?;
    let data = Value::Object(received.data);
    if received.r#type.is_report() && data.get("fulfilment").is_some() {
        ReportData::deserialize(data)?;
    } else if received.r#type.has_order_data() {
        OrderData::deserialize(data)?;
    }
    Ok(())
}

/// Checks all examples of one kind against its schema and a type without error codes.
fn hold_read(kind: &str, read: impl Fn(&[u8]) -> serde_json::Result<()>) {
    let validator = validator(&format!("{kind}.v1"));
    for (folder, good) in [("valid", true), ("invalid", false)] {
        for (name, bytes) in examples(&format!("{folder}/{kind}")) {
            assert_eq!(
                validator.is_valid(&serde_json::from_slice(&bytes).unwrap()),
                good,
                "{folder}/{name}: the schema"
            );
            assert_eq!(read(&bytes).is_ok(), good, "{folder}/{name}: the type");
        }
    }
}

#[test]
fn event_and_its_schema_agree() {
    hold_read("event", receive);
}

#[test]
fn item_and_its_schema_agree() {
    hold_read("catalog", |bytes| {
        serde_json::from_slice::<Item>(bytes).map(drop)
    });
}

#[test]
fn post_and_its_schema_agree() {
    hold_read("post", |bytes| {
        serde_json::from_slice::<Post>(bytes).map(drop)
    });
}

#[test]
fn report_and_its_schema_agree() {
    hold_read("feed-report", |bytes| {
        serde_json::from_slice::<RunReport>(bytes).map(drop)
    });
}

#[test]
fn the_schemas_list_every_word_of_the_catalog() {
    let list = |name: &str, position: &str| -> Vec<String> {
        let schema: Value = serde_json::from_str(schema(name).unwrap()).unwrap();
        serde_json::from_value(schema.pointer(position).unwrap().clone()).unwrap()
    };
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let position = "/properties/issues/items/properties/code/enum";
    assert_eq!(list("feed-report.v1.json", position), codes);
    let statuses = RunStatus::ALL.map(RunStatus::as_str);
    let states: Vec<_> = State::ALL.iter().map(|state| state.as_str()).collect();
    assert_eq!(list("post.v1.json", "/properties/state/enum"), states);
    let position = "/properties/status/enum";
    assert_eq!(list("feed-report.v1.json", position), statuses);
    for word in list("catalog.v1.json", "/properties/availability/enum") {
        serde_json::from_value::<Availability>(word.into()).unwrap();
    }
}

#[test]
fn the_event_schema_lists_every_type() {
    let validator = validator("event.v1");
    let (_, example) = examples("valid/event").swap_remove(2);
    let mut event: Value = serde_json::from_slice(&example).unwrap();
    for kind in EventType::ALL {
        event["type"] = kind.as_str().into();
        assert!(validator.is_valid(&event), "{kind}");
    }
}

#[test]
fn every_refusal_makes_a_problem_of_the_published_form() {
    let validator = validator("problem.v1.json");
    for (name, bytes) in examples("invalid/order") {
        let Err(BodyError::Invalid(errors)) = Order::parse(&bytes) else {
            panic!("{name}: taken")
        };
        let problem = Problem {
            kind: "/problems/order-invalid".into(),
            title: "The order is refused.".into(),
            status: 422,
            detail: format!("{} problems.", errors.len()),
            errors,
        };
        let problem = serde_json::to_value(&problem).unwrap();
        assert!(validator.is_valid(&problem), "{name}: {problem}");
    }
}

#[test]
fn a_schema_is_found_by_its_name() {
    assert_eq!(schema_names().count(), 7);
    for name in schema_names() {
        assert!(schema(name).is_some());
        assert_eq!(schema(name), schema(name.strip_suffix(".json").unwrap()));
    }
    assert_eq!(schema("../Cargo.toml"), None);
}
