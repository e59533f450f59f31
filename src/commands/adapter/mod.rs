//! `buywire adapter`: the dialects of this build, and help for writing another.
//!
//! Needs no gateway: everything is in the program or in the repository's `adapters` folder.

mod new;

use std::path::PathBuf;

use anyhow::{Context, bail};
use buywire_adapters::conformance::{check, http_file};
use buywire_adapters::contract::Adapter as Dialect;
use buywire_adapters::dialects;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::print::{fields, note, print_document, table};
use crate::output;

const COLUMNS: &[&str] = &["name", "title", "summary"];

/// Dialects.
#[derive(Subcommand)]
pub enum Adapter {
    /// List the dialects that partners can be given.
    List {
        /// The list as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show what one dialect can say and how it signs.
    Show {
        /// The dialect.
        name: String,
        /// The facts as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Hold one dialect to the contract, and print a golden order as the exact request that leaves.
    Test {
        /// The dialect.
        name: String,
        #[command(flatten)]
        adapters: AdaptersFolder,
    },
    /// Make the folder of a new dialect from a working skeleton, and register it.
    New {
        /// Its name for ever: lower case letters and digits.
        name: String,
        #[command(flatten)]
        adapters: AdaptersFolder,
    },
}

/// Where dialects are written.
#[derive(Args)]
pub struct AdaptersFolder {
    /// The repository's folder of adapters.
    #[arg(long, default_value = "adapters")]
    folder: PathBuf,
}

/// Do what was asked.
///
/// # Errors
/// When there is no such dialect, or it breaks the contract, or files cannot be read or written.
pub fn run(command: Adapter) -> anyhow::Result<()> {
    match command {
        Adapter::List { json } => list(json),
        Adapter::Show { name, json } => print_document(json, &facts(dialect(&name)?), fields),
        Adapter::Test { name, adapters } => return test(dialect(&name)?, &adapters),
        Adapter::New { name, adapters } => {
            new::create(&name, &adapters.folder)?;
            let folder = adapters.folder.join("dialects").join(&name);
            output::line(format_args!(
                "Created {} and registered it in dialects/mod.rs.\n\
                 Write its golden requests from the partner's documents, then its order.rs, and run\n  \
                 cargo test -p buywire-adapters && cargo run -- adapter test {name}",
                folder.display()
            ));
        }
    }
    Ok(())
}

fn dialect(name: &str) -> anyhow::Result<&'static dyn Dialect> {
    dialects::by_name(name).with_context(|| {
        let names: Vec<_> = dialects::all().iter().map(|one| one.name()).collect();
        format!(
            "there is no adapter `{name}`; there are {}",
            names.join(", ")
        )
    })
}

fn list(json: bool) {
    let all: Vec<_> = dialects::all().iter().map(|one| facts(*one)).collect();
    print_document(json, &json!({"data": all}), |list| table(list, COLUMNS));
}

fn facts(dialect: &dyn Dialect) -> Value {
    let profile = dialect.profile();
    let schemes = dialect.signature_schemes(&json!({}));
    let signatures: Vec<_> = schemes.iter().map(|scheme| scheme.name()).collect();
    json!({
        "name": dialect.name(),
        "title": profile.title,
        "summary": profile.summary,
        "documentation": profile.documentation,
        "content_type": profile.content_type,
        "events": profile.events,
        "signatures": signatures,
    })
}

/// The request goes to stdout, so that it can be kept as a file; the rest to stderr.
fn test(dialect: &dyn Dialect, adapters: &AdaptersFolder) -> anyhow::Result<()> {
    let name = dialect.name();
    let folder = adapters.folder.join("dialects").join(name);
    if !folder.is_dir() {
        bail!(
            "{} is not here: run this in the repository, or name its adapters with --folder",
            folder.display()
        );
    }
    let report = check(dialect, &folder);
    if let Ok(request) = http_file(dialect, &folder) {
        output::line(request);
    }
    report.faults().iter().for_each(|fault| note(fault));
    match report.faults().len() {
        0 => note(&format!(
            "{name} keeps the contract: {} checks",
            report.checked()
        )),
        faults => bail!(
            "{name} breaks the contract: {faults} of {} checks",
            report.checked()
        ),
    }
    Ok(())
}
