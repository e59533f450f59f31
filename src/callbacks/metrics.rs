//! Metrics of callbacks.
//!
//! Promises: labels are partner slugs and fixed words.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    partner: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct CallbackMetrics {
    callbacks: Family<Labels, Counter<u64, AtomicU64>>,
}

impl CallbackMetrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "Callbacks by partner and outcome";
        registry.register("callbacks", help, self.callbacks.clone());
    }

    /// Count a callback of an existing partner.
    pub(crate) fn count(&self, partner: &str, outcome: &'static str) {
        let partner = partner.to_owned();
        let labels = Labels { partner, outcome };
        self.callbacks.get_or_create(&labels).inc();
    }
}
