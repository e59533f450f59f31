//! `buywire bench feed`: throughput and cost of feed ingestion on this machine.
//!
//! ```text
//!  a feed on the disk ──PUT──► gateway + its PostgreSQL ──► the run's report
//!  the same rows ──────────── a bare binary COPY ─────────► its PostgreSQL
//! ```
//!
//! The gateway is `serve` with default settings on a private database, a fresh one per document format. There
//! are three pushes: the first load, the same items in another order and with another date, and one item in a
//! hundred with another price. Promises: a push is timed from its first byte to its report, and counts only if
//! the report, the live catalog and PostgreSQL's count of written rows are as expected; no process and no file
//! stays behind. Must not use the gateway's internals: it is measured as its users meet it.

mod figures;
mod items;
mod push;

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::json;

pub(crate) use self::items::FeedFormat;
use self::push::PushResult;
use crate::db::DatabaseTarget;
use crate::local_postgres;
use crate::store::Store;
pub(crate) use crate::tools::bench::feed::figures::Figures;
pub(crate) use crate::tools::bench::feed::figures::FormatFigures;
pub(crate) use crate::tools::bench::feed::figures::Scenario;
use crate::tools::bench::feed::items::CHANGED_EVERY;
use crate::tools::bench::feed::items::FeedEdition;
use crate::tools::bench::usage;
use crate::tools::harness::{GatewayProcess, Progress, TempFolder};

const PARTNER: &str = "bench";
/// The largest catalog that the gateway accepts.
const ITEMS_MAX: u64 = 5_000_000;
/// Even an idle session of PostgreSQL reports what it has written within this time.
const STATS_TIMEOUT: Duration = Duration::from_secs(11);
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// A first load writes about one megabyte of WAL for this many items.
const ITEMS_PER_WAL_MEGABYTE: u64 = 500;
/// The WAL that the private PostgreSQL keeps for reuse (`min_wal_size`).
const WAL_MEGABYTES_MAX: u64 = 2_000;
const BUFFER_BYTES: usize = 1 << 20;

/// What is measured.
#[derive(Debug, Clone)]
pub(crate) struct FeedWorkload {
    /// Items per feed.
    pub items: u64,
    /// Document formats, measured one after the other.
    pub formats: Vec<FeedFormat>,
}

/// One gateway, and the feeds of one format.
struct FeedBench<'a> {
    gateway: GatewayProcess,
    store: Store,
    format: FeedFormat,
    items: u64,
    /// The file of the feed, later of the exported rows.
    file: PathBuf,
    progress: &'a Progress,
    folder: TempFolder,
}

/// Runs a benchmark.
///
/// # Errors
/// When a process does not start, or a push has a wrong result.
pub(crate) async fn run(workload: FeedWorkload, progress: &Progress) -> anyhow::Result<Figures> {
    ensure!(
        (CHANGED_EVERY..=ITEMS_MAX).contains(&workload.items),
        "--items must be {CHANGED_EVERY} to {ITEMS_MAX}"
    );
    let mut figures = Figures {
        items: workload.items,
        ..Figures::default()
    };
    for format in workload.formats {
        progress.step(format.name(), 0);
        let bench = FeedBench::start(format, workload.items, progress).await?;
        figures.fsync_us = usage::fsync_us(bench.folder.path())?;
        figures.synchronous_commit = bench.store.synchronous_commit().await?;
        figures.formats.push(bench.measure().await?);
    }
    Ok(figures)
}

impl<'a> FeedBench<'a> {
    async fn start(format: FeedFormat, items: u64, progress: &'a Progress) -> anyhow::Result<Self> {
        let folder = TempFolder::create("bench-feed")?;
        let gateway = GatewayProcess::start(&folder).await?;
        let config = local_postgres::connection_config(gateway.data_folder())
            .context("the gateway has no private PostgreSQL")?;
        let partner = json!({"slug": PARTNER, "name": PARTNER, "adapter": "standard"});
        gateway.operator()?.post("/v1/partners", &partner).await?;
        Ok(Self {
            store: Store::open(&DatabaseTarget::from_config(config)?).await?,
            gateway,
            format,
            items,
            file: folder.path().join("feed"),
            progress,
            folder,
        })
    }

