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

use super::golden::{cases, read, text};
use super::{Report, Stage};
use crate::callback::{Callback, CallbackRefusal, CallbackRequest};
use crate::contract::Adapter;

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

pub(super) fn check(report: &mut Report, adapter: &dyn Adapter, stage: &Stage, folder: &Path) {
    junk(report, adapter, stage);
    if !folder.join("golden/callbacks").is_dir() {
        let silent = ask(adapter, stage, b"{}") == Err(CallbackRefusal::NotSpoken);
        report.hold(silent, || {
            "reads callbacks and has no golden/callbacks".to_owned()
        });
        return;
    }
    for path in report
        .found(cases(folder, "callbacks", ".json"))
        .unwrap_or_default()
    {
        let outcome = case(adapter, stage, &path);
        report.found(outcome.map_err(|fault| format!("{}: {fault}", path.display())));
    }
}

fn case(adapter: &dyn Adapter, stage: &Stage, path: &Path) -> Result<(), String> {
    let case: Case = read(path)?;
    let request = text(&path.with_extension("request"))?;
    let (headers, body) = parted(&request).ok_or("its request is not as golden files are")?;
    let request = CallbackRequest {
        method: "POST",
        url: case.url.as_ref().unwrap_or(&stage.endpoint),
        headers: &headers,
        body,
    };
    let settings = case.settings.as_ref().unwrap_or(&stage.settings);
    let read = match (&case.refetch, &case.record) {
        (None, None) => adapter.callback(&request, settings),
        (asked, record) => refetched(adapter, &request, settings, asked, record.as_deref())?,
    };
    let (callback, refused) = match read {
        Ok(callback) => (Some(callback), None),
        Err(refusal) => (None, Some(refusal.to_string())),
    };
    if (&callback, &refused) == (&case.callback, &case.refused) {
        return Ok(());
    }
    let said = json!({"callback": callback, "refused": refused});
    Err(format!("is read as {said}"))
}

/// The way of an unsigned callback; without a `refetch` it must not get a
/// question to ask.
fn refetched(
    adapter: &dyn Adapter,
    request: &CallbackRequest<'_>,
    settings: &Value,
    asked: &Option<Url>,
    record: Option<&RawValue>,
) -> Result<Result<Callback, CallbackRefusal>, String> {
    let question = match adapter.refetch(request, settings) {
        Ok(question) => question,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if Some(&question.url) != asked.as_ref() {
        return Err(format!("asks {}", question.url));
    }
    let record = record.map_or("", RawValue::get);
    Ok(adapter.refetched(request, record.as_bytes(), settings))
}

/// Headers, an empty line, and the body with a line end that is not part of it.
fn parted(request: &str) -> Option<(ArrivedHeaders, &[u8])> {
    let (head, body) = request.split_once("\n\n")?;
    let headers = head
        .lines()
        .map(|line| line.split_once(": "))
        .map(|pair| pair.map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect::<Option<_>>()?;
    Some((headers, body.strip_suffix('\n')?.as_bytes()))
}

/// What is not in the dialect's words is refused, and never a panic.
fn junk(report: &mut Report, adapter: &dyn Adapter, stage: &Stage) {
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
        report.hold(ask(adapter, stage, body).is_err(), || {
            format!("takes {} bytes of junk for a callback", body.len())
        });
        let request = arrived(stage, body);
        let read = adapter.refetched(&request, body, &stage.settings);
        let asks = adapter.refetch(&request, &stage.settings).is_ok();
        report.hold(read.is_err() && !asks, || {
            format!("takes {} bytes of junk for a hint", body.len())
        });
    }
}

fn ask(adapter: &dyn Adapter, stage: &Stage, body: &[u8]) -> Result<Callback, CallbackRefusal> {
    adapter.callback(&arrived(stage, body), &stage.settings)
}

fn arrived<'a>(stage: &'a Stage, body: &'a [u8]) -> CallbackRequest<'a> {
    CallbackRequest {
        method: "POST",
        url: &stage.endpoint,
        headers: &[],
        body,
    }
}
