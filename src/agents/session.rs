//! A session as faces render it.

use buywire_checkout::cart::CartLine;
use buywire_checkout::machine::{AcpStatus, UcpStatus};
use buywire_checkout::policy::SellingPolicy;
use buywire_checkout::pricing::{DeliveryChoice, Pricing};
use buywire_checkout::quote::{Quote, QuotedLine};
use buywire_schemas::ids::OrderId;
use buywire_schemas::text::Slug;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::details::SessionDetails;
use super::order_state::OrderState;
use super::problem::Problem;
use crate::checkout::CheckoutView;

/// A seller's own terms.
pub(crate) struct Seller {
    pub(crate) partner: Slug,
    pub(crate) policy: SellingPolicy,
}

/// Everything that a face shows.
pub(crate) struct AgentSession {
    pub(crate) view: CheckoutView,
    pub(crate) details: SessionDetails,
    pub(crate) problems: Vec<Problem>,
    pub(crate) sellers: Vec<Seller>,
    /// The bank's page, while the buyer has to confirm there.
    pub(crate) action_url: Option<String>,
    /// `None`: it has not become an order.
    pub(crate) order_state: Option<OrderState>,
    /// Where the buyer follows the order.
    pub(crate) order_page: String,
    /// The account at the processor that a token must be granted to. `None`: nothing can be paid here.
    pub(crate) processor: Option<&'static str>,
}

/// One line with its amounts.
pub(crate) struct SessionLine<'a> {
    /// The session's id of it, which outlives changes of the others.
    pub(crate) id: String,
    /// The item's id as the agent writes it.
    pub(crate) item_id: String,
    pub(crate) line: &'a CartLine,
    /// `None`: it has no price with delivery and taxes yet.
    pub(crate) quoted: Option<QuotedLine>,
}

impl AgentSession {
    pub(crate) fn acp_status(&self) -> AcpStatus {
        self.view.stored.machine.acp_status()
    }

    pub(crate) fn ucp_status(&self) -> UcpStatus {
        self.view.stored.machine.ucp_status()
    }

    pub(crate) fn is_completed(&self) -> bool {
        self.acp_status() == AcpStatus::Completed
    }

    /// Whether anything of it can be bought.
    pub(crate) fn has_lines(&self) -> bool {
        !self.view.stored.cart.lines.is_empty()
    }

    /// Whether it can still be changed.
    pub(crate) fn may_change(&self) -> bool {
        matches!(
            self.acp_status(),
            AcpStatus::NotReadyForPayment | AcpStatus::ReadyForPayment
        )
    }

    pub(crate) fn quote(&self) -> Option<&Quote> {
        self.view.stored.pricing.as_ref().and_then(Pricing::quote)
    }

    pub(crate) fn deliveries(&self) -> &[DeliveryChoice] {
        match &self.view.stored.pricing {
            Some(Pricing::Quoted { deliveries, .. }) => deliveries,
            _ => &[],
        }
    }

    pub(crate) fn currency(&self) -> &'static str {
        self.view.stored.cart.currency.code()
    }

    pub(crate) fn order(&self) -> Option<OrderId> {
        self.view.stored.order
    }

    /// The lines of the cart, in its order.
    pub(crate) fn lines(&self) -> Vec<SessionLine<'_>> {
        let quoted = self.quote().map(Quote::lines).unwrap_or_default();
        let lines = self.view.stored.cart.lines.iter().enumerate();
        let lines = lines.map(|(index, line)| {
            let own = self.details.id_of(&line.partner, &line.item_id);
            SessionLine {
                id: line_id(line),
                item_id: own.map_or_else(|| line.product.to_string(), str::to_owned),
                line,
                quoted: quoted.get(index).copied(),
            }
        });
        lines.collect()
    }

    /// The ids of the lines of a seller.
    pub(crate) fn line_ids(&self, partner: &Slug) -> Vec<String> {
        let lines = self.view.stored.cart.lines.iter();
        let own = lines.filter(|line| line.partner == *partner && !line.is_digital);
        own.map(line_id).collect()
    }

    /// What all lines cost before delivery and, where they are added, taxes.
    pub(crate) fn lines_sum(&self) -> i64 {
        let lines = self.view.stored.cart.lines.iter();
        lines.fold(0_i64, |sum, line| sum.saturating_add(line_price(line)))
    }
}

/// A time as both protocols write it.
pub(crate) fn rfc3339(at: OffsetDateTime) -> Option<String> {
    at.format(&Rfc3339).ok()
}

/// The units at their price.
pub(crate) fn line_price(line: &CartLine) -> i64 {
    line.unit_price.saturating_mul(line.quantity)
}

/// A product is in one line of a cart only.
pub(crate) fn line_id(line: &CartLine) -> String {
    format!("li_{}", line.product.uuid().as_simple())
}

/// The id of a delivery option: options of two sellers may have one id.
pub(crate) fn option_id(partner: &Slug, option: &str) -> String {
    format!("{partner}:{option}")
}

/// The seller and its option.
pub(crate) fn parse_option_id(text: &str) -> Option<(Slug, String)> {
    let (partner, option) = text.split_once(':')?;
    Some((Slug::parse(partner).ok()?, option.to_owned()))
}
