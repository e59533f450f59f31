//! `buywire bench feed`: how fast a catalog comes in, and what it costs.
//!
//! ```text
//!  a feed on the disk ──PUT──► gateway + its PostgreSQL ──► the run's report
//!  the same rows ──────────── a bare binary COPY ─────────► its PostgreSQL
//! ```
//!
//! The gateway is `serve` with default settings on a private database of its own, a fresh one per kind of
//! document. Three pushes: the first load, the same items in another order under another date, and one item in
//! a hundred with another price. Promises: a push counts from its first byte to its report; it counts only if
//! the report, the live catalog and PostgreSQL's count of written rows all say what they must; nothing stays
//! behind. Must not reach into the gateway: it is measured as its users meet it.

mod figures;
mod items;
mod push;

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::json;

pub use self::figures::{Figures, OfForm, Scenario};
pub use self::items::Form;
use self::items::{CHANGED_EVERY, Edition};
use self::push::Pushed;
use super::usage;
use crate::stage::{Gateway, Progress, Throwaway};
use crate::store::{Store, Target, embedded};

/// The partner whose feed it is.
const PARTNER: &str = "bench";
/// What one catalog may have.
const ITEMS_MAX: u64 = 5_000_000;
/// Within this time a session of PostgreSQL tells what it has written, however idle it is.
const TOLD_WITHIN: Duration = Duration::from_secs(11);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A first load writes about so much log.
const ITEMS_A_MEGABYTE: u64 = 500;
/// What the private PostgreSQL keeps of it (`min_wal_size`).
const LOG_MEGABYTES_MAX: u64 = 2_000;
/// Written at once.
const WRITE_BYTES: usize = 1 << 20;

/// What is to be measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Items of the feed.
    pub items: u64,
    /// Kinds of documents, one after the other.
    pub forms: Vec<Form>,
}

/// One gateway, and the feeds of one kind for it.
struct Stand<'a> {
    gateway: Gateway,
    store: Store,
    form: Form,
    items: u64,
    /// Where the feed, and then the rows, are written.
    file: PathBuf,
    progress: &'a Progress,
    folder: Throwaway,
}

/// Runs it.
///
/// # Errors
/// When something does not start, or a push does not do what it must.
pub async fn run(plan: Plan, progress: &Progress) -> anyhow::Result<Figures> {
    ensure!(
        (CHANGED_EVERY..=ITEMS_MAX).contains(&plan.items),
        "--items: {CHANGED_EVERY} to {ITEMS_MAX}"
    );
    let mut figures = Figures {
        items: plan.items,
        ..Figures::default()
    };
    for form in plan.forms {
        progress.step(form.name(), 0);
        let stand = Stand::build(form, plan.items, progress).await?;
        figures.fsync_us = usage::fsync_us(stand.folder.path())?;
        figures.synchronous_commit = stand.store.synchronous_commit().await?;
        figures.formats.push(stand.measure().await?);
    }
    Ok(figures)
}

impl<'a> Stand<'a> {
    async fn build(form: Form, items: u64, progress: &'a Progress) -> anyhow::Result<Self> {
        let folder = Throwaway::create("bench-feed")?;
        let gateway = Gateway::start(&folder).await?;
        let config = embedded::config_of(gateway.data()).context("where PostgreSQL is")?;
        let partner = json!({"slug": PARTNER, "name": PARTNER, "adapter": "standard"});
        gateway.operator()?.post("/v1/partners", &partner).await?;
        Ok(Self {
            store: Store::open(&Target::from_config(config)?).await?,
            gateway,
            form,
            items,
            file: folder.path().join("feed"),
            progress,
            folder,
        })
    }

    async fn measure(&self) -> anyhow::Result<OfForm> {
        let mut scenarios = Vec::new();
        self.progress.step("warming up PostgreSQL's log", 0);
        let megabytes = (self.items / ITEMS_A_MEGABYTE).min(LOG_MEGABYTES_MAX);
        self.store.write_log(megabytes).await?;
        let first = self.scenario("first", Edition::First).await?;
        let bytes = fs::metadata(&self.file)?.len();
        let bare_per_second = self.bare().await?;
        scenarios.push(first);
        scenarios.push(self.scenario("identical", Edition::Shuffled).await?);
        scenarios.push(self.scenario("one_percent", Edition::Changed).await?);
        Ok(OfForm {
            format: self.form.name(),
            bytes,
            bare_per_second,
            scenarios: scenarios
                .into_iter()
                .map(|pushed| Scenario::of(pushed, self.items, bare_per_second))
                .collect(),
        })
    }

    /// Writes an edition, pushes it, and holds what was done against what must have been done.
    async fn scenario(&self, name: &'static str, edition: Edition) -> anyhow::Result<Pushed> {
        self.progress.step("writing the feed", 0);
        let (form, items, file) = (self.form, self.items, self.file.clone());
        let written = tokio::task::spawn_blocking(move || {
            let mut file = BufWriter::with_capacity(WRITE_BYTES, File::create(file)?);
            items::write(form, edition, items, &mut file)
        });
        written.await??;
        // As if a day had passed: what autovacuum and the checkpoints would have done is done.
        self.store.settle().await?;
        let written_before = self.store.count_row_writes().await?;
        self.progress.step(name, 0);
        let mut pushed = push::push(&self.gateway, form, &self.file).await?;
        pushed.name = name;
        let changed = self.items.div_ceil(CHANGED_EVERY);
        let (inserted, updated) = match edition {
            Edition::First => (self.items, 0),
            Edition::Shuffled => (0, 0),
            Edition::Changed => (0, changed),
        };
        pushed.check(self.items, inserted, updated)?;
        let products = self.store.count_products().await?;
        ensure!(
            products == self.items,
            "{name}: {products} products are live"
        );
        pushed.row_writes = self.row_writes(written_before, inserted + updated).await?;
        let must = inserted + updated;
        ensure!(
            pushed.row_writes == must,
            "{name}: {} rows were written, not {must}",
            pushed.row_writes
        );
        Ok(pushed)
    }

    /// Rows written since then. Those that were not expected have the time to show.
    async fn row_writes(&self, before: u64, expected: u64) -> anyhow::Result<u64> {
        self.progress
            .step("waiting for PostgreSQL's count of written rows", 0);
        let begun = Instant::now();
        loop {
            let written = self.store.count_row_writes().await? - before;
            let is_told = written > 0 && written >= expected;
            if is_told || begun.elapsed() > TOLD_WITHIN {
                return Ok(written);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Rows a second by COPY alone.
    async fn bare(&self) -> anyhow::Result<f64> {
        self.progress.step("the bare COPY", 0);
        let file = tokio::fs::File::create(&self.file).await?;
        let mut file = tokio::io::BufWriter::with_capacity(WRITE_BYTES, file);
        self.store.rows_of_products(&mut file).await?;
        self.store.bare_stage().await?;
        self.store.settle().await?;
        let mut file = tokio::fs::File::open(&self.file).await?;
        let begun = Instant::now();
        let rows = self.store.bare_copy(&mut file).await?;
        let took = begun.elapsed();
        self.store.bare_unstage().await?;
        ensure!(rows == self.items, "the bare COPY has {rows} rows");
        Ok(rows as f64 / took.as_secs_f64())
    }
}
