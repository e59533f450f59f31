//! What stops a purchase on its way: what happened, what it means, and the one action that helps.
//!
//! Promises: a problem says whether money moved; a seller's own sentence is shown as the seller's. Must not decide that
//! there is a problem.

use buywire_checkout::address::{Language, country_name};
use buywire_checkout::amount::money;
use buywire_checkout::hook::RefusalReason;
use buywire_schemas::money::Currency;

use super::links::CheckoutLinks;
use super::words::{self, fill, isolated};

/// Why the button does not lead on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BuyProblem {
    /// Others were faster. So many units are left.
    SoldOut {
        /// Units left, zero if none.
        left: u64,
    },
    /// The buyer has as many as the seller gives to one.
    BuyerLimit {
        /// Units for each buyer.
        units_max: u64,
    },
    /// The seller does not deliver to the address.
    NotDelivered,
    /// Nobody has stated the tax for the address.
    TaxUnknown,
    /// The seller refuses.
    Refused {
        /// Why.
        reason: RefusalReason,
        /// The seller's sentence.
        text: Option<String>,
    },
    /// The seller's system did not answer.
    SellerUnreachable,
    /// The total is another one than the buyer pressed the button for.
    QuoteChanged {
        /// What the buyer saw.
        before: i64,
        /// What it costs now.
        after: i64,
        /// The currency of both.
        currency: Currency,
    },
    /// The processor did not open a session.
    PaymentUnavailable,
    /// The chosen payment method is not offered any more.
    MethodUnavailable,
    /// New payments are stopped.
    Stopped,
    /// The box about immediate delivery is not ticked.
    ConsentMissing,
}

/// Where the actions of a problem lead.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProblemContext<'a> {
    pub(super) links: CheckoutLinks<'a>,
    /// The checkout, once there is one.
    pub(super) checkout: Option<&'a str>,
    pub(super) seller: &'a str,
    /// The seller's page of the item.
    pub(super) seller_url: Option<&'a str>,
    /// The country of the address.
    pub(super) country: &'a str,
}

/// A problem as text.
#[derive(Debug)]
pub(super) struct ProblemView {
    pub(super) title: String,
    pub(super) text: String,
    /// The seller's own sentence.
    pub(super) quoted: Option<(&'static str, String)>,
    /// A label and a link. None where the button is the action.
    pub(super) action: Option<(String, String)>,
}

impl BuyProblem {
    /// Whether there is something to order all the same, so that the button stays.
    #[must_use]
    pub(crate) fn may_order(&self) -> bool {
        match self {
            Self::QuoteChanged { .. }
            | Self::PaymentUnavailable
            | Self::MethodUnavailable
            | Self::ConsentMissing => true,
            Self::SoldOut { .. }
            | Self::BuyerLimit { .. }
            | Self::NotDelivered
            | Self::TaxUnknown
            | Self::Refused { .. }
            | Self::SellerUnreachable
            | Self::Stopped => false,
        }
    }

    /// Whether units are missing, and nothing else.
    #[must_use]
    pub(crate) fn is_sold_out(&self) -> bool {
        matches!(self, Self::SoldOut { .. })
    }

    pub(super) fn view(&self, context: ProblemContext<'_>) -> ProblemView {
        let language = context.links.language;
        let words = &words::buying(language).problems;
        let notice = match self {
            Self::SoldOut { left: 0 } => words.sold_out,
            Self::SoldOut { .. } => words.few_left,
            Self::BuyerLimit { .. } => words.buyer_limit,
            Self::NotDelivered => words.not_delivered,
            Self::TaxUnknown => words.tax_unknown,
            Self::Refused { reason, .. } => match reason {
                RefusalReason::Country => words.refused_country,
                RefusalReason::Age => words.refused_age,
                RefusalReason::Category => words.refused_category,
                RefusalReason::Other => words.refused_other,
            },
            Self::SellerUnreachable => words.seller_unreachable,
            Self::QuoteChanged { .. } => words.quote_changed,
            Self::PaymentUnavailable => words.payment_unavailable,
            Self::MethodUnavailable => words.method_unavailable,
            Self::Stopped => words.stopped,
            Self::ConsentMissing => words.consent_missing,
        };
        let values = self.values(context, language);
        let values: Vec<_> = values
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        ProblemView {
            title: fill(notice.title, &values),
            text: fill(notice.text, &values),
            quoted: match self {
                Self::Refused {
                    text: Some(text), ..
                } => Some((words.seller_says, text.clone())),
                _ => None,
            },
            action: self.action(context),
        }
    }

    fn values(
        &self,
        context: ProblemContext<'_>,
        language: Language,
    ) -> Vec<(&'static str, String)> {
        let country = country_name(context.country, language).unwrap_or(context.country);
        let mut values = vec![
            ("seller", isolated(context.seller)),
            ("country", country.to_owned()),
        ];
        match self {
            Self::SoldOut { left: count } | Self::BuyerLimit { units_max: count } => {
                values.push(("count", count.to_string()));
            }
            Self::QuoteChanged {
                before,
                after,
                currency,
            } => values.extend([
                ("before", money(context.links.locale, *currency, *before)),
                ("after", money(context.links.locale, *currency, *after)),
            ]),
            _ => {}
        }
        values
    }

    /// The one action that helps.
    fn action(&self, context: ProblemContext<'_>) -> Option<(String, String)> {
        let links = context.links;
        let words = &words::buying(links.language).problems;
        let edit = || {
            context
                .checkout
                .map_or_else(|| links.start(), |token| links.edit(token))
        };
        let again = || {
            context
                .checkout
                .map_or_else(|| links.start(), |token| links.review(token))
        };
        let back = words::buying(links.language).page.back_to_offer;
        let elsewhere = || match context.seller_url {
            Some(url) => {
                let label = fill(
                    words.see_at_seller,
                    &[("seller", &isolated(context.seller))],
                );
                (label, url.to_owned())
            }
            None => (back.to_owned(), links.offer()),
        };
        match self {
            Self::SoldOut { .. } | Self::BuyerLimit { .. } => {
                Some((words.change_quantity.to_owned(), edit()))
            }
            Self::NotDelivered
            | Self::Refused {
                reason: RefusalReason::Country,
                ..
            } => Some((words.change_address.to_owned(), edit())),
            Self::TaxUnknown | Self::Refused { .. } => Some(elsewhere()),
            Self::SellerUnreachable => Some((words.try_again.to_owned(), again())),
            Self::Stopped => Some((back.to_owned(), links.offer())),
            Self::QuoteChanged { .. }
            | Self::PaymentUnavailable
            | Self::MethodUnavailable
            | Self::ConsentMissing => None,
        }
    }
}
