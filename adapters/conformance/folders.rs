//! The same file names in every folder, so that a reader of one adapter finds everything in the others.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::Report;

const REQUIRED: &[&str] = &["NOTES.md", "golden", "mod.rs", "order.rs", "profile.json"];

/// For dialects that need them.
const OPTIONAL: &[&str] = &[
    "callback.rs",
    "catalog.rs",
    "money.rs",
    "parcels.rs",
    "refund.rs",
    "reply.rs",
    "settings.rs",
    "tests.rs",
    "wire.rs",
];

pub(super) fn check(report: &mut Report, folder: &Path) {
    let Some(files) = report.require(file_names(folder)) else {
        return;
    };
    for required in REQUIRED {
        report.ensure(files.contains(*required), || {
            format!("{required} is missing")
        });
    }
    for file in &files {
        let is_expected = REQUIRED.contains(&file.as_str()) || OPTIONAL.contains(&file.as_str());
        report.ensure(is_expected, || {
            format!("{file} is not one of the files that an adapter folder may hold")
        });
    }
}

fn file_names(folder: &Path) -> Result<BTreeSet<String>, String> {
    let unreadable = |error| format!("{}: {error}", folder.display());
    fs::read_dir(folder)
        .map_err(unreadable)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_, _>>()
        .map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::super::tests::dialects_folder;
    use super::*;
    use crate::dialects::{all, by_name};

    #[test]
    fn every_folder_is_registered_and_every_registered_adapter_has_a_folder() {
        let mut folders = file_names(&dialects_folder()).unwrap();
        folders.remove("mod.rs");
        let registered = all().iter().map(|adapter| adapter.name().to_owned());
        assert_eq!(folders, registered.collect());
    }

    #[test]
    fn every_adapter_is_found_by_its_name_and_no_name_is_taken_twice() {
        for adapter in all() {
            let found = by_name(adapter.name()).unwrap();
            assert!(std::ptr::addr_eq(*adapter, found), "{}", adapter.name());
        }
        assert!(by_name("nobody").is_none());
    }
}
