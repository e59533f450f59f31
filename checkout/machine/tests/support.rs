//! Checkouts, terms and facts for the tests.

use buywire_schemas::ids::CheckoutId;
use buywire_schemas::{money::Currency, text::Slug};
use time::{Duration, OffsetDateTime, macros::datetime};

use crate::machine::*;
use crate::payment_method::BankRedirect;
pub(super) use crate::payment_method::PaymentMethod;
use crate::quote::{
    Discount, LineTax, Quote, QuoteLine, QuoteOutcome, QuoteRequest, RateSource, TaxRate,
};

pub(super) const NOW: OffsetDateTime = datetime!(2026-11-30 10:00 UTC);
pub(super) const TOTAL: i64 = 5_912;
/// A method that cannot be held.
pub(super) const IDEAL: PaymentMethod = PaymentMethod::BankRedirect(BankRedirect::Ideal);

pub(super) fn euro() -> Currency {
    Currency::parse("EUR").unwrap()
}

pub(super) fn id(number: usize) -> CheckoutId {
    format!("chk_{number:032x}").parse().unwrap()
}

/// The terms of a real quote.
pub(super) fn terms() -> PaymentTerms {
    let outcome = Quote::calculate(QuoteRequest {
        currency: euro(),
        tax_included: true,
        lines: vec![QuoteLine {
            partner: Slug::parse("acme").unwrap(),
            item_id: "TSHIRT-M".to_owned(),
            quantity: 1,
            unit_price: TOTAL,
            tax: LineTax::Rate {
                rate: TaxRate::parse("19").unwrap(),
                jurisdiction: "DE".to_owned(),
                taxes_shipping: true,
            },
        }],
        deliveries: Vec::new(),
        discount: Discount::Amount(0),
        source: RateSource::Tables,
        is_estimated: false,
    });
    match outcome.unwrap() {
        QuoteOutcome::Quoted(quote) => PaymentTerms::of(&quote, NOW + Duration::hours(1)),
        QuoteOutcome::TaxUnknown(_) => panic!("the tax is given"),
    }
}

pub(super) fn facts(attempt: u32, status: PaymentStatus) -> Event {
    Event::PaymentSeen(PaymentFacts {
        attempt,
        reference: format!("pi_{attempt}"),
        status,
        amount: TOTAL,
        currency: euro(),
    })
}

/// A checkout, everything it has asked for, and the time.
#[derive(Clone)]
pub(super) struct Story {
    pub(super) checkout: Checkout,
    pub(super) actions: Vec<EffectAction>,
    pub(super) now: OffsetDateTime,
}

impl Story {
    pub(super) fn priced() -> Self {
        let checkout = Checkout::open(id(1), NOW + Duration::hours(6));
        let story = Self {
            checkout,
            actions: Vec::new(),
            now: NOW,
        };
        story.with(Event::Price { terms: terms() })
    }

    /// Started, the units held, the session open.
    pub(super) fn paying(method: PaymentMethod, flow: PaymentFlow) -> Self {
        Self::priced()
            .with(Event::StartPayment { method, flow })
            .with(Event::HoldTaken { hold: 1 })
            .with(Event::SessionOpened {
                attempt: 1,
                reference: "cs_1".to_owned(),
            })
    }

    pub(super) fn hosted() -> Self {
        Self::paying(PaymentMethod::Card, PaymentFlow::Hosted)
    }

    pub(super) fn captured() -> Self {
        Self::hosted()
            .with(facts(1, PaymentStatus::Authorised))
            .with(placed(1))
            .with(facts(1, PaymentStatus::Captured))
    }

    pub(super) fn with(mut self, event: Event) -> Self {
        let (checkout, effects) = step(&self.checkout, event, self.now).unwrap();
        self.checkout = checkout;
        self.actions = effects.into_iter().map(|effect| effect.action).collect();
        self
    }

    pub(super) fn after(mut self, delay: Duration) -> Self {
        self.now += delay;
        self.with(Event::Tick)
    }

    pub(super) fn rejects(&self, event: Event) -> Rejected {
        step(&self.checkout, event, self.now).unwrap_err()
    }

    pub(super) fn situation(&self) -> PageSituation {
        self.checkout.page_situation()
    }

    /// The names of the last step's effects.
    pub(super) fn names(&self) -> Vec<String> {
        let name = |action: &EffectAction| {
            let json = serde_json::to_value(action).unwrap();
            json["action"].as_str().unwrap().to_owned()
        };
        self.actions.iter().map(name).collect()
    }
}

pub(super) fn placed(attempt: u32) -> Event {
    Event::OrderPlaced {
        attempt,
        order: "ord_1".to_owned(),
    }
}
