//! Seeing it: what is counted, and how logs are written.
//!
//! Promises: labels are partner names and fixed words; no id, URL, secret or personal data is ever a
//! label. Must not decide anything.

use std::io::{self, IsTerminal};
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use time::OffsetDateTime;
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::prelude::*;

use crate::config::LogFormat;
use crate::delivery::attempt::AttemptOutcome;
use crate::delivery::engine::EngineState;
use crate::delivery::lanes::PickedDelivery;
use crate::store::NOTICE_FILTER;
use crate::store::operations::PartnerBacklog;

/// Reading the queue costs; more often than this nobody looks.
const QUEUE_POLL_INTERVAL: Duration = Duration::from_secs(15);

/// What an attempt or a callback is counted under.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct AttemptLabels {
    partner: String,
    outcome: &'static str,
}

/// A partner.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct PartnerLabels {
    partner: String,
}

/// Everything that is counted as it happens, and gauges that are set when somebody asks.
pub struct Metrics {
    /// Orders that were answered as new.
    pub orders_accepted: Counter,
    /// Orders that were refused: bad content or a conflict.
    pub orders_refused: Counter,
    /// Attempts for which this node had no descriptor or port left.
    no_socket: Counter,
    attempts: Family<AttemptLabels, Counter<u64, AtomicU64>>,
    callbacks: Family<AttemptLabels, Counter<u64, AtomicU64>>,
    attempt_seconds: Histogram,
    first_byte_seconds: Histogram,
    waiting: Family<PartnerLabels, Gauge>,
    oldest_seconds: Family<PartnerLabels, Gauge<f64, AtomicU64>>,
    open_circuits: Gauge,
    in_flight: Gauge,
    shards_held: Gauge,
    sql_statements: Gauge,
    clock_offset: Gauge<f64, AtomicU64>,
    /// When the queue was last looked at: reading it costs.
    queue_polled_at: Mutex<Option<Instant>>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            orders_accepted: Counter::default(),
            orders_refused: Counter::default(),
            no_socket: Counter::default(),
            attempts: Family::default(),
            callbacks: Family::default(),
            attempt_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 16)),
            first_byte_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 16)),
            waiting: Family::default(),
            oldest_seconds: Family::default(),
            open_circuits: Gauge::default(),
            in_flight: Gauge::default(),
            shards_held: Gauge::default(),
            sql_statements: Gauge::default(),
            clock_offset: Gauge::default(),
            queue_polled_at: Mutex::default(),
        }
    }
}

