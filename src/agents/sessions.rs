//! What agents ask for: open, change, read, complete and cancel sessions.
//!
//! Promises: whatever is repeated with the same id or request changes nothing more; a completed session stays as it is.

use buywire_checkout::cart::Cart;
use buywire_checkout::machine::{AcpStatus, Rejected};
use buywire_schemas::ids::{CheckoutId, KeyId, OrderId};
use buywire_schemas::post::ViewerDetails;
use buywire_schemas::text::Slug;

use super::details::{RefusedReason, RequestedLine, SessionDetails};
use super::drafting::{buyer, check_currency, nothing, reason, refuse};
use super::error::AgentError;
use super::items::ItemName;
use super::order_state::OrderState;
use super::problem::{Field, Problem, ProblemKind, of_lines, of_person, of_view};
use super::session::{AgentSession, Seller};
use crate::checkout::{
    AgentDraft, CartReading, CheckoutDraft, CheckoutError, CheckoutView, Checkouts, DraftLine,
    PaymentRequest, PurchaseOrigin, RefusedLine,
};
use crate::payments::PaymentToken;
use crate::store::Store;
use crate::store::checkouts::Channel;

/// What an order may have, which bounds the look-ups as well.
pub(crate) const LINES_MAX: usize = 100;

/// What sessions are made with.
#[derive(Clone)]
pub(crate) struct AgentParts {
    pub(crate) store: Store,
    pub(crate) checkouts: Checkouts,
}

/// Clones share everything.
#[derive(Clone)]
pub(crate) struct Agents(AgentParts);

/// A token, and what comes with it.
pub(crate) struct TokenRequest {
    pub(crate) token: PaymentToken,
    /// Names the request, so that it begins one attempt only.
    pub(crate) request: PaymentRequest,
    /// The agent has a result of the bank's authentication.
    pub(crate) has_authentication: bool,
}

/// What of the requested lines can be bought.
struct Bought {
    cart: Option<Cart>,
    sellers: Vec<Seller>,
}

impl Agents {
    pub(crate) fn open_room(parts: AgentParts) -> Self {
        Self(parts)
    }

    /// Whether this channel sells now. The one place where it can be closed.
    pub(crate) fn ensure_channel(&self, _channel: Channel) -> Result<(), AgentError> {
        match self.0.checkouts.processors.hosted() {
            Some(_) => Ok(()),
            None => Err(AgentError::Stopped),
        }
    }

