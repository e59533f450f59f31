//! Says early that PostgreSQL is missing: the build takes minutes, and what it builds could not start its own server.

use std::env;
use std::path::PathBuf;

/// Where Debian, Fedora and Homebrew install it, each version in a folder of its own: `src/local_postgres/binaries.rs`.
const VERSIONED: [(&str, &str); 4] = [
    ("/usr/lib/postgresql", ""),
    ("/usr", "pgsql-"),
    ("/opt/homebrew/opt", "postgresql@"),
    ("/usr/local/opt", "postgresql@"),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if !folders().any(|folder| folder.join("initdb").exists()) {
        // Only now: else whoever puts `target/release` on their PATH, as the README says, compiles everything again.
        println!("cargo::rerun-if-env-changed=PATH");
        println!(
            "cargo::warning=PostgreSQL is not installed, so Buywire cannot start a server of its own, and the tests need \
             one. Install it now (see README.md), or set DATABASE_URL."
        );
    }
}

fn folders() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<_> = env::split_paths(&path).collect();
    let versioned = VERSIONED.into_iter().flat_map(|(parent, prefix)| {
        let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
        entries
            .filter(move |entry| entry.file_name().to_string_lossy().starts_with(prefix))
            .map(|entry| entry.path().join("bin"))
    });
    on_path.into_iter().chain(versioned)
}
