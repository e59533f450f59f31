//! Compares each fixture with its drafts. `BLESS=1 cargo test -p buywire-feeds golden` rewrites them,
//! to be reviewed before they are committed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::super::FORMATS;
use super::reading::{read, rules, shown};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Every fixture, with the folder it is in.
fn documents() -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    for folder in fs::read_dir(fixtures()).unwrap() {
        let folder = folder.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        for file in fs::read_dir(&folder).unwrap() {
            let file = file.unwrap().path();
            if !file.to_str().unwrap().ends_with(".drafts.json") {
                found.push((name.clone(), file));
            }
        }
    }
    found.sort();
    found
}

fn found(file: &Path) -> (String, Value) {
    let name = file.file_name().unwrap().to_str().unwrap();
    let read = read(&fs::read(file).unwrap(), name, &rules()).expect(name);
    let issues = read
        .issues
        .iter()
        .map(|issue| serde_json::to_value(issue).unwrap());
    let issues: Vec<_> = issues.collect();
    let drafts: Vec<_> = read.drafts.iter().map(shown).collect();
    (
        read.format.to_owned(),
        json!({"drafts": drafts, "issues": issues}),
    )
}

#[test]
fn every_fixture_gives_its_drafts() {
    let mut wrong = Vec::new();
    for (folder, file) in documents() {
        let (format, found) = found(&file);
        assert_eq!(format, folder, "{}", file.display());
        let golden = PathBuf::from(format!("{}.drafts.json", file.display()));
        if std::env::var_os("BLESS").is_some() {
            fs::write(
                &golden,
                serde_json::to_string_pretty(&found).unwrap() + "\n",
            )
            .unwrap();
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        let expected: Value = serde_json::from_str(&expected).unwrap_or_default();
        if found != expected {
            wrong.push(format!(
                "{}\nfound {found:#}\nexpected {expected:#}",
                file.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_format_that_can_be_recognised_has_a_fixture() {
    let with: BTreeSet<_> = documents().into_iter().map(|(folder, _)| folder).collect();
    let formats = FORMATS.iter().map(|format| format.name());
    // It has no unique names: its feeds are recognised as Google's.
    let without: Vec<_> = formats
        .filter(|name| !with.contains(*name) && *name != "x")
        .collect();
    assert_eq!(without, Vec::<&str>::new());
}
