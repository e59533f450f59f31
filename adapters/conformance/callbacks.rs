//! Golden callbacks: what partners' documents show, and what it means.
//!
//! A case is `<case>.request`, written as golden requests are, and
//! `<case>.json`: the callback, or the sentence it is refused with. With
//! `refetch` and `record` it came unsigned: the URL that is asked, and what
//! that answers.

use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use url::Url;

use super::golden::{case_files, read_json, read_text};
use super::{Fixture, Report};
use crate::contract::Adapter;
use crate::contract::callback::{Callback, CallbackReadError, CallbackRequest};

/// What no partner's callback may be worth the memory of.
const JUNK_BYTES: usize = 1024 * 1024;

/// Names and values as they came.
type ArrivedHeaders = Vec<(String, String)>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(default)]
    url: Option<Url>,
    #[serde(default)]
    settings: Option<Value>,
    #[serde(default)]
    refetch: Option<Url>,
    #[serde(default)]
    record: Option<Box<RawValue>>,
    #[serde(default)]
    callback: Option<Callback>,
    #[serde(default)]
    refused: Option<String>,
}

pub(super) fn check(report: &mut Report, adapter: &dyn Adapter, fixture: &Fixture, folder: &Path) {
    check_junk(report, adapter, fixture);
    if !folder.join("golden/callbacks").is_dir() {
        let unsupported =
            read_callback(adapter, fixture, b"{}") == Err(CallbackReadError::Unsupported);
        report.ensure(unsupported, || {
            "reads callbacks and has no golden/callbacks".to_owned()
        });
        return;
    }
    for path in report
        .require(case_files(folder, "callbacks", ".json"))
        .unwrap_or_default()
    {
        let outcome = check_case(adapter, fixture, &path);
        report.require(outcome.map_err(|fault| format!("{}: {fault}", path.display())));
    }
}

fn check_case(adapter: &dyn Adapter, fixture: &Fixture, path: &Path) -> Result<(), String> {
    let case: Case = read_json(path)?;
    let request = read_text(&path.with_extension("request"))?;
    let (headers, body) =
        split_request(&request).ok_or("its request is not as golden files are")?;
    let request = CallbackRequest {
        method: "POST",
        url: case.url.as_ref().unwrap_or(&fixture.endpoint),
        headers: &headers,
        body,
    };
    let settings = case.settings.as_ref().unwrap_or(&fixture.settings);
    let outcome = match (&case.refetch, &case.record) {
        (None, None) => adapter.read_callback(&request, settings),
        (expected_url, record) => {
            confirmed_callback(adapter, &request, settings, expected_url, record.as_deref())?
        }
    };
    let (callback, refused) = match outcome {
        Ok(callback) => (Some(callback), None),
        Err(refusal) => (None, Some(refusal.to_string())),
    };
    if (&callback, &refused) == (&case.callback, &case.refused) {
        return Ok(());
    }
    let actual = json!({"callback": callback, "refused": refused});
    Err(format!("is read as {actual}"))
}

/// The way of an unsigned callback; without a `refetch` it must not get a
/// question to ask.
fn confirmed_callback(
    adapter: &dyn Adapter,
    request: &CallbackRequest<'_>,
    settings: &Value,
    expected_url: &Option<Url>,
    record: Option<&RawValue>,
) -> Result<Result<Callback, CallbackReadError>, String> {
    let confirmation = match adapter.confirmation_request(request, settings) {
        Ok(confirmation) => confirmation,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if Some(&confirmation.url) != expected_url.as_ref() {
        return Err(format!("asks {}", confirmation.url));
    }
    let record = record.map_or("", RawValue::get);
    Ok(adapter.read_confirmation(request, record.as_bytes(), settings))
}

/// Headers, an empty line, and the body with a line end that is not part of it.
fn split_request(request: &str) -> Option<(ArrivedHeaders, &[u8])> {
    let (head, body) = request.split_once("\n\n")?;
    let headers = head
        .lines()
        .map(|line| line.split_once(": "))
        .map(|pair| pair.map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect::<Option<_>>()?;
    Some((headers, body.strip_suffix('\n')?.as_bytes()))
}

/// What is not in the dialect's words is refused, and never a panic.
fn check_junk(report: &mut Report, adapter: &dyn Adapter, fixture: &Fixture) {
    let long = vec![b'{'; JUNK_BYTES];
    let nested = json!({"order": {"id": []}, "id": 1, "data": null}).to_string();
    let junk: [&[u8]; 7] = [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        &long,
        nested.as_bytes(),
    ];
    for body in junk {
        report.ensure(read_callback(adapter, fixture, body).is_err(), || {
            format!("takes {} bytes of junk for a callback", body.len())
        });
        let request = incoming_request(fixture, body);
        let confirmed = adapter.read_confirmation(&request, body, &fixture.settings);
        let has_request = adapter
            .confirmation_request(&request, &fixture.settings)
            .is_ok();
        report.ensure(confirmed.is_err() && !has_request, || {
            format!("takes {} bytes of junk for a hint", body.len())
        });
    }
}

fn read_callback(
    adapter: &dyn Adapter,
    fixture: &Fixture,
    body: &[u8],
) -> Result<Callback, CallbackReadError> {
    adapter.read_callback(&incoming_request(fixture, body), &fixture.settings)
}

fn incoming_request<'a>(fixture: &'a Fixture, body: &'a [u8]) -> CallbackRequest<'a> {
    CallbackRequest {
        method: "POST",
        url: &fixture.endpoint,
        headers: &[],
        body,
    }
}
