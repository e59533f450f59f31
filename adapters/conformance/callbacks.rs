//! Golden callbacks: requests from partners' documents, and what the adapter must read in them.
//!
//! A case is `<case>.request`, written as golden requests are, and `<case>.json`: the callback, or the reason for which it
//! is refused. A case with `refetch` and `record` is an unsigned callback: they hold the URL to fetch and its answer.

use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use url::Url;

use super::golden::{case_files, read_json, read_text};
use super::{Fixture, Report};
use crate::contract::Adapter;
use crate::contract::callback::{Callback, CallbackReadError, CallbackRequest, Callbacks};

/// Far more than any real callback has.
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
    let has_cases = folder.join("golden/callbacks").is_dir();
    let Some(callbacks) = adapter.callbacks() else {
        report.ensure(!has_cases, || {
            "golden/callbacks exists, but the adapter has no callbacks".to_owned()
        });
        return;
    };
    check_junk(report, callbacks, fixture);
    report.ensure(has_cases, || {
        "the adapter has callbacks, but golden/callbacks is missing".to_owned()
    });
    if !has_cases {
        return;
    }
    for path in report
        .require(case_files(folder, "callbacks", ".json"))
        .unwrap_or_default()
    {
        let outcome = check_case(callbacks, fixture, &path);
        report.require(outcome.map_err(|fault| format!("{}: {fault}", path.display())));
    }
}

fn check_case(callbacks: &dyn Callbacks, fixture: &Fixture, path: &Path) -> Result<(), String> {
    let case: Case = read_json(path)?;
    let request = read_text(&path.with_extension("request"))?;
    let (headers, body) = split_request(&request).ok_or(
        "the request is malformed: expected headers, an empty line, the body and a final line end",
    )?;
    let request = CallbackRequest {
        method: "POST",
        url: case.url.as_ref().unwrap_or(&fixture.endpoint),
        headers: &headers,
        body,
    };
    let settings = case.settings.as_ref().unwrap_or(&fixture.settings);
    let outcome = match (&case.refetch, &case.record) {
        (None, None) => callbacks.read(&request, settings),
        (expected_url, record) => confirmed_callback(
            callbacks,
            &request,
            settings,
            expected_url,
            record.as_deref(),
        )?,
    };
    let (callback, refused) = match outcome {
        Ok(callback) => (Some(callback), None),
        Err(refusal) => (None, Some(refusal.to_string())),
    };
    if (&callback, &refused) == (&case.callback, &case.refused) {
        return Ok(());
    }
    let actual = json!({"callback": callback, "refused": refused});
    Err(format!("the adapter reads {actual}"))
}

/// Reads an unsigned callback through its confirmation. A case without `refetch` must not name a record to fetch.
fn confirmed_callback(
    callbacks: &dyn Callbacks,
    request: &CallbackRequest<'_>,
    settings: &Value,
    expected_url: &Option<Url>,
    record: Option<&RawValue>,
) -> Result<Result<Callback, CallbackReadError>, String> {
    let confirmation = match callbacks.confirmation_request(request, settings) {
        Ok(confirmation) => confirmation,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if Some(&confirmation.url) != expected_url.as_ref() {
        return Err(format!("the adapter fetches {}", confirmation.url));
    }
    let record = record.map_or("", RawValue::get);
    Ok(callbacks.read_confirmation(request, record.as_bytes(), settings))
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

/// Junk is refused, and never causes a panic.
fn check_junk(report: &mut Report, callbacks: &dyn Callbacks, fixture: &Fixture) {
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
        let request = CallbackRequest {
            method: "POST",
            url: &fixture.endpoint,
            headers: &[],
            body,
        };
        let settings = &fixture.settings;
        report.ensure(callbacks.read(&request, settings).is_err(), || {
            format!("reads {} bytes of junk as a callback", body.len())
        });
        let confirmed = callbacks.read_confirmation(&request, body, settings);
        let named = callbacks.confirmation_request(&request, settings);
        report.ensure(confirmed.is_err() && named.is_err(), || {
            format!("reads {} bytes of junk as an unsigned callback", body.len())
        });
    }
}
