//! Metrics of holds.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::requests::{HoldOutcome, HoldRefused};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

/// How requests for units end.
#[derive(Debug, Clone, Default)]
pub struct StockMetrics {
    holds: Family<OutcomeLabel, Counter>,
}

impl StockMetrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "Requests to hold units, by outcome";
        registry.register("stock_hold_requests", help, self.holds.clone());
    }

    pub(super) fn count(&self, outcome: &HoldOutcome) {
        let outcome = match outcome {
            Ok(_) => "held",
            Err(HoldRefused::SoldOut { .. }) => "sold_out",
            Err(HoldRefused::LimitReached { .. }) => "limit_reached",
            Err(HoldRefused::ItemUnknown(_)) => "item_unknown",
            Err(HoldRefused::AlreadySold) => "already_sold",
            Err(HoldRefused::Busy) => "busy",
        };
        self.holds.get_or_create(&OutcomeLabel { outcome }).inc();
    }
}
