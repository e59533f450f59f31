//! `buywire bench`: measure throughput and latency on this machine.

use anyhow::{bail, ensure};
use clap::{Args, Subcommand};

use crate::output;
use crate::tools::bench::feed::{self, FeedFormat};
use crate::tools::bench::{self, Interference, Workload};
use crate::tools::harness::{Progress, wait_for_interrupt};

/// Measure orders and deliveries on this machine. Files are written to TMPDIR: set it to the disk to measure.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Option<BenchCommand>,
    /// Orders to send, one per request.
    #[arg(long, default_value_t = 20_000)]
    orders: usize,
    /// Concurrent requests (1 to 1000).
    #[arg(long, default_value_t = 64)]
    concurrency: usize,
    /// Send at a constant rate, in orders per second (0.1 to 1000000), instead of as fast as possible.
    #[arg(long, conflicts_with = "concurrency")]
    rate: Option<f64>,
    /// Endpoints of the partner (1 to 100). Each order creates one delivery for each of them.
    #[arg(long, default_value_t = 1)]
    endpoints: usize,
    /// Spread the orders over N partners with one endpoint each.
    #[arg(long, value_name = "PARTNERS", conflicts_with = "endpoints")]
    spread: Option<usize>,
    /// Adapter of the partner.
    #[arg(long, default_value = "standard")]
    adapter: String,
    /// Measure again, beside N pending deliveries for an endpoint that refuses connections, and an open database
    /// snapshot.
    #[arg(long, value_name = "DELIVERIES", conflicts_with = "hanging")]
    dead_backlog: Option<usize>,
    /// Measure again, beside N pending deliveries for an endpoint that always times out. Default N: 100000.
    #[arg(long, value_name = "DELIVERIES", num_args = 0..=1, default_missing_value = "100000")]
    hanging: Option<usize>,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
enum BenchCommand {
    /// Measure feeds: a first load, the same items in another order, and 1 % of the items changed.
    ///
    /// The JSON document has `items`, `fsync_us`, `synchronous_commit` and, for each of `formats`, `format`,
    /// `bytes`, `bare_per_second` (a binary COPY of the same rows and nothing else) and `scenarios`: `scenario`
    /// (`first`, `identical`, `one_percent`), `items_per_second`, `ratio` (to the bare COPY), `seconds`,
    /// `row_writes` (to live tables), `peak_rss_mb`, `gateway_cpu_seconds` and `postgres_cpu_seconds`.
    Feed(FeedOptions),
}

#[derive(Args)]
struct FeedOptions {
    /// Items in the feed, about 1 kB each. Needs disk space of four times the feed's size.
    #[arg(long, default_value_t = 1_000_000)]
    items: u64,
    /// Feed formats to push, comma-separated.
    #[arg(long, value_delimiter = ',', default_value = "csv,jsonl,xml")]
    format: Vec<FeedFormat>,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

/// Run it.
///
/// # Errors
/// When something did not arrive, or could not be measured.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    match options.command {
        Some(BenchCommand::Feed(options)) => run_feed(options).await,
        None => run_orders(options).await,
    }
}

async fn run_feed(options: FeedOptions) -> anyhow::Result<()> {
    let plan = feed::FeedWorkload {
        items: options.items,
        formats: options.format,
    };
    let progress = Progress::default();
    let figures = tokio::select! {
        figures = feed::run(plan, &progress) => figures?,
        interrupt = wait_for_interrupt() => { interrupt?; bail!("stopped") }
    };
    drop(progress);
    if options.json {
        output::line(serde_json::to_string_pretty(&figures)?);
    } else {
        output::line(figures.to_string().trim_end());
    }
    Ok(())
}

async fn run_orders(options: Options) -> anyhow::Result<()> {
    ensure!(
        (1..=1_000).contains(&options.concurrency),
        "--concurrency must be 1 to 1000"
    );
    ensure!(
        (1..=100).contains(&options.endpoints),
        "--endpoints must be 1 to 100"
    );
    ensure!(
        options.rate.is_none_or(|rate| (0.1..=1e6).contains(&rate)),
        "--rate must be 0.1 to 1000000"
    );
    let plan = Workload {
        orders: options.orders,
        concurrency: options.concurrency,
        rate: options.rate,
        endpoints: options.endpoints,
        spread: options.spread,
        adapter: options.adapter,
        interference: match (options.dead_backlog, options.hanging) {
            (Some(count), _) => Some(Interference::Dead(count)),
            (None, Some(count)) => Some(Interference::Hanging(count)),
            (None, None) => None,
        },
    };
    let progress = Progress::default();
    let figures = tokio::select! {
        figures = bench::run(plan, &progress) => figures?,
        interrupt = wait_for_interrupt() => { interrupt?; bail!("stopped") }
    };
    drop(progress);
    if options.json {
        output::line(serde_json::to_string_pretty(&figures)?);
    } else {
        output::line(figures.to_string().trim_end());
    }
    Ok(())
}

/// The receiving process.
///
/// # Errors
/// When it cannot listen.
pub(crate) async fn receive() -> anyhow::Result<()> {
    tokio::task::spawn_blocking(bench::receive).await?
}