impl Metrics {
    /// Name them for the registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "orders_accepted",
            "Orders that were taken",
            self.orders_accepted.clone(),
        );
        registry.register(
            "orders_refused",
            "Orders that were refused",
            self.orders_refused.clone(),
        );
        registry.register(
            "delivery_attempts",
            "Attempts by partner and outcome",
            self.attempts.clone(),
        );
        let help = "Attempts put off because this node had no file descriptor or port left";
        registry.register("delivery_no_socket", help, self.no_socket.clone());
        let help = "What partners sent back, by partner and outcome";
        registry.register("callbacks", help, self.callbacks.clone());
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
        self.register_gauges(registry);
    }

    fn register_gauges(&self, registry: &mut Registry) {
        let help = "Open deliveries by partner, at most 15 seconds ago";
        registry.register("deliveries_waiting", help, self.waiting.clone());
        let help = "Age of the oldest open delivery by partner, at most 15 seconds ago";
        let oldest = self.oldest_seconds.clone();
        registry.register("deliveries_oldest_seconds", help, oldest);
        let help = "Endpoints whose circuit is not closed";
        registry.register("circuits_open", help, self.open_circuits.clone());
        let help = "Attempts that have started and not ended";
        registry.register("attempts_in_flight", help, self.in_flight.clone());
        let help = "Shards that this node owns";
        registry.register("shards_held", help, self.shards_held.clone());
        let help = "SQL statements sent since the start, BEGIN and COMMIT included";
        registry.register("sql_statements", help, self.sql_statements.clone());
        let help =
            "Seconds by which the database's clock is ahead of this node's, looked at every minute";
        registry.register("clock_offset_seconds", help, self.clock_offset.clone());
    }

    /// The database's clock is so far ahead of this node's.
    pub(crate) fn set_clock_offset(&self, seconds: f64) {
        self.clock_offset.set(seconds);
    }

    /// Count what a known partner sent back.
    pub(crate) fn count_callback(&self, partner: &str, outcome: &'static str) {
        let labels = AttemptLabels {
            partner: partner.to_owned(),
            outcome,
        };
        self.callbacks.get_or_create(&labels).inc();
    }

    /// Set what is only known when somebody asks.
    pub(crate) fn set_engine_state(&self, engine: EngineState, sql_statements: u64) {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        self.open_circuits.set(count(engine.open_circuits));
        self.in_flight.set(count(engine.in_flight));
        self.shards_held.set(count(engine.shards_held));
        let statements = i64::try_from(sql_statements).unwrap_or(i64::MAX);
        self.sql_statements.set(statements);
    }

    /// Whether it is time to look at the queue again; if so, the caller must.
    pub(crate) fn should_poll_queue(&self, now: Instant) -> bool {
        let mut polled_at = self
            .queue_polled_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let due = polled_at.is_none_or(|at| now.duration_since(at) >= QUEUE_POLL_INTERVAL);
        if due {
            *polled_at = Some(now);
        }
        due
    }

    /// Set what waits per partner; a partner for whom nothing waits is not named.
    pub(crate) fn set_waiting(&self, waiting: Vec<PartnerBacklog>) {
        self.waiting.clear();
        self.oldest_seconds.clear();
        for PartnerBacklog {
            partner,
            deliveries,
            oldest_seconds,
        } in waiting
        {
            let labels = PartnerLabels { partner };
            self.waiting.get_or_create(&labels).set(deliveries);
            self.oldest_seconds
                .get_or_create(&labels)
                .set(oldest_seconds);
        }
    }

    /// An attempt has ended.
    pub(crate) fn count_attempt(&self, picked: &PickedDelivery, outcome: &AttemptOutcome) {
        let (label, record) = match outcome {
            AttemptOutcome::NotMade => return,
            AttemptOutcome::NoSocket => {
                self.no_socket.inc();
                return;
            }
            AttemptOutcome::Accepted(seen) => ("accepted", seen),
            AttemptOutcome::Failed {
                record,
                next: Ok(_),
                ..
            } => ("failed", record),
            AttemptOutcome::Failed {
                record,
                next: Err(_),
                ..
            } => ("dead", record),
        };
        let labels = AttemptLabels {
            partner: picked.endpoint.slug.as_str().to_owned(),
            outcome: label,
        };
        self.attempts.get_or_create(&labels).inc();
        self.attempt_seconds
            .observe(Duration::from_millis(record.duration_ms.unsigned_abs().into()).as_secs_f64());
        if picked.delivery.attempts == 0 {
            self.first_byte_seconds.observe(seconds_between(
                picked.delivery.event.occurred_at,
                record.at,
            ));
        }
    }
}

fn seconds_between(earlier: OffsetDateTime, later: OffsetDateTime) -> f64 {
    (later - earlier).as_seconds_f64().max(0.0)
}

/// As https://no-color.org asks.
fn is_colour_enabled() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Write logs to standard error from now on. `RUST_LOG` filters; the default is `info`. Libraries never say more than
/// `info`, whatever it asks for.
pub fn start_logging(format: LogFormat) {
    let default_filter = format!("info,{NOTICE_FILTER}");
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default_filter));
    let logs = tracing_subscriber::registry()
        .with(filter)
        .with(filter_fn(is_loggable));
    let written = tracing_subscriber::fmt::layer()
        // A file is read by people and programs whom colour codes only disturb.
        .with_ansi(io::stderr().is_terminal() && is_colour_enabled())
        .with_writer(io::stderr);
    // A second start in one process (tests) keeps the first one's settings.
    let _ = match format {
        LogFormat::Text => logs.with(written).try_init(),
        LogFormat::Json => logs.with(written.json().flatten_event(true)).try_init(),
    };
}

/// Libraries tell what passes through them below `info`: statements with whole orders, requests with their headers.
fn is_loggable(metadata: &Metadata<'_>) -> bool {
    let is_ours = metadata.target().split("::").next() == Some(env!("CARGO_CRATE_NAME"));
    is_ours || *metadata.level() <= Level::INFO
}
