//! What pricing a checkout led to: a quote with the options that it was made from, or why there is none.

use buywire_schemas::text::Slug;
use serde::{Deserialize, Serialize};

use crate::hook::HookRefusal;
use crate::quote::Quote;
use crate::tables::DeliveryOption;

/// The result of pricing a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "pricing", rename_all = "snake_case")]
pub enum Pricing {
    /// It can be paid.
    Quoted {
        /// What is shown and charged.
        quote: Box<Quote>,
        /// The options of each seller that delivers.
        deliveries: Vec<DeliveryChoice>,
    },
    /// It cannot be sold as it is.
    Blocked {
        /// Why.
        problem: PricingProblem,
    },
}

/// The delivery options of one seller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryChoice {
    /// Who delivers.
    pub partner: Slug,
    /// What can be chosen.
    pub options: Vec<DeliveryOption>,
    /// The id of the chosen one.
    pub chosen: String,
}

/// Why there is no quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum PricingProblem {
    /// The seller does not deliver there.
    NotDelivered {
        /// Which seller.
        partner: Slug,
    },
    /// Nobody has said which tax is due: unknown is never zero.
    TaxUnknown {
        /// All lines before discount.
        subtotal: i64,
    },
    /// The seller does not sell this there.
    Refused {
        /// Which seller.
        partner: Slug,
        /// Why.
        refusal: HookRefusal,
    },
    /// The seller could not be asked, and has no stored rates.
    Unavailable {
        /// Which seller.
        partner: Slug,
    },
    /// Sellers with and without tax in their prices cannot be in one order.
    MixedTaxes,
    /// The quote exceeds what an order may contain.
    TooLarge,
}

impl Pricing {
    /// The quote, if it can be paid.
    #[must_use]
    pub fn quote(&self) -> Option<&Quote> {
        match self {
            Self::Quoted { quote, .. } => Some(quote),
            Self::Blocked { .. } => None,
        }
    }
}
