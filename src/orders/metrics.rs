//! Metrics of intake.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;

/// Counts orders by their answer.
#[derive(Debug, Clone, Default)]
pub struct OrderMetrics {
    accepted: Counter,
    refused: Counter,
}

impl OrderMetrics {
    /// Add them to the registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("orders_accepted", "Orders accepted", self.accepted.clone());
        let help = "Orders refused: invalid or in conflict";
        registry.register("orders_refused", help, self.refused.clone());
    }

    /// An order was answered as new.
    pub(crate) fn count_accepted(&self) {
        self.accepted.inc();
    }

    /// An order was refused.
    pub(crate) fn count_refused(&self) {
        self.refused.inc();
    }
}
