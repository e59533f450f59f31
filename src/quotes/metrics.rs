//! Metrics of requests to decision hooks.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

/// How questions to hooks end, and how long the hooks take.
#[derive(Debug, Clone)]
pub struct QuoteMetrics {
    hook_requests: Family<OutcomeLabel, Counter>,
    hook_seconds: Histogram,
}

impl Default for QuoteMetrics {
    fn default() -> Self {
        Self {
            hook_requests: Family::default(),
            hook_seconds: Histogram::new(exponential_buckets(0.005, 2.0, 11)),
        }
    }
}

impl QuoteMetrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "Questions to partners' decision hooks, by outcome";
        registry.register("quote_hook_requests", help, self.hook_requests.clone());
        let help = "Time from a request to a decision hook to the end of its reply";
        registry.register("quote_hook_seconds", help, self.hook_seconds.clone());
    }

    pub(super) fn count(&self, outcome: &'static str) {
        let label = OutcomeLabel { outcome };
        self.hook_requests.get_or_create(&label).inc();
    }

    pub(super) fn observe(&self, duration: Duration) {
        self.hook_seconds.observe(duration.as_secs_f64());
    }
}