    /// Opens a session under this id; one that exists already, because the request was begun before, is changed.
    pub(crate) async fn open(
        &self,
        agent: KeyId,
        channel: Channel,
        id: CheckoutId,
        details: SessionDetails,
    ) -> Result<AgentSession, AgentError> {
        self.ensure_channel(channel)?;
        let existing = match self.0.checkouts.of_agent(id, agent, channel).await {
            Ok(view) => Some(view),
            Err(CheckoutError::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        self.save(agent, channel, id, existing, details).await
    }

    /// Changes a session to what the agent has sent.
    pub(crate) async fn change(
        &self,
        session: AgentSession,
        details: SessionDetails,
    ) -> Result<AgentSession, AgentError> {
        let stored = &session.view.stored;
        let (id, channel) = (stored.id, stored.channel);
        let agent = stored.agent.ok_or(AgentError::NotFound)?;
        match session.acp_status() {
            AcpStatus::NotReadyForPayment | AcpStatus::ReadyForPayment => {}
            AcpStatus::AuthenticationRequired
            | AcpStatus::InProgress
            | AcpStatus::CompleteInProgress => return Err(AgentError::PaymentInProgress),
            AcpStatus::Completed | AcpStatus::Canceled | AcpStatus::Expired => {
                return Err(AgentError::Ended);
            }
        }
        self.save(agent, channel, id, Some(session.view), details)
            .await
    }

    /// Reads a session, and while it is being paid asks the processor first.
    pub(crate) async fn read(
        &self,
        agent: KeyId,
        channel: Channel,
        id: CheckoutId,
    ) -> Result<AgentSession, AgentError> {
        let view = self.0.checkouts.of_agent(id, agent, channel).await?;
        let view = self.0.checkouts.follow_view(view).await?;
        self.session(view).await
    }

    /// Reads the session that became an order.
    pub(crate) async fn of_order(
        &self,
        agent: KeyId,
        channel: Channel,
        order: OrderId,
    ) -> Result<AgentSession, AgentError> {
        let id = self.0.store.checkout_of_order(order, Some(agent)).await?;
        self.read(agent, channel, id.ok_or(AgentError::NotFound)?)
            .await
    }

    /// Pays a session that is ready. One that is not, or not any more, comes back as it is.
    pub(crate) async fn complete(
        &self,
        session: AgentSession,
        paying: &TokenRequest,
    ) -> Result<AgentSession, AgentError> {
        match session.acp_status() {
            AcpStatus::ReadyForPayment => {}
            AcpStatus::AuthenticationRequired if !paying.has_authentication => {
                return Err(AgentError::AuthenticationRequired);
            }
            AcpStatus::Canceled | AcpStatus::Expired => return Err(AgentError::Ended),
            AcpStatus::NotReadyForPayment
            | AcpStatus::AuthenticationRequired
            | AcpStatus::InProgress
            | AcpStatus::CompleteInProgress
            | AcpStatus::Completed => return Ok(session),
        }
        let checkouts = &self.0.checkouts;
        let paid = checkouts.pay_with_token(&session.view, &paying.token, paying.request);
        match paid.await {
            Ok(view) => self.session(view).await,
            // Another request was faster.
            Err(CheckoutError::Rejected(Rejected::PaymentInProgress | Rejected::AlreadyPaid)) => {
                self.again(&session, None).await
            }
            Err(CheckoutError::QuoteChanged | CheckoutError::Rejected(Rejected::QuoteExpired)) => {
                let changed = Problem::new(
                    ProblemKind::Changed,
                    Field::Session,
                    "The total has changed: show it to the buyer and complete again.",
                );
                self.again(&session, Some(changed)).await
            }
            Err(
                CheckoutError::NotBuyable { .. }
                | CheckoutError::NotOffered { .. }
                | CheckoutError::TooMany { .. }
                | CheckoutError::ItemUnknown { .. },
            ) => {
                let (details, id) = (session.details.clone(), session.view.id());
                let stored = &session.view.stored;
                let (agent, channel) = (stored.agent.ok_or(AgentError::NotFound)?, stored.channel);
                self.save(agent, channel, id, Some(session.view), details)
                    .await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Gives up a session that has not ended.
    pub(crate) async fn cancel(&self, session: AgentSession) -> Result<AgentSession, AgentError> {
        match session.acp_status() {
            AcpStatus::Completed | AcpStatus::Canceled | AcpStatus::Expired => {
                Err(AgentError::Ended)
            }
            _ => {
                let view = self.0.checkouts.cancel(&session.view.token).await?;
                self.session(view).await
            }
        }
    }

    async fn again(
        &self,
        session: &AgentSession,
        problem: Option<Problem>,
    ) -> Result<AgentSession, AgentError> {
        let view = self.0.checkouts.read(&session.view.token).await?;
        let mut session = self.session(view).await?;
        session.problems.extend(problem);
        Ok(session)
    }

    async fn save(
        &self,
        agent: KeyId,
        channel: Channel,
        id: CheckoutId,
        existing: Option<CheckoutView>,
        mut details: SessionDetails,
    ) -> Result<AgentSession, AgentError> {
        let viewer = details.viewer(channel);
        let bought = self.read_lines(&mut details, &viewer).await?;
        let cart = match bought.cart {
            Some(cart) => cart,
            None => nothing(&details)?,
        };
        check_currency(&details, &cart)?;
        if let Some(option) = details.delivery_of_all.take() {
            for seller in &bought.sellers {
                let partner = seller.partner.clone();
                details.delivery.entry(partner).or_insert(option.clone());
            }
        }
        let (buyer, destination) = buyer(&details, &bought.sellers, cart.is_shipped(), &viewer);
        let new = AgentDraft {
            draft: CheckoutDraft {
                channel,
                agent: Some(agent),
                post: None,
                language: details.language().tag().to_owned(),
                lines: Vec::new(),
                buyer,
                delivery: details.delivery.clone(),
            },
            cart,
            details: details.write(),
            destination,
            is_blocked: !details.refused.is_empty(),
        };
        let saved = self.0.checkouts.save_for_agent(id, existing.as_ref(), new);
        let view = saved.await?;
        self.session(view).await
    }

    /// Reads the requested lines from the catalog, and notes which cannot be bought.
    async fn read_lines(
        &self,
        details: &mut SessionDetails,
        viewer: &ViewerDetails,
    ) -> Result<Bought, AgentError> {
        for line in &mut details.lines {
            line.item = self.item(&line.id).await?;
        }
        let mut sellers = Vec::new();
        let mut lines = Vec::new();
        let mut refused = Vec::new();
        for (index, line) in details.lines.iter().enumerate() {
            let Some((partner, item_id)) = &line.item else {
                refused.push(refuse(index, RefusedReason::Unknown));
                continue;
            };
            if !self.sells(partner, &mut sellers).await? {
                refused.push(refuse(index, RefusedReason::NotSold));
                continue;
            }
            lines.push(DraftLine {
                partner: partner.clone(),
                item_id: item_id.clone(),
                quantity: line.quantity,
            });
        }
        let now = crate::ambient::now();
        let origin = PurchaseOrigin { post: None, viewer };
        let mut read = self.0.checkouts.read_cart(&lines, origin, now).await?;
        let is_stopped = |one: &RefusedLine| matches!(one.error, CheckoutError::SwitchedOff);
        if read.refused.iter().any(is_stopped) {
            return Err(CheckoutError::SwitchedOff.into());
        }
        self.refuse_sold_out(&mut read).await?;
        for one in &read.refused {
            let reason = reason(&one.error);
            let is_item = |line: &&RequestedLine| {
                let item = line.item.as_ref();
                item.is_some_and(|(partner, id)| *partner == one.partner && *id == one.item_id)
            };
            let places = details.lines.iter().enumerate();
            let places = places.filter(|(_, line)| is_item(line));
            refused.extend(places.map(|(index, _)| refuse(index, reason)));
        }
        refused.sort_by_key(|one| one.line);
        details.refused = refused;
        let cart = read.cart.filter(|cart| !cart.lines.is_empty());
        Ok(Bought { cart, sellers })
    }

    /// What others hold or have bought cannot be bought now.
    async fn refuse_sold_out(&self, read: &mut CartReading) -> Result<(), AgentError> {
        let Some(cart) = &mut read.cart else {
            return Ok(());
        };
        let mut kept = Vec::new();
        for line in std::mem::take(&mut cart.lines) {
            let level = self.0.store.stock_level(line.partner_id, &line.item_id);
            let left = level.await?.and_then(|level| level.left);
            match left.is_some_and(|left| left < line.quantity) {
                true => read.refused.push(RefusedLine {
                    partner: line.partner,
                    item_id: line.item_id.clone(),
                    error: CheckoutError::NotBuyable {
                        item_id: line.item_id,
                        reason: buywire_schemas::catalog::NotBuyable::OutOfStock,
                    },
                }),
                false => kept.push(line),
            }
        }
        cart.lines = kept;
        Ok(())
    }

    async fn item(&self, id: &str) -> Result<Option<(Slug, String)>, AgentError> {
        let product = match ItemName::parse(id) {
            None => return Ok(None),
            Some(ItemName::OfPartner(partner, item_id)) => return Ok(Some((partner, item_id))),
            Some(ItemName::Product(product)) => product,
        };
        let found = self.0.store.product(product, None).await?;
        Ok(found
            .and_then(|(product, _)| Some((Slug::parse(&product.partner).ok()?, product.item_id))))
    }

    /// Whether Buywire sells for a partner.
    async fn sells(&self, partner: &Slug, sellers: &mut Vec<Seller>) -> Result<bool, AgentError> {
        if sellers.iter().any(|seller| seller.partner == *partner) {
            return Ok(true);
        }
        let terms = self.0.checkouts.quotes.terms(partner).await?;
        let Some(terms) = terms.filter(|terms| terms.sells_here(None)) else {
            return Ok(false);
        };
        sellers.push(Seller {
            partner: partner.clone(),
            policy: terms.policy,
        });
        Ok(true)
    }

    async fn session(&self, view: CheckoutView) -> Result<AgentSession, AgentError> {
        let stored = view.details.as_ref();
        let details = stored.and_then(|stored| SessionDetails::read(stored));
        let details = details.unwrap_or_default();
        let mut sellers = Vec::new();
        for partner in view.partners() {
            self.sells(partner, &mut sellers).await?;
        }
        let mut problems = Vec::new();
        if matches!(
            view.stored.machine.acp_status(),
            AcpStatus::NotReadyForPayment | AcpStatus::ReadyForPayment
        ) {
            problems.extend(of_lines(&details));
            problems.extend(of_person(&details, &sellers, view.stored.cart.is_shipped()));
        }
        problems.extend(of_view(&view));
        let order_state = match view.stored.order {
            Some(order) => Some(OrderState::read(&self.0.store, order).await?),
            None => None,
        };
        let checkouts = &self.0.checkouts;
        let processor = checkouts.processors.hosted();
        Ok(AgentSession {
            action_url: checkouts.bank_page(&view).await,
            order_state,
            order_page: checkouts.order_page(&view.token),
            processor: processor.map(|open| open.kind.name()),
            view,
            details,
            problems,
            sellers,
        })
    }
}