    async fn measure(&self) -> anyhow::Result<FormatFigures> {
        let mut scenarios = Vec::new();
        self.progress.step("warming up PostgreSQL's log", 0);
        let megabytes = (self.items / ITEMS_PER_WAL_MEGABYTE).min(WAL_MEGABYTES_MAX);
        self.store.write_wal(megabytes).await?;
        let first = self.run_scenario("first", FeedEdition::First).await?;
        let bytes = fs::metadata(&self.file)?.len();
        let bare_per_second = self.measure_baseline().await?;
        scenarios.push(first);
        scenarios.push(
            self.run_scenario("identical", FeedEdition::Shuffled)
                .await?,
        );
        scenarios.push(
            self.run_scenario("one_percent", FeedEdition::Changed)
                .await?,
        );
        Ok(FormatFigures {
            format: self.format.name(),
            bytes,
            bare_per_second,
            scenarios: scenarios
                .into_iter()
                .map(|push| Scenario::from_push(push, self.items, bare_per_second))
                .collect(),
        })
    }

    /// Writes an edition, pushes it, and compares the result with what is expected.
    async fn run_scenario(
        &self,
        name: &'static str,
        edition: FeedEdition,
    ) -> anyhow::Result<PushResult> {
        self.progress.step("writing the feed", 0);
        let (format, items, file) = (self.format, self.items, self.file.clone());
        let written = tokio::task::spawn_blocking(move || {
            let mut file = BufWriter::with_capacity(BUFFER_BYTES, File::create(file)?);
            items::write(format, edition, items, &mut file)
        });
        written.await??;
        // As if a day had passed: autovacuum and checkpoints are done.
        self.store.vacuum_and_checkpoint().await?;
        let written_before = self.store.count_row_writes().await?;
        self.progress.step(name, 0);
        let mut result = push::push(&self.gateway, format, &self.file).await?;
        result.name = name;
        let changed = self.items.div_ceil(CHANGED_EVERY);
        let (inserted, updated) = match edition {
            FeedEdition::First => (self.items, 0),
            FeedEdition::Shuffled => (0, 0),
            FeedEdition::Changed => (0, changed),
        };
        result.check(self.items, inserted, updated)?;
        let products = self.store.count_products().await?;
        ensure!(
            products == self.items,
            "{name}: {products} products are live"
        );
        result.row_writes = self
            .wait_for_row_writes(written_before, inserted + updated)
            .await?;
        let expected = inserted + updated;
        ensure!(
            result.row_writes == expected,
            "{name}: {} rows were written, not {expected}",
            result.row_writes
        );
        Ok(result)
    }

    /// Returns the rows written since then. Waits long enough that unexpected ones would show.
    async fn wait_for_row_writes(&self, before: u64, expected: u64) -> anyhow::Result<u64> {
        self.progress
            .step("waiting for PostgreSQL's count of written rows", 0);
        let begun = Instant::now();
        loop {
            let written = self.store.count_row_writes().await? - before;
            let is_reported = written > 0 && written >= expected;
            if is_reported || begun.elapsed() > STATS_TIMEOUT {
                return Ok(written);
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Measures rows per second of a bare COPY.
    async fn measure_baseline(&self) -> anyhow::Result<f64> {
        self.progress.step("the bare COPY", 0);
        let file = tokio::fs::File::create(&self.file).await?;
        let mut file = tokio::io::BufWriter::with_capacity(BUFFER_BYTES, file);
        self.store.export_products(&mut file).await?;
        self.store.create_baseline_table().await?;
        self.store.vacuum_and_checkpoint().await?;
        let mut file = tokio::fs::File::open(&self.file).await?;
        let begun = Instant::now();
        let rows = self.store.baseline_copy(&mut file).await?;
        let took = begun.elapsed();
        self.store.drop_baseline_table().await?;
        ensure!(rows == self.items, "the bare COPY has {rows} rows");
        Ok(rows as f64 / took.as_secs_f64())
    }
}
