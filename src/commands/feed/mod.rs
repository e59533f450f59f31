//! `buywire feed`: check a feed, push it to a gateway, and list previous runs.

mod check;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use buywire_schemas::catalog::issue::FORMAT_OPTION_HELP;
use bytes::Bytes;
use clap::{Args, Subcommand};
use futures_util::stream;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::client::{Client, Remote};
use super::print::{field, note, print_document, table, text};

/// How often a waiting command polls.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// In a pipe, a waiting command prints a line after this many polls.
const LOG_EVERY_POLLS: u32 = 20;
/// Bytes per read from the disk.
const READ_BYTES: usize = 256 * 1024;
const COLUMNS: &[&str] = &[
    "id",
    "status",
    "reason",
    "format",
    "read",
    "invalid",
    "inserted",
    "updated",
    "unchanged",
    "removed",
    "finished_at",
];

/// Feeds.
#[derive(Subcommand)]
pub(crate) enum Feed {
    /// Check a feed file without a gateway: report what a push would find.
    Check(Box<check::Check>),
    /// Push a feed file, wait until its run has ended, and show the run's report.
    Push(Box<Push>),
    /// List a partner's feed runs, newest first.
    Runs {
        /// Partner slug.
        #[arg(long)]
        partner: String,
        #[command(flatten)]
        remote: Remote,
    },
}

#[derive(Args)]
pub(crate) struct Push {
    /// Feed file: plain, gzip or zip.
    file: PathBuf,
    /// Partner slug.
    #[arg(long)]
    partner: String,
    /// Feed format. Default: detected.
    #[arg(long, long_help = FORMAT_OPTION_HELP)]
    format: Option<String>,
    /// What the feed contains. `full`: all products, so that products it lacks go off sale; `upsert`: some products;
    /// `inventory`: price and stock of existing products; `supplemental`: descriptions that overlay those of the main
    /// feed.
    #[arg(long, default_value = "full")]
    mode: String,
    /// Report what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    remote: Remote,
}

/// Run it.
///
/// # Errors
/// When the gateway refuses the feed, or does not apply it.
pub(crate) async fn run(command: Feed) -> anyhow::Result<()> {
    match command {
        Feed::Check(check) => check.run(),
        Feed::Push(push) => push.run().await,
        Feed::Runs { partner, remote } => {
            let runs = remote
                .client()?
                .list(&["partners", &partner, "feed", "runs"], &[])
                .await?;
            print_document(remote.json, &runs, |runs| {
                let rows = field(runs, "data").as_array().into_iter().flatten();
                table(
                    &json!({"data": rows.map(with_counts).collect::<Vec<_>>()}),
                    COLUMNS,
                )
            });
            Ok(())
        }
    }
}

impl Push {
    async fn run(&self) -> anyhow::Result<()> {
        let client = self.remote.client()?;
        let mut query = vec![("mode", self.mode.as_str())];
        query.extend(self.format.as_deref().map(|format| ("format", format)));
        query.extend(self.dry_run.then_some(("dry_run", "true")));
        let body = stream_file(&self.file).await?;
        let queued = client
            .upload(
                &["partners", &self.partner, "feed"],
                &query,
                content_type(&self.file),
                body,
            )
            .await?;
        let run = text(field(&queued, "run"));
        let report = watch(&client, &self.partner, &run).await?;
        print_document(self.remote.json, &report, report_text);
        match text(field(&report, "status")).as_str() {
            "applied" | "dry_run" => Ok(()),
            status => bail!(
                "the feed was not applied: it is {status} ({})",
                text(field(&report, "reason"))
            ),
        }
    }
}

/// The media type, where the file name shows what the content may not.
fn content_type(path: &Path) -> Option<&'static str> {
    let name = path.to_str()?.trim_end_matches(".gz");
    let is_lines = name.ends_with(".jsonl") || name.ends_with(".ndjson");
    is_lines.then_some("application/x-ndjson")
}

/// The file as a stream: with a progress bar on a terminal, with a line for each tenth in a pipe.
async fn stream_file(path: &Path) -> anyhow::Result<reqwest::Body> {
    let file = File::open(path)
        .await
        .with_context(|| path.display().to_string())?;
    let bytes = file.metadata().await?.len();
    let bar = ProgressBar::new(bytes);
    bar.set_style(ProgressStyle::with_template(
        "{bar:40} {bytes}/{total_bytes} sent, {bytes_per_sec}",
    )?);
    let read = stream::try_unfold((file, bar), move |(mut file, bar)| async move {
        let mut buffer = vec![0; READ_BYTES];
        let count = file.read(&mut buffer).await?;
        buffer.truncate(count);
        let before = tenths(&bar);
        bar.inc(count as u64);
        if bar.is_hidden() && tenths(&bar) > before {
            let (sent, all) = (HumanBytes(bar.position()), HumanBytes(bytes));
            note(&format!("{sent} of {all} sent"));
        }
        if count == 0 {
            bar.finish_and_clear();
            return Ok::<_, std::io::Error>(None);
        }
        Ok(Some((Bytes::from(buffer), (file, bar))))
    });
    Ok(reqwest::Body::wrap_stream(read))
}

fn tenths(bar: &ProgressBar) -> u64 {
    bar.position() * 10 / bar.length().unwrap_or_default().max(1)
}

/// Waits until a run has ended, with a spinner on a terminal and lines in a pipe.
async fn watch(client: &Client, partner: &str, run: &str) -> anyhow::Result<Value> {
    let bar = ProgressBar::new_spinner();
    let in_a_pipe = !std::io::stderr().is_terminal();
    for polls in 0_u32.. {
        let report = client
            .get(&["partners", partner, "feed", "runs", run])
            .await?;
        let status = text(field(&report, "status"));
        let is_over = !matches!(status.as_str(), "queued" | "running");
        if in_a_pipe && (is_over || polls.is_multiple_of(LOG_EVERY_POLLS)) {
            note(&format!("{run}: {status}"));
        }
        if is_over {
            bar.finish_and_clear();
            return Ok(report);
        }
        bar.set_message(format!("{run}: {status}"));
        bar.tick();
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    Ok(Value::Null)
}

/// The counts as one line, then one line for each kind of finding.
fn report_text(report: &Value) -> String {
    let mut lines = table(&json!({"data": [with_counts(report)]}), COLUMNS);
    if field(report, "issues")
        .as_array()
        .is_some_and(|issues| !issues.is_empty())
    {
        lines.push('\n');
        let issues = json!({"data": field(report, "issues")});
        lines.push_str(&table(
            &issues,
            &["severity", "count", "code", "attribute", "help"],
        ));
    }
    lines
}

/// A report with its counts beside the rest.
fn with_counts(report: &Value) -> Value {
    let mut row = report.clone();
    if let (Some(row), Some(items)) = (row.as_object_mut(), field(report, "items").as_object()) {
        row.extend(items.clone());
    }
    row
}
