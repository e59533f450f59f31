//! `docs/ARCHITECTURE.md` says what the code says: its table of rooms, and every path.

use std::collections::BTreeMap;
use std::fs;

use super::rooms::ALLOWED_IMPORTS;
use super::tidy::{assert_none, repository_root};

fn page() -> String {
    fs::read_to_string(repository_root().join("docs/ARCHITECTURE.md")).unwrap()
}

#[test]
fn the_table_of_rooms_is_the_one_that_the_imports_are_held_to() {
    let page = page();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let described: BTreeMap<&str, Vec<&str>> = rows
        .map(|row| {
            let mut cells = row.split(" | ");
            let room = cells.next().unwrap().trim_end_matches('`');
            let imports = cells.last().unwrap().trim_end_matches(" |");
            let imports = imports.split(", ").filter(|name| *name != "–");
            (room, imports.collect())
        })
        .collect();
    let held: BTreeMap<&str, Vec<&str>> = ALLOWED_IMPORTS
        .iter()
        .map(|(room, imports)| (*room, imports.to_vec()))
        .collect();
    assert_eq!(described, held);
}

#[test]
fn every_path_exists() {
    let page = page();
    let quoted = page.split('`').skip(1).step_by(2);
    let is_path = |text: &&str| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_./".contains(c);
        (text.ends_with(".rs") || text.ends_with(".sql") || text.ends_with('/'))
            && text.chars().all(is_name)
            // What builds make may be elsewhere: CARGO_TARGET_DIR.
            && !text.starts_with("target/")
    };
    let missing = quoted.filter(is_path).filter(|path| {
        let path = path.trim_start_matches('/');
        !["", "src"]
            .iter()
            .any(|root| repository_root().join(root).join(path).exists())
    });
    let breaches: Vec<_> = missing
        .map(|path| format!("docs/ARCHITECTURE.md: no {path}"))
        .collect();
    assert_none(&breaches);
}
