//! Metrics of intake.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;

#[derive(Debug, Clone, Default)]
pub(crate) struct OrderMetrics {
    accepted: Counter,
    refused: Counter,
}

impl OrderMetrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("orders_accepted", "Orders accepted", self.accepted.clone());
        let help = "Orders refused: invalid or in conflict";
        registry.register("orders_refused", help, self.refused.clone());
    }

    /// Count a new order.
    pub(crate) fn count_accepted(&self) {
        self.accepted.inc();
    }

    pub(crate) fn count_refused(&self) {
        self.refused.inc();
    }
}
