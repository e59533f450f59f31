//! What the page and agents ask of checkouts.
//!
//! Promises: titles and prices come from the catalog, delivery and taxes from the sellers; what is paid is exactly what was
//! shown last. Must not decide what an event leads to.

mod agent;
mod cart;
mod invoices;
mod methods;
mod pricing;
mod reconcile;
mod retry_refund;
mod save;

use buywire_checkout::limits::UnitStock;
use buywire_checkout::machine::{Event, PaymentFlow, Rejected, State};
use buywire_checkout::payment_method::PaymentMethod;
use buywire_checkout::pricing::Pricing;

pub(crate) use self::agent::{AgentDraft, PaymentRequest};
pub(crate) use self::cart::{CartReading, RefusedLine};
pub(crate) use self::invoices::InvoiceRefused;
pub(crate) use self::reconcile::ReconcileRefused;
use self::save::SaveExtras;
use super::draft::{CheckoutDraft, DraftLine};
use super::sale_rules::sale;
use super::shared::{CheckoutError, Checkouts};
use super::token::CheckoutToken;
use super::view::{CheckoutView, NextPage};
use crate::payments::SessionId;
use crate::store::checkouts::StoredCheckout;

/// What pressing the button led to.
#[derive(Debug)]
pub(crate) enum PayOutcome {
    /// The buyer pays there.
    Redirect(String),
    /// Nothing to be paid now: the checkout says why.
    Unchanged(Box<CheckoutView>),
}

impl Checkouts {
    /// Reads a checkout as it is stored.
    pub(crate) async fn read(&self, token: &CheckoutToken) -> Result<CheckoutView, CheckoutError> {
        self.view(self.find(token).await?).await
    }

    /// Reads a checkout, and while it is being paid asks the processor first: the buyer may be faster than its webhook.
    pub(crate) async fn follow(
        &self,
        token: &CheckoutToken,
    ) -> Result<CheckoutView, CheckoutError> {
        self.follow_view(self.read(token).await?).await
    }

    /// The same, of a checkout that was just read.
    pub(crate) async fn follow_view(
        &self,
        view: CheckoutView,
    ) -> Result<CheckoutView, CheckoutError> {
        let is_waiting = matches!(
            view.stored.machine.state(),
            State::Paying { .. }
                | State::Closing { .. }
                | State::Authorised { .. }
                | State::Placed { .. }
        );
        let Some(payment) = view.payment.as_ref().filter(|_| is_waiting) else {
            return Ok(view);
        };
        let next_page = self.refresh(payment).await?;
        let view = self.read(&view.token).await?;
        Ok(CheckoutView { next_page, ..view })
    }

    /// The button was pressed. `shown` is the digest of the quote above it, `chosen` the name of a payment method.
    pub(crate) async fn pay(
        &self,
        token: &CheckoutToken,
        shown: &str,
        chosen: Option<&str>,
    ) -> Result<PayOutcome, CheckoutError> {
        let view = self.read(token).await?;
        let method = self.chosen_method(&view, chosen).await?;
        if view.paying().is_none() {
            self.check_processor(&view, method).await?;
            self.check_quote(&view, shown).await?;
        }
        let begun = self
            .drive(view.id(), move |_, _| {
                Ok(Event::StartPayment {
                    method,
                    flow: PaymentFlow::Hosted,
                })
            })
            .await;
        match begun {
            Err(CheckoutError::Rejected(Rejected::QuoteExpired)) => {
                self.reprice(&view).await?;
                Err(CheckoutError::QuoteChanged)
            }
            Err(error) => Err(error),
            Ok(stored) => {
                let view = self.view(stored).await?;
                Ok(match self.hosted_page(&view).await {
                    Some(url) => PayOutcome::Redirect(url),
                    None => PayOutcome::Unchanged(Box::new(view)),
                })
            }
        }
    }

    /// The switches again, with the processor that would be paid at.
    pub(super) async fn check_processor(
        &self,
        view: &CheckoutView,
        method: PaymentMethod,
    ) -> Result<(), CheckoutError> {
        let CheckoutView { stored, .. } = view;
        let processor = self.processors.taking(method);
        let processor = processor.map(|open| open.kind.name());
        self.check_switches(&sale(stored.channel, stored.post, &stored.cart, processor))
            .await
    }

