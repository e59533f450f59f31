//! What is asked for a quote, and what comes of it.

use std::collections::BTreeMap;

use buywire_checkout::hook::HookRefusal;
use buywire_checkout::quote::{Quote, QuoteError, QuoteSubtotals};
use buywire_checkout::tables::DeliveryOption;
use buywire_schemas::money::Currency;
use buywire_schemas::order::Address;
use buywire_schemas::text::Slug;

/// Everything that a quote is made of.
#[derive(Debug, Clone)]
pub struct QuoteQuestion {
    /// The currency of every price.
    pub currency: Currency,
    /// What is bought. Prices come from the catalog, never from a buyer.
    pub lines: Vec<QuestionLine>,
    /// Where it goes. Without an address taxes are unknown, except that a hook may state those of digital items.
    pub ship_to: Option<Address>,
    /// The ids of the delivery options that the buyer has chosen, by partner.
    pub delivery: BTreeMap<Slug, String>,
}

/// One item of a question.
#[derive(Debug, Clone)]
pub struct QuestionLine {
    pub partner: Slug,
    /// The partner's item id.
    pub item_id: String,
    pub quantity: i64,
    /// The price of one unit, with tax where the partner's prices contain it.
    pub unit_price: i64,
    /// The category by which the partner's tax table may tell items apart.
    pub category: Option<String>,
    /// Whether it needs no delivery.
    pub is_digital: bool,
}

/// What comes of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuoteAnswer {
    /// It can be paid.
    Quoted {
        quote: Box<Quote>,
        deliveries: Vec<PartnerDelivery>,
    },
    /// Nobody has stated a tax: this can be shown, and cannot be paid.
    TaxUnknown {
        subtotals: QuoteSubtotals,
        deliveries: Vec<PartnerDelivery>,
    },
    /// The partner does not deliver to this address.
    NotDelivered { partner: Slug },
    /// The partner does not sell this to this buyer. Final.
    Refused { partner: Slug, refusal: HookRefusal },
    /// The partner's hook did not answer, and no stored rates stand in. Later it may.
    Unavailable { partner: Slug },
    /// The partner's prices of delivery are in another currency.
    CurrencyMismatch { partner: Slug },
    /// Prices of some partners contain their tax, and those of others do not: they need quotes of their own.
    MixedPrices,
    /// The question itself cannot become an order.
    Invalid(QuoteError),
}

/// How one partner delivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerDelivery {
    pub partner: Slug,
    /// The options, the partner's favourite first. Never empty.
    pub options: Vec<DeliveryOption>,
    /// The id of the option that the quote has.
    pub chosen: String,
    /// Whether the option that the buyer had chosen no longer exists, so that the first one stands in.
    pub is_replaced: bool,
}
