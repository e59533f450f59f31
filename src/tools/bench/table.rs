//! The figures as a table.

use std::fmt::{Display, Formatter, Result};

use crate::tools::bench::figures::{Backlog, Figures, Isolation, Percentiles};
use crate::tools::bench::usage::CpuSeconds;

impl Display for Figures {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let rows = self.speed().into_iter().chain(self.cost());
        for (name, value) in rows.chain(self.anomalies()) {
            writeln!(f, "  {name:<24}{value}")?;
        }
        Ok(())
    }
}

type Row = (&'static str, String);

impl Figures {
    fn speed(&self) -> Vec<Row> {
        let pace = match self.rate {
            Some(rate) => format!("{rate} per second"),
            None => format!("{} concurrent", self.concurrency),
        };
        let endpoints = match self.endpoints {
            _ if self.spread.is_some() => {
                let partners = self.spread.unwrap_or_default();
                format!("{partners} partners with one endpoint each, in turn")
            }
            1 => "1 endpoint".to_owned(),
            several => format!("{several} endpoints"),
        };
        let per_second = |rate: f64, what: &str| format!("{rate:.0} {what}/s");
        let mut rows = vec![
            ("orders", format!("{}, {pace}, to {endpoints}", self.orders)),
            ("accepted", per_second(self.accepted_per_second, "orders")),
            (
                "delivered",
                per_second(self.delivered_per_second, "deliveries"),
            ),
            ("baseline", per_second(self.bare_per_second, "deliveries")),
            ("ratio", format!("{:.1} %", self.ratio * 100.0)),
            ("request to answer", self.accept_ms.to_string()),
            ("request to arrival", self.arrival_ms.to_string()),
        ];
        if let (Some(standard), Some(ratio)) = (self.standard_per_second, self.ratio_to_standard) {
            let percent = ratio * 100.0;
            let standard = per_second(standard, "deliveries");
            rows.push((
                "standard dialect",
                format!("{standard}; this dialect reaches {percent:.0} %"),
            ));
        }
        rows
    }

    fn cost(&self) -> Vec<Row> {
        let sync = format!(
            "{:.0} µs per sync, synchronous_commit {}",
            self.fsync_us, self.synchronous_commit
        );
        let mut rows = vec![(
            "statements/delivery",
            format!("{:.3}", self.statements_per_delivery),
        )];
        rows.extend(self.cpu_seconds.map(|cpu| ("CPU", cpu.to_string())));
        rows.extend(
            self.peak_rss_mb
                .map(|peak| ("gateway peak memory", format!("{peak:.0} MB"))),
        );
        rows.push(("disk", sync));
        rows
    }

    fn anomalies(&self) -> Vec<Row> {
        let mut rows = vec![("duplicates", self.duplicates.to_string())];
        if self.busy > 0 {
            rows.push(("answered 503", self.busy.to_string()));
        }
        rows.extend(
            self.isolation
                .map(|isolation| ("with hanging endpoint", isolation.to_string())),
        );
        rows.extend(
            self.backlog
                .map(|backlog| ("with dead endpoint", backlog.to_string())),
        );
        rows
    }
}

impl Display for Percentiles {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self { p50, p95, p99 } = self;
        write!(f, "p50 {p50:.2} ms   p95 {p95:.2} ms   p99 {p99:.2} ms")
    }
}

impl Display for CpuSeconds {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self {
            gateway,
            postgres,
            receiver,
            sender,
            total,
        } = self;
        write!(
            f,
            "{total:.2} s: gateway {gateway:.2}, PostgreSQL {postgres:.2}, receiver {receiver:.2}, sender {sender:.2}"
        )
    }
}

impl Display for Isolation {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self {
            waiting,
            p95_ms_alone,
            p95_ms_beside,
        } = self;
        write!(
            f,
            "p95 to arrival {p95_ms_beside:.2} ms, alone {p95_ms_alone:.2} ms ({waiting} pending)"
        )
    }
}

impl Display for Backlog {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self {
            waiting,
            per_second_alone,
            per_second_beside,
            ratio,
        } = self;
        let percent = ratio * 100.0;
        write!(
            f,
            "{per_second_beside:.0} deliveries/s, alone {per_second_alone:.0}: {percent:.0} % ({waiting} pending)"
        )
    }
}
