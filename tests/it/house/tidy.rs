//! The house rules that no compiler checks: file sizes, file headers, imports between rooms, and no paths of the
//! machine a file was written on.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::rooms::{ALLOWED_IMPORTS, ENTRY_POINTS};

const LINES_MAX: usize = 400;

/// Packages that only these places may use, so that they can be replaced there.
const CRATE_HOMES: [(&str, &[&str]); 14] = [
    ("actix_http", &["src/http/"]),
    ("actix_service", &["src/http/"]),
    ("actix_web", &["src/boot/", "src/http/"]),
    ("backoff", &["src/db/retry.rs"]),
    // The gateway must not share code with the processor that it is tested against.
    (
        "buywire_sandbox_processor",
        &["src/commands/sandbox_processor.rs"],
    ),
    ("deadpool", &["src/db/"]),
    ("deadpool_postgres", &["src/db/", "src/store/"]),
    ("hyper", &["src/delivery/sending/sender/"]),
    ("lettre", &["src/mail/"]),
    (
        "reqwest",
        &[
            "src/callbacks/record_client.rs",
            "src/catalog/sources/fetch/",
            "src/catalog/images/fetch.rs",
            "src/commands/",
            "src/delivery/sending/sender/",
            "src/egress/",
            "src/payments/stripe/client.rs",
            "src/quotes/hook/client.rs",
        ],
    ),
    ("russh", &["src/catalog/sources/files/"]),
    ("russh_sftp", &["src/catalog/sources/files/"]),
    (
        "suppaftp",
        &["src/catalog/sources/files/", "src/egress/files/"],
    ),
    (
        "tokio_postgres",
        &[
            "src/db/",
            "src/local_postgres/",
            "src/store/",
            "src/tools/bench/",
        ],
    ),
];

/// SQL about PostgreSQL itself, which runs before there is a schema.
const SQL_ALLOWED_IN: [&str; 2] = ["src/local_postgres/", "src/db/migrate.rs"];
const SQL_WORDS: [&str; 4] = ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE "];

/// Written in pieces, so that this file does not find itself.
const MACHINE_PATHS: [&str; 4] = [
    concat!("/wo", "rk/"),
    concat!("/fa", "rm/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
];

pub(super) struct SourceFile {
    /// Relative to the repository, with forward slashes.
    pub(super) path: String,
    pub(super) text: String,
}

pub(super) fn repository_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All text files in these folders with this ending, tracked or not.
pub(super) fn files(folders: &[&str], ending: &str) -> Vec<SourceFile> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = folders
        .iter()
        .map(|folder| repository_root().join(folder))
        .collect();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let built = [
                "target",
                "node_modules",
                ".git",
                ".buywire",
                ".venv",
                "__pycache__",
            ];
            if built.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else if name.ends_with(ending)
                && let Ok(text) = fs::read_to_string(&path)
            {
                let path = path
                    .strip_prefix(repository_root())
                    .unwrap()
                    .to_str()
                    .unwrap();
                let path = path.replace('\\', "/");
                found.push(SourceFile { path, text });
            }
        }
    }
    assert!(!found.is_empty(), "no {ending} file below {folders:?}");
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

pub(super) fn rust_files() -> Vec<SourceFile> {
    let roots = [
        "src", "adapters", "schemas", "checkout", "tools", "tests", "benches",
    ];
    files(&roots, ".rs")
}

