//! The figures of a run, under the contract's names.

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::tools::bench::usage::CpuSeconds;

/// What a run came to. Rates and times are of the measured orders alone; warming up is left out.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// Orders sent.
    pub orders: usize,
    /// Deliveries per order.
    pub endpoints: usize,
    /// Partners with an endpoint each, to whom the orders went in turn, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spread: Option<usize>,
    /// Connections of the sender.
    pub concurrency: usize,
    /// Orders a second, where that was asked for.
    pub rate: Option<f64>,
    /// The dialect.
    pub adapter: String,
    /// Orders answered with success, from the first request to the last answer.
    pub accepted_per_second: f64,
    /// Deliveries, from the first request to the last arrival.
    pub delivered_per_second: f64,
    /// The same requests by the same sender, without intake and database.
    pub bare_per_second: f64,
    /// `delivered_per_second` by `bare_per_second`.
    pub ratio: f64,
    /// From a request to its answer.
    pub accept_ms: Percentiles,
    /// From a request to the first arrival of what follows from it.
    pub arrival_ms: Percentiles,
    /// Statements that the gateway sent, `BEGIN` and `COMMIT` included.
    pub statements_per_delivery: f64,
    /// By process.
    pub cpu_seconds: Option<CpuSeconds>,
    /// The gateway's peak over everything that was measured.
    pub peak_rss_mb: Option<f64>,
    /// The disk's: median of 200 writes of 8 kB.
    pub fsync_us: f64,
    /// The database's.
    pub synchronous_commit: String,
    /// Arrivals beyond each delivery's first.
    pub duplicates: usize,
    /// Answers that asked the sender to come back later.
    pub busy: u64,
    /// `delivered_per_second` of the dialect `standard`, measured right after, where another was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_per_second: Option<f64>,
    /// `delivered_per_second` by that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio_to_standard: Option<f64>,
    /// Others beside an endpoint that hangs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isolation: Option<Isolation>,
    /// Others beside an endpoint that is dead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backlog: Option<Backlog>,
}

/// How long something took for half, nearly all and all but one in a hundred.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Percentiles {
    /// Half.
    pub p50: f64,
    /// 95 of 100.
    pub p95: f64,
    /// 99 of 100.
    pub p99: f64,
}

/// From a request to its arrival, without and with an endpoint beside that hangs.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Isolation {
    /// Deliveries that waited for the hanging endpoint.
    pub waiting: usize,
    /// Without it.
    pub p95_ms_alone: f64,
    /// With it.
    pub p95_ms_beside: f64,
}

/// Throughput without and with open deliveries for a dead endpoint and an open snapshot.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Backlog {
    /// Deliveries that waited for the dead endpoint.
    pub waiting: usize,
    /// Deliveries a second without them.
    pub per_second_alone: f64,
    /// With them.
    pub per_second_beside: f64,
    /// The second by the first.
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
