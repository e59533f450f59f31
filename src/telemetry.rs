//! Seeing it: what is counted, and how logs are written.
//!
//! Promises: labels are partner names and fixed words; no id, URL, secret or personal data is ever a
//! label. Must not decide anything.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use time::OffsetDateTime;
use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;
use crate::delivery::attempt::Ending;
use crate::delivery::lanes::Picked;

/// What an attempt is counted under.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct AttemptLabels {
    partner: String,
    outcome: &'static str,
}

/// Everything that is counted as it happens. Gauges are read when somebody asks.
pub struct Metrics {
    /// Orders that were answered as new.
    pub accepted: Counter,
    /// Orders that were refused: bad content or a conflict.
    pub refused: Counter,
    /// Statements sent to the database so far; set when somebody asks.
    pub statements: Gauge<u64, AtomicU64>,
    attempts: Family<AttemptLabels, Counter<u64, AtomicU64>>,
    attempt_seconds: Histogram,
    first_byte_seconds: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            accepted: Counter::default(),
            refused: Counter::default(),
            statements: Gauge::default(),
            attempts: Family::default(),
            attempt_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 16)),
            first_byte_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 16)),
        }
    }
}

impl Metrics {
    /// Name them for the registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "orders_accepted",
            "Orders that were taken",
            self.accepted.clone(),
        );
        registry.register(
            "orders_refused",
            "Orders that were refused",
            self.refused.clone(),
        );
        registry.register(
            "sql_statements",
            "Statements sent to the database since the start, BEGIN and COMMIT included",
            self.statements.clone(),
        );
        registry.register(
            "delivery_attempts",
            "Attempts by partner and outcome",
            self.attempts.clone(),
        );
        let help = "Seconds from an attempt's start to the end of its reply";
        registry.register(
            "delivery_attempt_seconds",
            help,
            self.attempt_seconds.clone(),
        );
        let help =
            "Seconds from accepting an order to the start of its first attempt at an endpoint";
        registry.register(
            "delivery_first_byte_seconds",
            help,
            self.first_byte_seconds.clone(),
        );
    }

    /// An attempt has ended.
    pub(crate) fn attempted(&self, picked: &Picked, ending: &Ending) {
        let (outcome, seen) = match ending {
            Ending::NotMade => return,
            Ending::Accepted(seen) => ("accepted", seen),
            Ending::Failed {
                seen, next: Ok(_), ..
            } => ("failed", seen),
            Ending::Failed {
                seen, next: Err(_), ..
            } => ("dead", seen),
        };
        let labels = AttemptLabels {
            partner: picked.endpoint.slug.as_str().to_owned(),
            outcome,
        };
        self.attempts.get_or_create(&labels).inc();
        self.attempt_seconds
            .observe(Duration::from_millis(seen.duration_ms.unsigned_abs().into()).as_secs_f64());
        if picked.delivery.attempts == 0 {
            self.first_byte_seconds
                .observe(since(picked.delivery.event.occurred_at, seen.at));
        }
    }
}

fn since(earlier: OffsetDateTime, later: OffsetDateTime) -> f64 {
    (later - earlier).as_seconds_f64().max(0.0)
}

/// Write logs to standard error from now on. `RUST_LOG` filters; the default is `info`.
pub fn start_logging(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start in one process (tests) keeps the first one's settings.
    let _ = match format {
        LogFormat::Text => logs.try_init(),
        LogFormat::Json => logs.json().flatten_event(true).try_init(),
    };
}
