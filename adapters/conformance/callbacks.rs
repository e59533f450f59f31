//! Golden callbacks: what partners' documents show, and what it means.
//!
//! A case is `<case>.request`, written as golden requests are, and
//! `<case>.json`: the callback, or the sentence it is refused with.

use std::fs;

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{NO_SETTINGS, folders::folder, golden::read};
use crate::callback::{Callback, CallbackRefusal, CallbackRequest};
use crate::contract::all;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(default = "here")]
    url: Url,
    #[serde(default)]
    settings: Value,
    #[serde(default)]
    callback: Option<Callback>,
    #[serde(default)]
    refused: Option<String>,
}

fn here() -> Url {
    "https://buywire.example/v1/callbacks/acme".parse().unwrap()
}

/// Headers, an empty line, and the body with a line end that is not part of it.
fn parted(request: &str) -> (Vec<(String, String)>, &[u8]) {
    let (head, body) = request.split_once("\n\n").unwrap();
    let headers = head
        .lines()
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    (headers, body.strip_suffix('\n').unwrap().as_bytes())
}

#[test]
fn golden_callbacks_mean_what_their_files_say() {
    for adapter in all() {
        let Ok(cases) = fs::read_dir(folder(adapter.name()).join("golden/callbacks")) else {
            let silent = ask(*adapter, b"{}");
            assert_eq!(
                silent,
                Err(CallbackRefusal::NotSpoken),
                "{}",
                adapter.name()
            );
            continue;
        };
        for path in cases.map(|entry| entry.unwrap().path()) {
            if path.extension().is_none_or(|ending| ending != "json") {
                continue;
            }
            let name = path.display();
            let case: Case = serde_json::from_str(&read(&path))
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let request = read(&path.with_extension("request"));
            let (headers, body) = parted(&request);
            let read = adapter.callback(
                &CallbackRequest {
                    method: "POST",
                    url: &case.url,
                    headers: &headers,
                    body,
                },
                if case.settings.is_null() {
                    &NO_SETTINGS
                } else {
                    &case.settings
                },
            );
            assert_eq!(read.clone().ok(), case.callback, "{name}");
            let refused = read.err().map(|refusal| refusal.to_string());
            assert_eq!(refused, case.refused, "{name}");
        }
    }
}

fn ask(adapter: &dyn crate::contract::Adapter, body: &[u8]) -> Result<Callback, CallbackRefusal> {
    let request = CallbackRequest {
        method: "POST",
        url: &here(),
        headers: &[],
        body,
    };
    adapter.callback(&request, &NO_SETTINGS)
}

#[test]
fn junk_is_refused_and_never_a_panic() {
    let mebibyte = vec![b'{'; 1024 * 1024];
    let nested = json!({"order": {"id": []}, "id": 1, "data": null}).to_string();
    let junk: [&[u8]; 7] = [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        &mebibyte,
        nested.as_bytes(),
    ];
    for adapter in all() {
        for body in junk {
            let refused = ask(*adapter, body).is_err();
            assert!(
                refused,
                "{} takes {} bytes of junk",
                adapter.name(),
                body.len()
            );
        }
    }
}
