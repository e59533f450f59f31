//! The figures of a run: the contract's names, and a table for people.

use std::fmt;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::usage::CpuSeconds;

/// What a run came to. Rates and times are of the measured orders alone; warming up is left out.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// Orders sent.
    pub orders: usize,
    /// Deliveries per order.
    pub endpoints: usize,
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
    /// The gateway's peak, warming up and the bare loop included.
    pub peak_rss_mb: Option<f64>,
    /// The disk's: median of 200 writes of 8 kB.
    pub fsync_us: f64,
    /// The database's.
    pub synchronous_commit: String,
    /// Arrivals beyond each delivery's first.
    pub duplicates: usize,
    /// Answers that asked the sender to come back later.
    pub busy: u64,
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
    pub(super) fn of(us: &Histogram<u64>) -> Self {
        let ms = |quantile| us.value_at_quantile(quantile) as f64 / 1_000.0;
        Self {
            p50: ms(0.50),
            p95: ms(0.95),
            p99: ms(0.99),
        }
    }
}

impl fmt::Display for Percentiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p50, p95, p99 } = self;
        write!(f, "p50 {p50:.2} ms   p95 {p95:.2} ms   p99 {p99:.2} ms")
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |name: &str, value: String| writeln!(f, "  {name:<24}{value}");
        let pace = match self.rate {
            Some(rate) => format!("{rate} orders/s"),
            None => format!("{} at a time", self.concurrency),
        };
        line(
            "orders",
            format!("{}, {pace}, {} endpoints each", self.orders, self.endpoints),
        )?;
        line(
            "accepted",
            format!("{:.0} orders/s", self.accepted_per_second),
        )?;
        line(
            "delivered",
            format!("{:.0} deliveries/s", self.delivered_per_second),
        )?;
        line(
            "bare loop",
            format!("{:.0} deliveries/s", self.bare_per_second),
        )?;
        line("ratio", format!("{:.1} %", self.ratio * 100.0))?;
        line("request to answer", self.accept_ms.to_string())?;
        line("request to arrival", self.arrival_ms.to_string())?;
        line(
            "statements a delivery",
            format!("{:.3}", self.statements_per_delivery),
        )?;
        if let Some(cpu) = self.cpu_seconds {
            let CpuSeconds {
                gateway,
                postgres,
                receiver,
                sender,
                total,
            } = cpu;
            line(
                "CPU",
                format!(
                    "{total:.2} s: gateway {gateway:.2}, PostgreSQL {postgres:.2}, receiver {receiver:.2}, sender {sender:.2}"
                ),
            )?;
        }
        if let Some(peak) = self.peak_rss_mb {
            line("gateway's peak memory", format!("{peak:.0} MB"))?;
        }
        line(
            "disk",
            format!(
                "{:.0} µs a sync, synchronous_commit {}",
                self.fsync_us, self.synchronous_commit
            ),
        )?;
        line("duplicates", self.duplicates.to_string())?;
        if let Some(Isolation {
            waiting,
            p95_ms_alone,
            p95_ms_beside,
        }) = self.isolation
        {
            line(
                "beside a hanging one",
                format!(
                    "p95 {p95_ms_beside:.2} ms to arrival, alone {p95_ms_alone:.2} ms ({waiting} waiting)"
                ),
            )?;
        }
        if let Some(Backlog {
            waiting,
            per_second_alone,
            per_second_beside,
            ratio,
        }) = self.backlog
        {
            line(
                "beside a dead one",
                format!(
                    "{per_second_beside:.0} deliveries/s, alone {per_second_alone:.0}: {:.0} % ({waiting} waiting)",
                    ratio * 100.0
                ),
            )?;
        }
        Ok(())
    }
}
