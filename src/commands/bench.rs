//! `buywire bench`: measure this machine.

use anyhow::{bail, ensure};
use clap::{Args, Subcommand};

use crate::output;
use crate::tools::bench::feed::{self, FeedFormat};
use crate::tools::bench::{self, Interference, Workload};
use crate::tools::harness::{Progress, wait_for_interrupt};

/// What `buywire bench` can be told. Its files are written below TMPDIR: point that at the disk to measure.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Options {
    #[command(subcommand)]
    command: Option<BenchCommand>,
    /// Orders to send, each a request of its own.
    #[arg(long, default_value_t = 20_000)]
    orders: usize,
    /// Requests that are out at any time.
    #[arg(long, default_value_t = 64)]
    concurrency: usize,
    /// Orders a second, sent steadily, instead of as many as possible.
    #[arg(long, conflicts_with = "concurrency")]
    rate: Option<f64>,
    /// Endpoints of the partner: each order makes a delivery to each of them.
    #[arg(long, default_value_t = 1)]
    endpoints: usize,
    /// Send the orders to so many endpoints of as many partners in turn.
    #[arg(long, value_name = "PARTNERS", conflicts_with = "endpoints")]
    spread: Option<usize>,
    /// The partner's dialect.
    #[arg(long, default_value = "standard")]
    adapter: String,
    /// Measure again beside so many deliveries for another partner's dead endpoint and an open snapshot.
    #[arg(long, value_name = "DELIVERIES", conflicts_with = "hanging")]
    dead_backlog: Option<usize>,
    /// Measure again beside so many deliveries for another partner's endpoint that never answers in time.
    #[arg(long, value_name = "DELIVERIES", num_args = 0..=1, default_missing_value = "100000")]
    hanging: Option<usize>,
    /// Print a JSON document instead of a table.
    #[arg(long)]
    json: bool,
}

/// What else can be measured than orders.
#[derive(Subcommand)]
enum BenchCommand {
    /// Measure feeds: the first load, the same again in another order, and 1 % changed.
    ///
    /// The JSON document has `items`, `fsync_us`, `synchronous_commit` and, for each of `formats`, `format`,
    /// `bytes`, `bare_per_second` (a binary COPY of the same rows and nothing else) and `scenarios`: `scenario`
    /// (`first`, `identical`, `one_percent`), `items_per_second`, `ratio` (to the bare COPY), `seconds`,
    /// `row_writes` (to live tables), `peak_rss_mb`, `gateway_cpu_seconds` and `postgres_cpu_seconds`.
    Feed(FeedOptions),
}

/// What `buywire bench feed` can be told.
#[derive(Args)]
struct FeedOptions {
    /// Items of the feed, about 1 kB each; it needs four times as much room on the disk.
    #[arg(long, default_value_t = 1_000_000)]
    items: u64,
    /// Kinds of documents to push.
    #[arg(long, value_delimiter = ',', default_value = "csv,jsonl,xml")]
    format: Vec<FeedFormat>,
    /// Print a JSON document instead of a table.
    #[arg(long)]
    json: bool,
}

/// Run it.
///
/// # Errors
/// When something did not arrive, or could not be measured.
pub async fn run(options: Options) -> anyhow::Result<()> {
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
        "--concurrency: 1 to 1000"
    );
    ensure!(
        (1..=100).contains(&options.endpoints),
        "--endpoints: 1 to 100"
    );
    ensure!(
        options.rate.is_none_or(|rate| (0.1..=1e6).contains(&rate)),
        "--rate: 0.1 to 1000000"
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
pub async fn receive() -> anyhow::Result<()> {
    tokio::task::spawn_blocking(bench::receive).await?
}
