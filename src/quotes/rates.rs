//! One partner's rates: what its stored tables or its hook say of its lines.
//!
//! Promises: pure; a tax that no row states is unknown, and nothing is delivered where no zone says so.

use buywire_checkout::hook::{HookAddress, HookLine, HookPrices, HookRequest};
use buywire_checkout::quote::{DeliveryTax, LineTax, RateSource};
use buywire_checkout::tables::{DeliveryKind, DeliveryOption};
use buywire_schemas::money::Currency;
use buywire_schemas::order::Address;
use buywire_schemas::text::Slug;
use time::OffsetDateTime;

use super::question::{QuestionLine, QuoteAnswer};
use super::terms::RateTerms;

/// The lines of one partner.
#[derive(Debug)]
pub(super) struct PartnerShare<'q> {
    pub(super) partner: &'q Slug,
    pub(super) currency: Currency,
    pub(super) lines: Vec<&'q QuestionLine>,
    pub(super) ship_to: Option<&'q Address>,
}

/// What a partner's lines and their delivery cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PartnerRates {
    /// `None` while nothing says so. Then the taxes are unknown, too.
    pub(super) tax_included: Option<bool>,
    /// The tax of each line.
    pub(super) line_taxes: Vec<LineTax>,
    /// The ways of delivery. Empty where nothing is delivered or the address is missing.
    pub(super) options: Vec<RatedOption>,
    pub(super) source: RateSource,
    pub(super) is_estimated: bool,
}

/// A delivery option and the tax on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RatedOption {
    pub(super) option: DeliveryOption,
    pub(super) tax: DeliveryTax,
}

impl PartnerShare<'_> {
    pub(super) fn needs_delivery(&self) -> bool {
        self.lines.iter().any(|line| !line.is_digital)
    }

    /// Rates of which nothing is known yet: goods without an address.
    pub(super) fn unknown_rates(&self, tax_included: Option<bool>) -> PartnerRates {
        PartnerRates {
            tax_included,
            line_taxes: vec![LineTax::Unknown; self.lines.len()],
            options: Vec::new(),
            source: RateSource::Tables,
            is_estimated: false,
        }
    }

    /// What the lines to be delivered cost: digital items do not make the delivery of others free.
    fn delivered_subtotal(&self) -> i64 {
        let delivered = self.lines.iter().filter(|line| !line.is_digital);
        delivered.fold(0_i64, |sum, line| {
            sum.saturating_add(line.unit_price.saturating_mul(line.quantity))
        })
    }
}

/// The options by which goods can be delivered: none that is sent over the network.
pub(super) fn deliverable(options: impl IntoIterator<Item = RatedOption>) -> Vec<RatedOption> {
    let options = options.into_iter();
    options
        .filter(|one| one.option.kind != DeliveryKind::Digital)
        .collect()
}

/// The rates of the stored tables, or why there are none.
pub(super) fn of_tables(
    share: &PartnerShare<'_>,
    terms: &RateTerms,
    now: OffsetDateTime,
) -> Result<PartnerRates, QuoteAnswer> {
    let Some(ship_to) = share.ship_to else {
        return Ok(share.unknown_rates(terms.tax_included()));
    };
    let lines = share.lines.iter();
    let line_taxes = lines.map(|line| match &terms.taxes {
        Some(table) => table.line_tax(
            &ship_to.country,
            ship_to.region.as_deref(),
            line.category.as_deref(),
            now,
        ),
        None => LineTax::Unknown,
    });
    Ok(PartnerRates {
        tax_included: terms.tax_included(),
        line_taxes: line_taxes.collect(),
        options: table_options(share, terms, ship_to)?,
        source: RateSource::Tables,
        is_estimated: false,
    })
}

fn table_options(
    share: &PartnerShare<'_>,
    terms: &RateTerms,
    ship_to: &Address,
) -> Result<Vec<RatedOption>, QuoteAnswer> {
    if !share.needs_delivery() {
        return Ok(Vec::new());
    }
    let partner = || share.partner.clone();
    let table = terms.shipping.as_ref();
    let table = table.ok_or_else(|| QuoteAnswer::NotDelivered { partner: partner() })?;
    if table.currency() != share.currency {
        return Err(QuoteAnswer::CurrencyMismatch { partner: partner() });
    }
    let options = table.options(
        &ship_to.country,
        ship_to.region.as_deref(),
        share.delivered_subtotal(),
    );
    let options = deliverable(options.into_iter().map(|option| RatedOption {
        option,
        tax: DeliveryTax::AsLines,
    }));
    match options.is_empty() {
        true => Err(QuoteAnswer::NotDelivered { partner: partner() }),
        false => Ok(options),
    }
}

/// The question to the partner's hook: no name, no street, no contact.
pub(super) fn hook_request(share: &PartnerShare<'_>, tax_included: bool) -> HookRequest {
    let lines = share.lines.iter().map(|line| HookLine {
        item_id: line.item_id.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price,
        discount: 0,
    });
    HookRequest {
        currency: share.currency,
        tax_included,
        lines: lines.collect(),
        ship_to: share.ship_to.map(|address| HookAddress {
            country: address.country.clone(),
            region: address.region.clone(),
            postal_code: address.postal_code.clone(),
            city: address.city.clone(),
        }),
    }
}

/// The rates that the partner's hook has stated.
pub(super) fn of_hook(
    share: &PartnerShare<'_>,
    prices: HookPrices,
    tax_included: bool,
) -> Result<PartnerRates, QuoteAnswer> {
    let options = match share.needs_delivery() {
        true => deliverable(prices.options.into_iter().map(|one| RatedOption {
            option: one.option,
            tax: one.tax,
        })),
        false => Vec::new(),
    };
    if share.needs_delivery() && options.is_empty() {
        let partner = share.partner.clone();
        return Err(QuoteAnswer::NotDelivered { partner });
    }
    Ok(PartnerRates {
        tax_included: Some(tax_included),
        line_taxes: prices.line_taxes,
        options,
        source: RateSource::Hook,
        is_estimated: false,
    })
}

/// The stored tables in place of a hook that did not answer: only if the partner has both and they say everything.
pub(super) fn estimated(
    share: &PartnerShare<'_>,
    terms: &RateTerms,
    now: OffsetDateTime,
) -> Option<PartnerRates> {
    let has_both = terms.taxes.is_some() && terms.shipping.is_some();
    let rates = has_both.then(|| of_tables(share, terms, now).ok())??;
    let is_known = rates.line_taxes.iter().all(|tax| *tax != LineTax::Unknown);
    is_known.then_some(PartnerRates {
        is_estimated: true,
        ..rates
    })
}
