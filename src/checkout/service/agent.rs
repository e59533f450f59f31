//! What agents ask of checkouts: their own ones, and payment with a token.
//!
//! Promises: an agent sees its own checkouts only; a token is stored sealed, and no longer than the request that carries it
//! may have to be sent again; one request of an agent begins one attempt at most.

use buywire_checkout::cart::Cart;
use buywire_checkout::machine::{Event, PayingStage, PaymentFlow, State};
use buywire_checkout::payment_method::PaymentMethod;
use buywire_schemas::ids::{CheckoutId, KeyId};
use buywire_schemas::order::Address;
use zeroize::Zeroizing;

use super::save::SaveExtras;
use crate::checkout::draft::CheckoutDraft;
use crate::checkout::shared::{CheckoutError, Checkouts};
use crate::checkout::view::CheckoutView;
use crate::payments::{PaymentToken, ProcessorPaymentId};
use crate::secrets::master_key::SealContext;
use crate::store::checkouts::{Channel, StoredCheckout};

/// What an agent is about to buy.
pub(crate) struct AgentDraft {
    pub(crate) draft: CheckoutDraft,
    /// What of it can be bought. No line: nothing.
    pub(crate) cart: Cart,
    /// What the agent has sent, as its room writes it.
    pub(crate) details: Zeroizing<Vec<u8>>,
    /// Where it goes, as far as it is known: for a price that cannot be paid yet.
    pub(crate) destination: Option<Address>,
    /// Something must be settled first: it is priced, and cannot be paid.
    pub(crate) is_blocked: bool,
}

/// A hash of the request that brings a token.
pub(crate) type PaymentRequest = [u8; 32];

impl Checkouts {
    /// An agent's own checkout. The others do not exist for it.
    pub(crate) async fn of_agent(
        &self,
        id: CheckoutId,
        agent: KeyId,
        channel: Channel,
    ) -> Result<CheckoutView, CheckoutError> {
        let found = self.store.checkout(id).await?;
        let own = found.filter(|one| one.agent == Some(agent) && one.channel == channel);
        self.view(own.ok_or(CheckoutError::NotFound)?).await
    }

    /// Opens an agent's checkout under this id, or changes it. A payment that was declined is given up first.
    pub(crate) async fn save_for_agent(
        &self,
        id: CheckoutId,
        existing: Option<&CheckoutView>,
        new: AgentDraft,
    ) -> Result<CheckoutView, CheckoutError> {
        if let Some(view) = existing
            && is_declined(view)
        {
            self.request(view, Event::CancelPayment).await?;
        }
        let extras = SaveExtras {
            id: Some(id),
            cart: Some(new.cart),
            details: Some(new.details),
            destination: new.destination,
            is_blocked: new.is_blocked,
        };
        let existing = existing.map(CheckoutView::id);
        self.save_draft(existing, new.draft, extras).await
    }

    /// Pays with a token. The request that has begun the last attempt begins no second one.
    pub(crate) async fn pay_with_token(
        &self,
        view: &CheckoutView,
        token: &PaymentToken,
        request: PaymentRequest,
    ) -> Result<CheckoutView, CheckoutError> {
        if view.stored.payment_request == Some(request) {
            return self.read(&view.token).await;
        }
        if !matches!(view.stored.machine.state(), State::Paying { .. }) {
            self.check_processor(view, PaymentMethod::Card).await?;
            self.check_own_quote(view).await?;
        }
        let attempt = view.stored.machine.attempts().saturating_add(1);
        let row = view.id().to_string();
        let plain = Zeroizing::new(format!("{attempt}:{}", token.reveal()));
        let sealed = self.master.seal(token_context(&row), plain.as_bytes())?;
        let stored = self
            .drive(view.id(), move |checkout, _| {
                checkout.payment_token = Some(sealed);
                checkout.payment_request = Some(request);
                Ok(Event::StartPayment {
                    method: PaymentMethod::Card,
                    flow: PaymentFlow::Token,
                })
            })
            .await?;
        self.view(stored).await
    }

    /// The agent pays what it has read last, and the catalog still says so.
    async fn check_own_quote(&self, view: &CheckoutView) -> Result<(), CheckoutError> {
        let pricing = view.stored.pricing.as_ref();
        let shown = pricing.and_then(|pricing| pricing.quote());
        let shown = shown.map(|quote| quote.digest().to_string());
        self.check_quote(view, &shown.unwrap_or_default()).await
    }

    /// The token of an attempt. `None` once its outcome is known.
    pub(crate) fn payment_token(
        &self,
        checkout: &StoredCheckout,
        attempt: u32,
    ) -> Result<Option<PaymentToken>, CheckoutError> {
        let Some(sealed) = &checkout.payment_token else {
            return Ok(None);
        };
        let row = checkout.id.to_string();
        let plain = self.master.open(token_context(&row), sealed)?;
        let plain = std::str::from_utf8(&plain).unwrap_or_default();
        let own = plain.strip_prefix(&format!("{attempt}:"));
        Ok(own.and_then(PaymentToken::parse))
    }

    /// The bank's page on which the buyer has to confirm a token's payment.
    pub(crate) async fn bank_page(&self, view: &CheckoutView) -> Option<String> {
        if !is_at(view, PayingStage::ActionRequired) {
            return None;
        }
        let payment = view.payment.as_ref()?;
        let id = ProcessorPaymentId::parse(payment.payment_id.as_deref()?)?;
        let processor = self.processors.named(&payment.processor)?;
        match processor.client.payment(&id).await {
            Ok(read) => read.action_url,
            Err(error) => {
                tracing::warn!(checkout = %view.id(), error = %error, "checkout.token: the bank's page was not read");
                None
            }
        }
    }
}

fn is_declined(view: &CheckoutView) -> bool {
    is_at(view, PayingStage::Declined)
}

fn is_at(view: &CheckoutView, expected: PayingStage) -> bool {
    matches!(view.stored.machine.state(), State::Paying { stage, .. } if *stage == expected)
}

fn token_context(row: &str) -> SealContext<'_> {
    SealContext {
        table: "checkouts",
        row,
        column: "payment_token",
    }
}
