//! The rates of all partners, put together into one answer.
//!
//! Promises: pure; the first option is chosen where the buyer has chosen none, or one that no longer exists.

use buywire_checkout::quote::{
    Discount, Quote, QuoteDelivery, QuoteLine, QuoteOutcome, QuoteRequest, RateSource,
};
use buywire_schemas::text::Slug;

use super::question::{PartnerDelivery, QuoteAnswer, QuoteQuestion};
use super::rates::{PartnerRates, PartnerShare, RatedOption};

/// One partner's share with its rates.
pub(super) type RatedShare<'q> = (PartnerShare<'q>, PartnerRates);

pub(super) fn answer(question: &QuoteQuestion, shares: Vec<RatedShare<'_>>) -> QuoteAnswer {
    let included = || shares.iter().filter_map(|(_, rates)| rates.tax_included);
    let tax_included = included().any(|is_included| is_included);
    if tax_included && included().any(|is_included| !is_included) {
        return QuoteAnswer::MixedPrices;
    }
    let is_of_hook = shares
        .iter()
        .any(|(_, rates)| rates.source == RateSource::Hook);
    let is_estimated = shares.iter().any(|(_, rates)| rates.is_estimated);
    let chosen: Vec<_> = shares
        .iter()
        .filter_map(|(share, rates)| choose(question, share.partner, &rates.options))
        .collect();
    let (deliveries, quoted) = chosen.into_iter().unzip();
    let outcome = Quote::calculate(QuoteRequest {
        currency: question.currency,
        tax_included,
        lines: lines(question, &shares),
        deliveries: quoted,
        discount: Discount::Amount(0),
        source: match is_of_hook {
            true => RateSource::Hook,
            false => RateSource::Tables,
        },
        is_estimated,
    });
    match outcome {
        Ok(QuoteOutcome::Quoted(quote)) => QuoteAnswer::Quoted { quote, deliveries },
        Ok(QuoteOutcome::TaxUnknown(subtotals)) => QuoteAnswer::TaxUnknown {
            subtotals,
            deliveries,
        },
        Err(error) => QuoteAnswer::Invalid(error),
    }
}

/// The lines in the question's order, each with its tax.
fn lines(question: &QuoteQuestion, shares: &[RatedShare<'_>]) -> Vec<QuoteLine> {
    let mut taxes: Vec<_> = shares
        .iter()
        .map(|(share, rates)| (share.partner, rates.line_taxes.iter()))
        .collect();
    let lines = question.lines.iter().filter_map(|line| {
        let own = taxes.iter_mut().find(|(slug, _)| **slug == line.partner)?;
        Some(QuoteLine {
            partner: line.partner.clone(),
            item_id: line.item_id.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price,
            tax: own.1.next()?.clone(),
        })
    });
    lines.collect()
}

/// The chosen option, for the buyer and for the quote. `None` where nothing is to be delivered.
fn choose(
    question: &QuoteQuestion,
    partner: &Slug,
    options: &[RatedOption],
) -> Option<(PartnerDelivery, QuoteDelivery)> {
    let requested = question.delivery.get(partner);
    let found = requested.and_then(|id| options.iter().find(|one| one.option.id == *id));
    let chosen = found.or_else(|| options.first())?;
    let delivery = PartnerDelivery {
        partner: partner.clone(),
        options: options.iter().map(|one| one.option.clone()).collect(),
        chosen: chosen.option.id.clone(),
        is_replaced: requested.is_some() && found.is_none(),
    };
    let quoted = QuoteDelivery {
        partner: partner.clone(),
        option_id: chosen.option.id.clone(),
        price: chosen.option.price,
        tax: chosen.tax.clone(),
    };
    Some((delivery, quoted))
}