/// Fails with every breach at once.
pub(super) fn assert_none(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

/// A source file without its unit tests and comments.
pub(super) fn without_tests_and_comments(text: &str) -> String {
    let product = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = product
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_file_fits_the_reader() {
    let files = rust_files();
    let long = files.iter().map(|file| (file, file.text.lines().count()));
    let long: Vec<_> = long
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(file, lines)| format!("{}: {lines} lines, at most {LINES_MAX}", file.path))
        .collect();
    assert_none(&long);
}

#[test]
fn a_file_says_first_what_it_is_for() {
    let files = rust_files();
    let undocumented: Vec<_> = files
        .iter()
        .filter(|file| !file.text.starts_with("//! "))
        .map(|file| format!("{}: does not begin with `//! `", file.path))
        .collect();
    assert_none(&undocumented);
}

#[test]
fn a_room_names_only_the_rooms_it_may_know() {
    let mut breaches = Vec::new();
    for file in files(&["src"], ".rs") {
        let module = module_of(&file.path);
        if ENTRY_POINTS.contains(&module) {
            continue;
        }
        let Some((_, allowed)) = ALLOWED_IMPORTS.iter().find(|(name, _)| *name == module) else {
            breaches.push(format!(
                "{}: `{module}` has no line in ALLOWED_IMPORTS",
                file.path
            ));
            continue;
        };
        let product = without_tests_and_comments(&file.text);
        let imported = imported_modules(&product);
        let forbidden = imported
            .iter()
            .filter(|name| **name != module && !allowed.contains(name));
        breaches.extend(forbidden.map(|name| format!("{}: names `{name}`", file.path)));
    }
    assert_none(&breaches);
}

fn module_of(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap();
    inside.split(['/', '.']).next().unwrap()
}

/// The name after each `crate::`. A group, `crate::{…}`, gives an empty name, which is always forbidden:
/// one `use` per room keeps the imports readable.
fn imported_modules(text: &str) -> BTreeSet<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let after = text.split("crate::").skip(1);
    after
        .filter_map(|rest| rest.split(|c| !is_name(c)).next())
        .collect()
}

#[test]
fn a_package_is_known_only_where_it_is_at_home() {
    let mut breaches = Vec::new();
    for file in files(&["src"], ".rs") {
        let text = without_tests_and_comments(&file.text);
        for (package, homes) in CRATE_HOMES {
            let named = text.contains(&format!("{package}::"));
            if named && !homes.iter().any(|home| file.path.starts_with(home)) {
                breaches.push(format!("{}: knows `{package}`", file.path));
            }
        }
    }
    assert_none(&breaches);
}

/// The standard macros panic when the reader of a pipe is gone.
#[test]
fn the_program_prints_in_one_place() {
    let mut breaches = Vec::new();
    for file in files(&["src"], ".rs") {
        let text = without_tests_and_comments(&file.text);
        if ["print!(", "println!(", "dbg!("]
            .iter()
            .any(|word| text.contains(word))
        {
            breaches.push(format!("{}: prints by itself; use `output`", file.path));
        }
    }
    assert_none(&breaches);
}

#[test]
fn sql_lives_in_files_that_say_why_and_are_used() {
    let sources = files(&["src"], ".rs");
    let mut breaches = Vec::new();
    for file in &sources {
        let text = without_tests_and_comments(&file.text);
        let spelled = SQL_WORDS.iter().any(|word| text.contains(word));
        if spelled
            && !SQL_ALLOWED_IN
                .iter()
                .any(|prefix| file.path.starts_with(prefix))
        {
            breaches.push(format!("{}: holds SQL text", file.path));
        }
    }
    for file in files(&["src"], ".sql") {
        let folder = file.path.rfind("sql/").unwrap_or_default();
        let inside = file.path.get(folder..);
        let used = |inside| sources.iter().any(|source| source.text.contains(inside));
        if !inside.is_some_and(|inside| inside.starts_with("sql/") && used(inside)) {
            breaches.push(format!("{}: in no room's use", file.path));
        }
        if !file.text.starts_with("-- ") {
            breaches.push(format!("{}: does not begin with why it exists", file.path));
        }
    }
    assert_none(&breaches);
}

#[test]
fn nothing_tells_of_the_machine_it_was_made_on() {
    let mut breaches = Vec::new();
    for file in files(&["."], "") {
        let path = file.path.trim_start_matches("./");
        for machine_path in MACHINE_PATHS {
            if file.text.contains(machine_path) {
                breaches.push(format!("{path}: holds {machine_path}"));
            }
        }
    }
    assert_none(&breaches);
}
