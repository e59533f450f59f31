//! The figures of a benchmark, as `--json` prints them.

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::tools::bench::usage::CpuSeconds;

/// The result. Rates and times cover the measured orders only, without the warm-up.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figures {
    /// Orders sent.
    pub orders: usize,
    /// Deliveries per order.
    pub endpoints: usize,
    /// Partners with one endpoint each, which took the orders in turn, if `--spread` was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spread: Option<usize>,
    /// Connections of the sender.
    pub concurrency: usize,
    /// Orders per second, if `--rate` was given.
    pub rate: Option<f64>,
    pub adapter: String,
    /// Orders answered with success, from the first request to the last answer.
    pub accepted_per_second: f64,
    /// Deliveries, from the first request to the last arrival.
    pub delivered_per_second: f64,
    /// The same requests by the same sender, without intake and database.
    pub bare_per_second: f64,
    /// `delivered_per_second` divided by `bare_per_second`.
    pub ratio: f64,
    /// From a request to its answer.
    pub accept_ms: Percentiles,
    /// From a request to the first arrival of its delivery.
    pub arrival_ms: Percentiles,
    /// Statements that the gateway sent, `BEGIN` and `COMMIT` included.
    pub statements_per_delivery: f64,
    /// CPU time by process.
    pub cpu_seconds: Option<CpuSeconds>,
    /// The gateway's peak memory over the whole run.
    pub peak_rss_mb: Option<f64>,
    /// Time to sync 8 kB to the disk: the median of 200 writes.
    pub fsync_us: f64,
    /// The database's setting.
    pub synchronous_commit: String,
    /// Repeated arrivals of the same delivery.
    pub duplicates: usize,
    /// Answers of 503, after which the sender retried.
    pub busy: u64,
    /// `delivered_per_second` of the dialect `standard`, measured right after another dialect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_per_second: Option<f64>,
    /// `delivered_per_second` divided by `standard_per_second`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio_to_standard: Option<f64>,
    /// The measurement beside a hanging endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isolation: Option<Isolation>,
    /// The measurement beside a dead endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backlog: Option<Backlog>,
}

/// Percentiles, in milliseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Percentiles {
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
}

/// Time from a request to its arrival, without and with a hanging endpoint of another partner.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Isolation {
    /// Deliveries pending for the hanging endpoint.
    pub waiting: usize,
    pub p95_ms_alone: f64,
    pub p95_ms_beside: f64,
}

/// Throughput, without and with a backlog for a dead endpoint and an open snapshot.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Backlog {
    /// Deliveries pending for the dead endpoint.
    pub waiting: usize,
    /// Deliveries per second without the backlog.
    pub per_second_alone: f64,
    /// Deliveries per second with the backlog.
    pub per_second_beside: f64,
    /// `per_second_beside` divided by `per_second_alone`.
    pub ratio: f64,
}

impl Percentiles {
    pub(crate) fn from_histogram(us: &Histogram<u64>) -> Self {
        let ms = |quantile| us.value_at_quantile(quantile) as f64 / 1_000.0;
        Self {
            p50: ms(0.50),
            p95: ms(0.95),
            p99: ms(0.99),
        }
    }
}
