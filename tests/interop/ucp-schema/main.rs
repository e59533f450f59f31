//! Validates answers to agents with `ucp-schema`, the crate of the Universal Commerce Protocol.
//!
//! `ucp-schema-check SCHEMAS ANSWERS_MIN < ANSWERS`: SCHEMAS is the folder of the release; each line of ANSWERS is
//! `{"operation","status","body"}`. An answer names its capabilities, and the crate composes the schema from them. Fails on
//! an answer that does not fit, on fewer answers than ANSWERS_MIN, and if a spoilt answer would pass as well.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, stdin};
use std::path::{Path, PathBuf};

use serde_json::Value;
use ucp_schema::{
    Direction, ResolveOptions, SchemaBaseConfig, ValidateError, bundle_refs, compose_from_payload,
    load_schema, validate,
};

/// Where the release says that its schemas are.
const REMOTE: &str = "https://ucp.dev/2026-04-08";
/// What an error's schema is.
const ERROR: &str = "schemas/shopping/types/error_response.json";

struct Answer {
    operation: String,
    body: Value,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (folder, minimum) = (arguments.next(), arguments.next());
    let folder = PathBuf::from(folder.ok_or("SCHEMAS is missing")?);
    let minimum: usize = minimum.ok_or("ANSWERS_MIN is missing")?.parse()?;
    let mut counts = BTreeMap::<String, usize>::new();
    let (mut checked, mut spoilt, mut faults) = (0, 0, BTreeMap::<String, usize>::new());
    for line in stdin().lock().lines() {
        let answer = read(&line?)?;
        match check(&folder, &answer) {
            Ok(()) => {}
            Err(fault) => {
                *faults
                    .entry(format!("{}: {fault}", answer.operation))
                    .or_default() += 1
            }
        }
        for worse in spoil(&answer) {
            spoilt += 1;
            if check(&folder, &worse).is_ok() {
                return Err(format!("a spoilt answer passes: {}", worse.body).into());
            }
        }
        checked += 1;
        *counts.entry(answer.operation).or_default() += 1;
    }
    for (fault, count) in &faults {
        println!("{count} × {fault}");
    }
    println!(
        "ucp-schema: {checked} answers, {} kinds of faults, {spoilt} spoilt answers are refused; {counts:?}",
        faults.len()
    );
    match checked < minimum || spoilt == 0 || !faults.is_empty() {
        true => Err("answers do not fit, or too few were validated".into()),
        false => Ok(()),
    }
}

fn read(line: &str) -> Result<Answer, Box<dyn Error>> {
    let mut answer: Value = serde_json::from_str(line)?;
    let operation = answer["operation"].as_str().ok_or("operation is missing")?;
    let operation = operation.to_owned();
    let mut body = answer["body"].take();
    if answer["status"].as_u64() >= Some(400)
        && let Some(members) = body.as_object_mut()
    {
        // Errors of the HTTP binding: the release wants them in the text, and has no schema for them.
        for name in ["code", "content", "detail"] {
            members.remove(name);
        }
    }
    Ok(Answer { operation, body })
}

fn check(folder: &Path, answer: &Answer) -> Result<(), String> {
    let is_error = answer.body["ucp"]["status"] == "error";
    let schema = match is_error {
        true => error_schema(folder),
        false => composed(folder, &answer.body),
    }?;
    let options = ResolveOptions::new(Direction::Response, &*answer.operation);
    validate(&schema, &answer.body, &options).map_err(|error| match error {
        ValidateError::Invalid { errors } => {
            let errors: Vec<_> = errors
                .iter()
                .map(|one| format!("{} at {}", one.message, one.path))
                .collect();
            errors.join("; ")
        }
        other => other.to_string(),
    })
}

/// The schema of the capabilities that the answer names, each bound to the authority in its name.
fn composed(folder: &Path, body: &Value) -> Result<Value, String> {
    let base = SchemaBaseConfig {
        local_base: Some(folder),
        remote_base: Some(REMOTE),
    };
    compose_from_payload(body, &base).map_err(|error| error.to_string())
}

fn error_schema(folder: &Path) -> Result<Value, String> {
    let path = folder.join(ERROR);
    let mut schema = load_schema(&path).map_err(|error| error.to_string())?;
    bundle_refs(&mut schema, path.parent().unwrap_or(folder)).map_err(|error| error.to_string())?;
    Ok(schema)
}

/// The same answer with something wrong in it.
fn spoil(answer: &Answer) -> Vec<Answer> {
    let spoilt = |change: &dyn Fn(&mut Value)| {
        let mut body = answer.body.clone();
        change(&mut body);
        (body != answer.body).then(|| Answer {
            operation: answer.operation.clone(),
            body,
        })
    };
    let without = |name: &'static str| {
        move |body: &mut Value| {
            body.as_object_mut()
                .and_then(|members| members.remove(name));
        }
    };
    let wrong_total = |body: &mut Value| {
        if let Some(amount) = body.pointer_mut("/totals/0/amount") {
            *amount = "10.00".into();
        }
    };
    let foreign_schema = |body: &mut Value| {
        if let Some(schema) =
            body.pointer_mut("/ucp/capabilities/dev.ucp.shopping.checkout/0/schema")
        {
            *schema = "https://evil.example/checkout.json".into();
        }
    };
    let changes: [&dyn Fn(&mut Value); 4] = [
        &without("ucp"),
        &without("totals"),
        &wrong_total,
        &foreign_schema,
    ];
    changes.into_iter().filter_map(spoilt).collect()
}