    /// The buyer pays exactly what was shown; the catalog still says so, and the post still offers it.
    pub(super) async fn check_quote(
        &self,
        view: &CheckoutView,
        shown: &str,
    ) -> Result<(), CheckoutError> {
        let quote = view.stored.pricing.as_ref().and_then(Pricing::quote);
        let quote = quote.ok_or(Rejected::NotPriced)?;
        let repriced = self.reprice(view).await?;
        let now = repriced.stored.pricing.as_ref().and_then(Pricing::quote);
        let is_same = now.is_some_and(|now| now.digest() == quote.digest());
        match is_same && quote.digest().to_string() == shown {
            true => Ok(()),
            false => Err(CheckoutError::QuoteChanged),
        }
    }

    /// Prices a checkout again, with the catalog and rates of now.
    pub(crate) async fn reprice(&self, view: &CheckoutView) -> Result<CheckoutView, CheckoutError> {
        let lines = view.stored.cart.lines.iter().map(|line| DraftLine {
            partner: line.partner.clone(),
            item_id: line.item_id.clone(),
            quantity: line.quantity,
        });
        let draft = CheckoutDraft {
            channel: view.stored.channel,
            agent: view.stored.agent,
            post: view.stored.post,
            language: view.stored.language.clone(),
            lines: lines.collect(),
            buyer: view.buyer.clone(),
            delivery: pricing::chosen(view.stored.pricing.as_ref()),
        };
        let extras = SaveExtras {
            details: view.details.clone(),
            ..SaveExtras::default()
        };
        self.save_draft(Some(view.id()), draft, extras).await
    }

    /// The processor's page, while it can be paid there.
    pub(crate) async fn hosted_page(&self, view: &CheckoutView) -> Option<String> {
        if !matches!(view.stored.machine.state(), State::Paying { .. }) {
            return None;
        }
        if let Some(NextPage(page)) = &view.next_page {
            return page.clone();
        }
        let payment = view.payment.as_ref()?;
        let processor = self.processors.named(&payment.processor)?;
        let Some(session) = payment.session_id.as_deref() else {
            return self.bank_page(view).await;
        };
        let session = SessionId::parse(session)?;
        match processor.client.session(&session).await {
            Ok(session) => session.url,
            Err(error) => {
                tracing::warn!(checkout = %view.id(), error = %error, "checkout.session: its page was not read");
                None
            }
        }
    }

    /// The buyer needs more time.
    pub(crate) async fn extend(
        &self,
        token: &CheckoutToken,
    ) -> Result<CheckoutView, CheckoutError> {
        let view = self.read(token).await?;
        let is_scarce = self.is_scarce(&view).await?;
        self.request(&view, Event::ExtendHold { is_scarce }).await
    }

    /// Whether others wait for what this buyer holds.
    pub(crate) async fn is_scarce(&self, view: &CheckoutView) -> Result<bool, CheckoutError> {
        for line in &view.stored.cart.lines {
            let level = self
                .store
                .stock_level(line.partner_id, &line.item_id)
                .await?;
            let counted = level.and_then(|level| level.total.zip(level.left));
            let stock = counted.map_or(UnitStock::Unlimited, |(total, left)| UnitStock::Counted {
                total: total.unsigned_abs(),
                free: left.max(0).unsigned_abs(),
            });
            if stock.is_scarce() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Stop paying, to change something.
    pub(crate) async fn cancel_payment(
        &self,
        token: &CheckoutToken,
    ) -> Result<CheckoutView, CheckoutError> {
        let view = self.read(token).await?;
        self.request(&view, Event::CancelPayment).await
    }

    /// Give up; after the order, cancel it before it is fulfilled.
    pub(crate) async fn cancel(
        &self,
        token: &CheckoutToken,
    ) -> Result<CheckoutView, CheckoutError> {
        let view = self.read(token).await?;
        self.request(&view, Event::Cancel).await
    }

    pub(super) async fn request(
        &self,
        view: &CheckoutView,
        event: Event,
    ) -> Result<CheckoutView, CheckoutError> {
        let stored = self.drive(view.id(), |_, _| Ok(event)).await?;
        self.view(stored).await
    }

    pub(super) async fn find(
        &self,
        token: &CheckoutToken,
    ) -> Result<StoredCheckout, CheckoutError> {
        let found = self.store.checkout_by_token(&token.hash()).await?;
        found.ok_or(CheckoutError::NotFound)
    }
}
