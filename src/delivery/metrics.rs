//! Metrics of deliveries: attempts as they end, and the backlog.
//!
//! Promises: labels are partner slugs and fixed words.

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

use super::attempt::AttemptOutcome;
use super::lanes::PickedDelivery;
use crate::store::operations::PartnerBacklog;

/// Reading the queue is expensive.
const QUEUE_POLL_INTERVAL: Duration = Duration::from_secs(15);

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AttemptLabels {
    partner: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PartnerLabels {
    partner: String,
}

/// What an engine is doing right now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EngineState {
    /// Endpoints whose circuit is not closed.
    pub open_circuits: usize,
    /// Attempts that have started and not ended.
    pub in_flight: usize,
    /// Shards that this node owns.
    pub shards_held: usize,
    /// Endpoints whose client certificate expires soon or has expired.
    pub expiring_certificates: usize,
}

/// Counters that increase as attempts end, and gauges that are set when the metrics are read.
#[derive(Debug)]
pub(crate) struct DeliveryMetrics {
    /// Attempts for which this node had no descriptor or port left.
    no_socket: Counter,
    attempts: Family<AttemptLabels, Counter<u64, AtomicU64>>,
    attempt_seconds: Histogram,
    first_byte_seconds: Histogram,
    waiting: Family<PartnerLabels, Gauge>,
    oldest_seconds: Family<PartnerLabels, Gauge<f64, AtomicU64>>,
    open_circuits: Gauge,
    in_flight: Gauge,
    shards_held: Gauge,
    expiring_certificates: Gauge,
    /// When the queue was last read.
    queue_polled_at: Mutex<Option<Instant>>,
}

impl Default for DeliveryMetrics {
    fn default() -> Self {
        Self {
            no_socket: Counter::default(),
            attempts: Family::default(),
            attempt_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 16)),
            first_byte_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 16)),
            waiting: Family::default(),
            oldest_seconds: Family::default(),
            open_circuits: Gauge::default(),
            in_flight: Gauge::default(),
            shards_held: Gauge::default(),
            expiring_certificates: Gauge::default(),
            queue_polled_at: Mutex::default(),
        }
    }
}

impl DeliveryMetrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register(
            "delivery_attempts",
            "Attempts by partner and outcome",
            self.attempts.clone(),
        );
        let help = "Attempts put off because this node had no file descriptor or port left";
        registry.register("delivery_no_socket", help, self.no_socket.clone());
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
        let help = "Enabled endpoints of this node whose client certificate expires within 14 days or has expired";
        let expiring = self.expiring_certificates.clone();
        registry.register("client_certificates_expiring", help, expiring);
    }

    pub(crate) fn set_engine_state(&self, engine: EngineState) {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        self.open_circuits.set(count(engine.open_circuits));
        self.in_flight.set(count(engine.in_flight));
        self.shards_held.set(count(engine.shards_held));
        let expiring = engine.expiring_certificates;
        self.expiring_certificates.set(count(expiring));
    }

    /// Whether it is time to read the queue again. If so, the caller must do it.
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

    /// Set the backlog of each partner. Partners without one are omitted.
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

    pub(crate) fn count_attempt(&self, picked: &PickedDelivery, outcome: &AttemptOutcome) {
        let (label, record) = match outcome {
            AttemptOutcome::NotMade => return,
            AttemptOutcome::NoSocket => {
                self.no_socket.inc();
                return;
            }
            AttemptOutcome::Accepted(record) => ("accepted", record),
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
