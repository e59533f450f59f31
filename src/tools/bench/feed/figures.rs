//! The figures of `bench feed`, as JSON and as a table.

use std::fmt::{Display, Formatter, Result};

use serde::Serialize;

use crate::tools::bench::feed::push::PushResult;

/// The result.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Figures {
    /// Items per feed.
    pub items: u64,
    /// One entry per document format.
    pub formats: Vec<FormatFigures>,
    /// Time to sync 8 kB to the disk: the median of 200 writes.
    pub fsync_us: f64,
    /// The database's setting.
    pub synchronous_commit: String,
}

/// One document format.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FormatFigures {
    /// `csv`, `jsonl` or `xml`.
    pub format: &'static str,
    /// The size of the first feed.
    pub bytes: u64,
    /// Rows per second of a binary COPY of the same rows into an unlogged table.
    pub bare_per_second: f64,
    /// The pushes, in order.
    pub scenarios: Vec<Scenario>,
}

/// One push.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Scenario {
    /// `first`, `identical` or `one_percent`.
    pub scenario: &'static str,
    /// From the first byte sent to the run's report.
    pub items_per_second: f64,
    /// `items_per_second` divided by `bare_per_second`.
    pub ratio: f64,
    /// That time in seconds.
    pub seconds: f64,
    /// Rows inserted, updated or deleted in the live tables, by PostgreSQL's count.
    pub row_writes: u64,
    /// The gateway's peak memory during this push; since its start if the system cannot reset the peak.
    pub peak_rss_mb: Option<f64>,
    /// CPU time of the gateway.
    pub gateway_cpu_seconds: Option<f64>,
    /// CPU time of its PostgreSQL.
    pub postgres_cpu_seconds: Option<f64>,
}

impl Scenario {
    pub(crate) fn from_push(push: PushResult, items: u64, bare_per_second: f64) -> Self {
        let seconds = push.duration.as_secs_f64();
        let items_per_second = items as f64 / seconds;
        Self {
            scenario: push.name,
            items_per_second,
            ratio: items_per_second / bare_per_second,
            seconds,
            row_writes: push.row_writes,
            peak_rss_mb: push.peak_rss_mb,
            gateway_cpu_seconds: push.cpu.map(|cpu| cpu.gateway),
            postgres_cpu_seconds: push.cpu.map(|cpu| cpu.postgres),
        }
    }
}

impl Display for Figures {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (us, commit) = (self.fsync_us, &self.synchronous_commit);
        writeln!(
            f,
            "  {} items; {us:.0} µs a sync, synchronous_commit {commit}",
            self.items
        )?;
        for format_figures in &self.formats {
            let each = format_figures.bytes / self.items.max(1);
            writeln!(f, "\n  {} ({each} bytes an item)", format_figures.format)?;
            writeln!(
                f,
                "    {:<14}{:>9.0} rows/s",
                "bare COPY", format_figures.bare_per_second
            )?;
            format_figures
                .scenarios
                .iter()
                .try_for_each(|scenario| writeln!(f, "    {scenario}"))?;
        }
        Ok(())
    }
}

impl Display for Scenario {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let percent = self.ratio * 100.0;
        write!(
            f,
            "{:<14}{:>9.0} items/s ({percent:.0} %)",
            self.scenario, self.items_per_second
        )?;
        write!(
            f,
            ", {:.1} s, {} rows written",
            self.seconds, self.row_writes
        )?;
        if let Some(peak) = self.peak_rss_mb {
            write!(f, ", gateway's peak {peak:.0} MB")?;
        }
        if let (Some(gateway), Some(postgres)) =
            (self.gateway_cpu_seconds, self.postgres_cpu_seconds)
        {
            write!(f, ", CPU {gateway:.1} s and PostgreSQL's {postgres:.1} s")?;
        }
        Ok(())
    }
}
