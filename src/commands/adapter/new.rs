//! Creates a new adapter's folder from a skeleton that passes the conformance suite.
//!
//! Promises: overwrites nothing. Must not touch anything but the folder and the two lines that register it in
//! `dialects/mod.rs`.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail, ensure};

/// The skeleton's name in its files.
const NAME: &str = "skeleton";
const TYPE: &str = "Skeleton";

const FILES: &[(&str, &str)] = &[
    ("mod.rs", include_str!("skeleton/mod.rs.txt")),
    ("order.rs", include_str!("skeleton/order.rs.txt")),
    ("profile.json", include_str!("skeleton/profile.json")),
    ("NOTES.md", include_str!("skeleton/NOTES.md")),
    (
        "golden/orders/confirmed.event.json",
        // The standard dialect's, which the conformance suite keeps in the stored form of events.
        include_str!("../../../adapters/dialects/standard/golden/orders/confirmed.event.json"),
    ),
    (
        "golden/orders/confirmed.request",
        include_str!("skeleton/confirmed.request.txt"),
    ),
    (
        "golden/replies/accepted.json",
        include_str!("skeleton/accepted.json"),
    ),
];

/// Names that Rust reserves.
const KEYWORDS: &[&str] = &[
    "abstract", "async", "await", "become", "box", "break", "const", "continue", "crate", "do",
    "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in",
    "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Create `adapters/dialects/<name>/` and register it.
pub(super) fn create(name: &str, adapters: &Path) -> anyhow::Result<()> {
    check_name(name)?;
    let dialects = adapters.join("dialects");
    let folder = dialects.join(name);
    ensure!(
        !folder.exists(),
        "the name `{name}` is taken: {} already exists",
        folder.display()
    );
    // Edited before any file is written: half a registration would not compile.
    let registry = edited(&dialects.join("mod.rs"), |text| {
        with_entry(&with_module(text, name)?, name)
    })?;
    for (file, text) in FILES {
        write(&folder.join(file), &renamed(text, name))?;
    }
    write(&dialects.join("mod.rs"), &registry)
}

fn check_name(name: &str) -> anyhow::Result<()> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let begins = name
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_lowercase());
    ensure!(
        begins && name.bytes().all(plain) && name.len() <= 32,
        "`{name}` is not a valid name: use at most 32 lower-case letters and digits, beginning with a \
         letter"
    );
    ensure!(
        !KEYWORDS.contains(&name),
        "`{name}` is not a valid name: Rust reserves it"
    );
    Ok(())
}

fn edited(path: &Path, edit: impl Fn(&str) -> Option<String>) -> anyhow::Result<String> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("cannot read {}: run this in the repository, or pass its `adapters` folder with --folder", path.display()))?;
    match edit(&text) {
        Some(text) => Ok(text),
        None => bail!(
            "{} does not have the expected form: register the adapter by hand",
            path.display()
        ),
    }
}

/// Adds the module to the list of modules, in alphabetical order.
fn with_module(registry: &str, name: &str) -> Option<String> {
    let line = format!("pub mod {name};");
    let mut modules = registry.lines().filter(|line| line.starts_with("pub mod "));
    let last = modules.clone().next_back()?;
    let next = modules.find(|module| **module > *line);
    Some(match next {
        Some(next) => registry.replacen(next, &format!("{line}\n{next}"), 1),
        None => registry.replacen(last, &format!("{last}\n{line}"), 1),
    })
}

/// Adds the entry at the end of the registry.
fn with_entry(registry: &str, name: &str) -> Option<String> {
    let (before, rest) = registry.split_once("pub fn all()")?;
    let (signature, rest) = rest.split_once("&[")?;
    let (entries, after) = rest.split_once(']')?;
    let entry = format!("&{name}::{}", type_name(name));
    let entries: String = entries
        .split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .chain([entry.as_str()])
        .map(|entry| format!("        {entry},\n"))
        .collect();
    Some(format!(
        "{before}pub fn all(){signature}&[\n{entries}    ]{after}"
    ))
}

fn renamed(text: &str, name: &str) -> String {
    text.replace(TYPE, &type_name(name)).replace(NAME, name)
}

fn type_name(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let written = path.parent().map_or(Ok(()), fs::create_dir_all);
    written
        .and_then(|()| fs::write(path, text))
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str = "//! Doc.\n\npub mod acp;\npub mod standard;\n\n\
                            pub fn all() -> &'static [&'static dyn Adapter] {\n    \
                            &[&standard::Standard, &acp::Acp]\n}\n";

    fn repository(registry: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("dialects")).unwrap();
        fs::write(folder.path().join("dialects/mod.rs"), registry).unwrap();
        folder
    }

    #[test]
    fn a_new_dialect_is_a_folder_and_two_lines() {
        let folder = repository(REGISTRY);
        create("emporium", folder.path()).unwrap();
        let read =
            |name: &str| fs::read_to_string(folder.path().join("dialects").join(name)).unwrap();
        assert_eq!(
            read("mod.rs"),
            "//! Doc.\n\npub mod acp;\npub mod emporium;\npub mod standard;\n\n\
             pub fn all() -> &'static [&'static dyn Adapter] {\n    &[\n        &standard::Standard,\n        \
             &acp::Acp,\n        &emporium::Emporium,\n    ]\n}\n"
        );
        for (file, _) in FILES {
            let text = read(&format!("emporium/{file}"));
            assert!(
                !text.to_lowercase().contains(NAME),
                "{file} keeps the skeleton's name"
            );
        }
        let again = create("emporium", folder.path()).unwrap_err().to_string();
        assert!(again.contains("is taken"), "{again}");
    }

    #[test]
    fn nothing_is_written_where_it_cannot_be_registered() {
        let folder = repository("nothing");
        create("emporium", folder.path()).unwrap_err();
        assert!(!folder.path().join("dialects/emporium").exists());
    }

    #[test]
    fn a_name_must_do_as_a_module_and_as_a_folder() {
        for name in [
            "",
            "7days",
            "Shop",
            "a-b",
            "a_b",
            "../up",
            "match",
            &"x".repeat(33),
        ] {
            assert!(check_name(name).is_err(), "{name}");
        }
        assert!(check_name("shop24").is_ok());
    }
}
