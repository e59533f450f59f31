//! `feed check` reports the same counts as a push of the same file, whatever is wrong with it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::api::OPERATOR;
use crate::support::app::TestApp;

/// The findings of the gate, which compares with a catalog: a file has none.
const GATE_CODES: [&str; 4] = [
    "too_many_errors_held",
    "too_few_items",
    "large_drop_held",
    "price_change_held",
];

/// A report's counts, and the number of each finding.
fn summary(report: &Value) -> (Value, Vec<(String, u64)>) {
    let items = &report["items"];
    let issues = report["issues"].as_array().unwrap().iter();
    let mut issues: Vec<_> = issues
        .map(|one| {
            (
                one["code"].as_str().unwrap().to_owned(),
                one["count"].as_u64().unwrap(),
            )
        })
        .filter(|(code, _)| !GATE_CODES.contains(&code.as_str()))
        .collect();
    issues.sort();
    (
        json!([items["read"], items["valid"], items["invalid"]]),
        issues,
    )
}

async fn feed_command(app: &TestApp, arguments: &[&str]) -> Value {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_buywire"));
    command
        .env("BUYWIRE_SERVER", format!("http://{}", app.address))
        .env("BUYWIRE_KEY", OPERATOR);
    let output = command.arg("feed").args(arguments).output().await.unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// Every document of these folders.
fn documents(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if !path.to_str().unwrap().ends_with(".drafts.json") {
                files.push(path);
            }
        }
    }
    files.sort();
    assert!(!files.is_empty());
    files
}

/// A document and its damaged variants.
fn damaged(whole: &[u8]) -> Vec<Vec<u8>> {
    let lines: Vec<_> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let (first, rest) = lines.split_first().unwrap();
    let message = b"<br />\n<b>Fatal error</b>:  Out of memory in <b>/srv/feed.php</b> on line <b>3</b><br />\n";
    let mut quote = whole.to_vec();
    if let Some(at) = quote
        .iter()
        .skip(first.len())
        .position(|byte| *byte == b',')
    {
        quote.insert(first.len() + at + 1, b'"');
    }
    let mut wide = whole.to_vec();
    wide.splice(
        first.len()..first.len(),
        b"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\n"
            .iter()
            .copied(),
    );
    vec![
        whole.to_vec(),
        whole[..whole.len() * 7 / 10].to_vec(),
        [whole, message].concat(),
        // Every record twice.
        [first.to_vec(), rest.concat(), rest.concat()].concat(),
        quote,
        wide,
    ]
}

/// Compares both for one document and returns its format.
async fn compare(app: &TestApp, file: &Path, name: &str) -> Value {
    let path = file.to_str().unwrap();
    let check = [
        "check",
        path,
        "--json",
        "--currency",
        "EUR",
        "--shop-url",
        "https://shop.example",
    ];
    let checked = feed_command(app, &check).await;
    // Only a push knows whether an inventory's items exist.
    if checked["format"] == "inventory" {
        return checked["format"].clone();
    }
    let push = ["push", path, "--partner", "acme", "--dry-run", "--json"];
    let pushed = feed_command(app, &push).await;
    assert_eq!(checked["format"], pushed["format"], "{name}: {pushed}");
    assert_eq!(
        summary(&checked),
        summary(&pushed),
        "{name}\n{checked}\n{pushed}"
    );
    let fails = checked["readable"] == false;
    assert_eq!(
        fails,
        pushed["status"] == "failed"
            || pushed["reason"] == "empty_feed"
            || pushed["reason"] == "duplicate_ids_excess",
        "{name}: {pushed}"
    );
    checked["format"].clone()
}

async fn shop() -> TestApp {
    let app = TestApp::start().await;
    let body = json!({
        "slug": "acme", "name": "Acme", "adapter": "standard",
        "settings": {"default_currency": "EUR", "shop_url": "https://shop.example"}
    });
    assert_eq!(app.post("/v1/partners", OPERATOR, &body).await.status, 201);
    app
}

#[tokio::test]
async fn every_fixture_counts_alike() {
    let app = shop().await;
    let mut read = 0;
    for folder in ["adapters/feeds/fixtures", "adapters/feeds/read/fixtures"] {
        for file in documents(folder) {
            let format = compare(&app, &file, file.to_str().unwrap()).await;
            read += usize::from(format.is_string());
        }
    }
    assert!(read > 20, "{read} documents were read");
    app.finish().await;
}

#[tokio::test]
async fn every_case_counts_alike_whole_and_damaged() {
    let app = shop().await;
    let folder = tempfile::tempdir().unwrap();
    for file in documents("adapters/feeds/cases") {
        let name = file.file_name().unwrap().to_str().unwrap();
        for (nth, bytes) in damaged(&fs::read(&file).unwrap()).into_iter().enumerate() {
            let copy = folder.path().join(name);
            fs::write(&copy, bytes).unwrap();
            compare(&app, &copy, &format!("{name}, damage {nth}")).await;
        }
    }
    app.finish().await;
}
