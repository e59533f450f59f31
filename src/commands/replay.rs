//! `buywire replay`: send many deliveries again, as a durable job of the gateway.

use std::io::IsTerminal;
use std::time::Duration;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};

use super::client::{Client, Remote};
use super::print::{field, fields, note, print_document, table, text};

const COLUMNS: &[&str] = &[
    "id",
    "status",
    "matched",
    "enqueued",
    "skipped",
    "delivered",
    "dead",
    "reason",
];
/// How often a waiting command polls.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// In a pipe, a waiting command prints its progress after this many polls.
const LOG_EVERY_POLLS: u32 = 20;

/// Replay jobs.
#[derive(Subcommand)]
pub(crate) enum Replay {
    /// Create a replay job, or with --dry-run only count the deliveries.
    Create {
        #[command(flatten)]
        filter: Box<Filter>,
        /// Maximum deliveries per second, across all endpoints.
        #[arg(long, default_value_t = 50)]
        rate: u32,
        /// Reason, for the audit log. Required without --dry-run.
        #[arg(long, required_unless_present = "dry_run")]
        reason: Option<String>,
        /// Include deliveries whose endpoint has accepted a later event of the same order.
        #[arg(long)]
        include_superseded: bool,
        /// Only count the matching deliveries.
        #[arg(long)]
        dry_run: bool,
        /// Wait until the job has ended, and show its progress.
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        remote: Remote,
    },
    /// Show a job and its progress.
    Show {
        #[command(flatten)]
        job: Job,
        /// Wait until the job has ended, and show its progress.
        #[arg(long)]
        wait: bool,
    },
    /// List replay jobs, newest first.
    List(Remote),
    /// Pause a job. Deliveries that are already enqueued are still sent.
    Pause(Job),
    /// Resume a paused job.
    Resume(Job),
    /// Cancel a job. Deliveries that are already enqueued are still sent.
    Cancel(Job),
}

#[derive(Args)]
pub(crate) struct Job {
    /// Replay id (`rpl_…`).
    id: String,
    #[command(flatten)]
    remote: Remote,
}

/// Filters over deliveries. Deliveries must match all of them.
#[derive(Args)]
pub(crate) struct Filter {
    /// What to send: `dead` deliveries; `missing`: events that never got a delivery to an endpoint; or `pending`:
    /// deliveries that wait for their next attempt, now.
    #[arg(long, default_value = "dead")]
    status: String,
    /// Filter by partner slug.
    #[arg(long)]
    partner: Option<String>,
    /// Filter by endpoint id (`ep_…`).
    #[arg(long)]
    endpoint: Option<String>,
    /// Filter by event type, such as order.confirmed.
    #[arg(long)]
    event_type: Option<String>,
    /// Filter by last error, such as timeout, or dead-letter reason, such as expired.
    #[arg(long)]
    error: Option<String>,
    /// Filter by failure group id (`flg_…`), as `GET /v1/failures` shows it.
    #[arg(long)]
    failure_group: Option<String>,
    /// Filter by time (RFC 3339): died, or with `--status missing` or `pending` emitted, at or after this time.
    #[arg(long)]
    since: Option<String>,
    /// Filter by time (RFC 3339): died, or with `--status missing` or `pending` emitted, before this time.
    #[arg(long)]
    until: Option<String>,
}

/// Run it.
///
/// # Errors
/// When the gateway refuses the request.
pub(crate) async fn run(command: Replay) -> anyhow::Result<()> {
    match command {
        Replay::Create {
            filter,
            rate,
            reason,
            include_superseded,
            dry_run,
            wait,
            remote,
        } => {
            let body = json!({
                "filter": filter.body(), "rate_per_second": rate, "reason": reason,
                "include_superseded": include_superseded, "dry_run": dry_run,
            });
            let client = remote.client()?;
            let mut made = client.post(&["replays"], &body).await?;
            if let Some(id) = field(&made, "id").as_str().filter(|_| wait) {
                made = watch(&client, id).await?;
            }
            print_document(remote.json, &made, fields);
        }
        Replay::Show { job, wait } => {
            let client = job.remote.client()?;
            let shown = match wait {
                true => watch(&client, &job.id).await?,
                false => client.get(&["replays", &job.id]).await?,
            };
            print_document(job.remote.json, &shown, fields);
        }
        Replay::List(remote) => {
            let jobs = remote.client()?.list(&["replays"], &[]).await?;
            print_document(remote.json, &jobs, |jobs| table(jobs, COLUMNS));
        }
        Replay::Pause(job) => job.transition("pause").await?,
        Replay::Resume(job) => job.transition("resume").await?,
        Replay::Cancel(job) => job.transition("cancel").await?,
    }
    Ok(())
}

impl Job {
    async fn transition(&self, verb: &str) -> anyhow::Result<()> {
        let path = ["replays", &self.id, verb];
        let job = self.remote.client()?.post(&path, &json!({})).await?;
        print_document(self.remote.json, &job, fields);
        Ok(())
    }
}

impl Filter {
    fn body(&self) -> Map<String, Value> {
        let members = [
            ("partner", &self.partner),
            ("endpoint", &self.endpoint),
            ("event_type", &self.event_type),
            ("error", &self.error),
            ("failure_group", &self.failure_group),
            ("since", &self.since),
            ("until", &self.until),
        ];
        let given = members
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?.into())));
        let status = ("status".to_owned(), Value::from(self.status.as_str()));
        given.chain([status]).collect()
    }
}

/// Waits until the job has stopped and everything it enqueued has ended, with a progress bar on a terminal
/// and lines in a pipe.
async fn watch(client: &Client, id: &str) -> anyhow::Result<Value> {
    let bar = ProgressBar::new(0);
    let style = "{bar:40} {pos}/{len} enqueued or skipped, {msg}";
    bar.set_style(ProgressStyle::with_template(style)?);
    let in_a_pipe = !std::io::stderr().is_terminal();
    for polls in 0_u32.. {
        let job = client.get(&["replays", id]).await?;
        let count = |name| field(&job, name).as_u64().unwrap_or(0);
        let ended = count("delivered") + count("dead");
        bar.set_length(count("matched"));
        bar.set_position(count("enqueued") + count("skipped"));
        bar.set_message(format!("{ended} sent"));
        let status = text(field(&job, "status"));
        let is_over = match status.as_str() {
            "running" => false,
            "done" => ended >= count("enqueued"),
            _ => true,
        };
        if in_a_pipe && (is_over || polls.is_multiple_of(LOG_EVERY_POLLS)) {
            note(&format!(
                "{status}: {} of {} enqueued, {} skipped, {} delivered, {} dead",
                count("enqueued"),
                count("matched"),
                count("skipped"),
                count("delivered"),
                count("dead")
            ));
        }
        if is_over {
            bar.finish_and_clear();
            return Ok(job);
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    Ok(Value::Null)
}
