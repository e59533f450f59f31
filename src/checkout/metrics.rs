//! Metrics of checkouts: each step, each effect, each webhook.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabel {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EffectLabel {
    effect: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

/// What happens to checkouts. Clones count together.
#[derive(Debug, Clone, Default)]
pub(crate) struct CheckoutMetrics {
    entered: Family<StateLabel, Counter>,
    effects: Family<EffectLabel, Counter>,
    webhooks: Family<OutcomeLabel, Counter>,
    buyers_shredded: Counter,
}

impl CheckoutMetrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "Checkouts that entered a state";
        registry.register("checkouts_entered", help, self.entered.clone());
        let help = "Effects of checkouts that were run, by outcome";
        registry.register("checkout_effects", help, self.effects.clone());
        let help = "Webhooks of payment processors, by outcome";
        registry.register("payment_webhooks", help, self.webhooks.clone());
        let help = "Buyers of abandoned checkouts that were made unreadable";
        registry.register(
            "checkout_buyers_shredded",
            help,
            self.buyers_shredded.clone(),
        );
    }

    pub(super) fn count_state(&self, state: &'static str) {
        self.entered.get_or_create(&StateLabel { state }).inc();
    }

    pub(super) fn count_effect(&self, effect: &'static str, outcome: &'static str) {
        self.effects
            .get_or_create(&EffectLabel { effect, outcome })
            .inc();
    }

    pub(super) fn count_webhook(&self, outcome: &'static str) {
        self.webhooks.get_or_create(&OutcomeLabel { outcome }).inc();
    }

    pub(super) fn count_shredded(&self, buyers: u64) {
        self.buyers_shredded.inc_by(buyers);
    }
}
