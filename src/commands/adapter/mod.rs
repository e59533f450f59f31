//! `buywire adapter`: lists, shows and tests adapters, and scaffolds new ones.
//!
//! Needs no gateway: everything is in the binary or in the repository's `adapters` folder.

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

/// List and show adapters, test one against the contract, or scaffold a new one.
#[derive(Subcommand)]
pub(crate) enum Adapter {
    /// List the adapters of this build.
    List {
        /// Print JSON instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Show one adapter: its events, content type and signatures.
    Show {
        /// Name of the adapter.
        name: String,
        /// Print JSON instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Test one adapter against the contract. Prints, for one golden order, the exact request that would be sent.
    Test {
        /// Name of the adapter.
        name: String,
        #[command(flatten)]
        adapters: AdaptersFolder,
    },
    /// Create the folder of a new adapter from a working skeleton, and register it.
    New {
        /// Permanent name: at most 32 lower-case letters and digits, beginning with a letter.
        name: String,
        #[command(flatten)]
        adapters: AdaptersFolder,
    },
}

/// Where adapters are stored.
#[derive(Args)]
pub(crate) struct AdaptersFolder {
    /// The repository's `adapters` folder.
    #[arg(long, default_value = "adapters")]
    folder: PathBuf,
}

/// Run the command.
///
/// # Errors
/// When the adapter does not exist or breaks the contract, or a file cannot be read or written.
pub(crate) fn run(command: Adapter) -> anyhow::Result<()> {
    match command {
        Adapter::List { json } => list(json),
        Adapter::Show { name, json } => print_document(json, &facts(dialect(&name)?), fields),
        Adapter::Test { name, adapters } => return test(dialect(&name)?, &adapters),
        Adapter::New { name, adapters } => {
            new::create(&name, &adapters.folder)?;
            let folder = adapters.folder.join("dialects").join(&name);
            output::line(format_args!(
                "Created {} and registered it in dialects/mod.rs.\n\
                 Next, write its golden requests from the partner's documents, then its order.rs. Test it with:\n  \
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
            "adapter `{name}` does not exist. Choose one of: {}",
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

/// The request goes to stdout, so that it can be redirected to a file; everything else goes to stderr.
fn test(dialect: &dyn Dialect, adapters: &AdaptersFolder) -> anyhow::Result<()> {
    let name = dialect.name();
    let folder = adapters.folder.join("dialects").join(name);
    if !folder.is_dir() {
        bail!(
            "{} does not exist: run this in the repository, or pass its `adapters` folder with --folder",
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
            "{name} keeps the contract: {} checks passed",
            report.checked()
        )),
        faults => bail!(
            "{name} breaks the contract: {faults} of {} checks failed",
            report.checked()
        ),
    }
    Ok(())
}
