//! Pricing: delivery and taxes from the sellers, as the checkout keeps them.

use std::collections::BTreeMap;

use buywire_checkout::cart::{Cart, CartLine};
use buywire_checkout::machine::{Event, PaymentTerms};
use buywire_checkout::pricing::{DeliveryChoice, Pricing, PricingProblem};
use buywire_schemas::order::Address;
use buywire_schemas::text::Slug;
use time::{Duration, OffsetDateTime};

use crate::checkout::buyer::Buyer;
use crate::checkout::draft::CheckoutDraft;
use crate::checkout::shared::CheckoutError;
use crate::checkout::shared::Checkouts;
use crate::quotes::{PartnerDelivery, QuestionLine, QuoteAnswer, QuoteQuestion};

/// How long a price that was shown can be paid.
const QUOTE_LIFE: Duration = Duration::minutes(30);

impl Checkouts {
    /// `None` while it is not known who buys, or where it goes.
    pub(super) async fn price(
        &self,
        cart: &Cart,
        draft: &CheckoutDraft,
        destination: Option<&Address>,
        now: OffsetDateTime,
    ) -> Result<Option<Pricing>, CheckoutError> {
        let of_buyer = draft.buyer.as_ref().and_then(Buyer::destination);
        let ship_to = of_buyer.or_else(|| destination.cloned());
        let is_unknown = draft.buyer.is_none() && destination.is_none();
        if cart.lines.is_empty() || is_unknown || (cart.is_shipped() && ship_to.is_none()) {
            return Ok(None);
        }
        if let Some(line) = not_sold_in(cart, ship_to.as_ref()) {
            let partner = line.partner.clone();
            let problem = PricingProblem::NotDelivered { partner };
            return Ok(Some(Pricing::Blocked { problem }));
        }
        let lines = cart.lines.iter().map(|line| QuestionLine {
            partner: line.partner.clone(),
            item_id: line.item_id.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price,
            category: line.category.clone(),
            is_digital: line.is_digital,
        });
        let question = QuoteQuestion {
            currency: cart.currency,
            lines: lines.collect(),
            ship_to,
            delivery: draft.delivery.clone(),
        };
        let answer = self.quotes.quote(&question, now).await?;
        Ok(Some(pricing(answer)))
    }
}

/// The first line that is not sold where the purchase goes.
fn not_sold_in<'a>(cart: &'a Cart, ship_to: Option<&Address>) -> Option<&'a CartLine> {
    let country = ship_to?.country.as_str();
    let mut lines = cart.lines.iter();
    lines.find(|line| !line.countries.includes(country))
}

/// What pricing does to the checkout: without a quote it cannot be paid.
pub(super) fn event(pricing: Option<&Pricing>, now: OffsetDateTime) -> Event {
    match pricing.and_then(Pricing::quote) {
        Some(quote) => Event::Price {
            terms: PaymentTerms::of(quote, now + QUOTE_LIFE),
        },
        None => Event::Change,
    }
}

/// The delivery options that were chosen last.
pub(super) fn chosen(pricing: Option<&Pricing>) -> BTreeMap<Slug, String> {
    match pricing {
        Some(Pricing::Quoted { deliveries, .. }) => deliveries
            .iter()
            .map(|delivery| (delivery.partner.clone(), delivery.chosen.clone()))
            .collect(),
        _ => BTreeMap::new(),
    }
}

fn pricing(answer: QuoteAnswer) -> Pricing {
    let problem = match answer {
        QuoteAnswer::Quoted { quote, deliveries } => {
            return Pricing::Quoted {
                quote,
                deliveries: deliveries.into_iter().map(choice).collect(),
            };
        }
        QuoteAnswer::TaxUnknown { subtotals, .. } => PricingProblem::TaxUnknown {
            subtotal: subtotals.subtotal,
        },
        QuoteAnswer::NotDelivered { partner } => PricingProblem::NotDelivered { partner },
        QuoteAnswer::Refused { partner, refusal } => PricingProblem::Refused { partner, refusal },
        QuoteAnswer::Unavailable { partner } | QuoteAnswer::CurrencyMismatch { partner } => {
            PricingProblem::Unavailable { partner }
        }
        QuoteAnswer::MixedPrices => PricingProblem::MixedTaxes,
        QuoteAnswer::Invalid(error) => {
            tracing::warn!(error = %error, "checkout.price: no quote");
            PricingProblem::TooLarge
        }
    };
    Pricing::Blocked { problem }
}

fn choice(delivery: PartnerDelivery) -> DeliveryChoice {
    DeliveryChoice {
        partner: delivery.partner,
        options: delivery.options,
        chosen: delivery.chosen,
    }
}
