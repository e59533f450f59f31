//! Folders and registry agree: read one adapter, know where all keep what.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::contract::{all, by_name};

/// Folders of this crate that are rooms of the machine, not adapters.
const ROOMS: &[&str] = &["conformance", "signing"];

const REQUIRED: &[&str] = &["NOTES.md", "golden", "mod.rs", "order.rs", "profile.json"];

/// For dialects that answer, call back or send feeds in their own way.
const OPTIONAL: &[&str] = &["callback.rs", "catalog.rs", "reply.rs", "words.rs"];

pub(super) fn folder(adapter: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(adapter)
}

fn names(folder: &Path, keep: fn(&Path) -> bool) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| keep(path))
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_folder_is_registered_and_every_registered_adapter_has_a_folder() {
    let mut folders = names(&folder(""), Path::is_dir);
    // Where Cargo puts its work when this crate is built alone.
    folders.remove("target");
    let registered = all().iter().map(|adapter| adapter.name());
    let known = registered.chain(ROOMS.iter().copied()).map(str::to_owned);
    assert_eq!(folders, known.collect());
}

#[test]
fn every_adapter_is_found_by_its_name_and_no_name_is_taken_twice() {
    for adapter in all() {
        let found = by_name(adapter.name()).unwrap();
        assert!(std::ptr::addr_eq(*adapter, found), "{}", adapter.name());
    }
    assert!(by_name("nobody").is_none());
}

#[test]
fn every_folder_has_the_same_files() {
    for adapter in all() {
        let files = names(&folder(adapter.name()), |_| true);
        for required in REQUIRED {
            assert!(files.contains(*required), "{}/{required}", adapter.name());
        }
        for file in &files {
            let known = [REQUIRED, OPTIONAL].concat().contains(&file.as_str());
            assert!(known, "{}/{file} has a name of its own", adapter.name());
        }
    }
}
