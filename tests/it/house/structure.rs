//! The folders show the architecture: no circles, no crowded folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::imports::{circles, graph};
use super::tidy::{SourceFile, assert_none, files, repository_root, rust_files};

/// Files that may import one another: a parent and its children, or two halves of one thing.
const CIRCLE_FILES_MAX: usize = 3;
/// What a reader sees at one glance.
const FOLDER_ENTRIES_MAX: usize = 20;

/// The crates: where their sources lie, and what lies there that is not theirs.
const CRATES: [(&str, &[&str]); 6] = [
    ("src", &[]),
    ("schemas", &["schemas/tests/"]),
    ("adapters/feeds", &[]),
    ("adapters", &["adapters/feeds/"]),
    ("tools/sandbox-processor/src", &[]),
    ("checkout", &[]),
];

fn sources(root: &str, except: &[&str]) -> Vec<SourceFile> {
    let is_test = |path: &str| {
        let stem = path.trim_end_matches(".rs");
        stem.contains("/tests") || stem.ends_with("_tests") || stem.contains("fuzz_")
    };
    let mut sources = files(&[root], ".rs");
    sources.retain(|file| {
        !is_test(&file.path) && !except.iter().any(|other| file.path.starts_with(other))
    });
    sources
}

#[test]
fn files_import_one_another_in_small_circles_at_most_and_never_across_rooms() {
    let mut breaches = Vec::new();
    for (root, except) in CRATES {
        let sources = sources(root, except);
        let graph = graph(root, &sources);
        for circle in circles(&graph) {
            let modules: BTreeSet<_> = circle.iter().map(|path| module(root, path)).collect();
            if circle.len() > CIRCLE_FILES_MAX || modules.len() > 1 {
                breaches.push(format!("{} files: {circle:?}", circle.len()));
            }
        }
    }
    assert_none(&breaches);
}

/// The first name below the crate's folder.
fn module<'a>(root: &str, path: &'a str) -> &'a str {
    let inside = path.strip_prefix(root).unwrap().trim_start_matches('/');
    inside.split(['/', '.']).next().unwrap()
}

#[test]
fn a_folder_is_seen_at_one_glance() {
    let mut entries: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let sources = rust_files();
    for file in &sources {
        let mut path = file.path.as_str();
        while let Some((folder, name)) = path.rsplit_once('/') {
            entries.entry(folder).or_default().insert(name);
            path = folder;
        }
    }
    // The rooms themselves are listed in `docs/ARCHITECTURE.md`.
    entries.remove("src");
    let crowded = entries
        .iter()
        .filter(|(_, names)| names.len() > FOLDER_ENTRIES_MAX);
    let breaches: Vec<_> = crowded
        .map(|(folder, names)| {
            format!(
                "{folder}: {} entries, at most {FOLDER_ENTRIES_MAX}",
                names.len()
            )
        })
        .collect();
    assert_none(&breaches);
}

#[test]
fn lock_files_name_the_public_registries_or_none() {
    let public = "registry+https://github.com/rust-lang/crates.io-index";
    let lock = fs::read_to_string(repository_root().join("Cargo.lock")).unwrap();
    let elsewhere = lock
        .lines()
        .filter(|line| line.starts_with("source = ") && !line.contains(public));
    assert_eq!(elsewhere.collect::<Vec<_>>(), Vec::<&str>::new());
    for (folder, ending) in [("tests/interop", ".json"), ("tests/interop", ".txt")] {
        for file in files(&[folder], ending) {
            let hosts = file
                .text
                .lines()
                .filter(|line| line.contains("\"resolved\"") || line.contains("-url"));
            assert_eq!(
                hosts.collect::<Vec<_>>(),
                Vec::<&str>::new(),
                "{}",
                file.path
            );
        }
    }
}
