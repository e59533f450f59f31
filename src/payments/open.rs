//! The processors that an operator has enabled, opened.

use std::sync::Arc;

use buywire_checkout::payment_method::PaymentMethod;

use super::manual::ManualProcessor;
use super::processor::PaymentProcessor;
use super::settings::{Processor, ProcessorSettings, StripeSettings};
use super::stripe::{StripeProcessor, StripeSetupError, StripeTimeouts, WebhookVerifier};
use crate::egress::EgressPolicy;
use crate::store::Store;

/// A processor that takes payments now.
#[derive(Clone)]
pub(crate) struct OpenProcessor {
    pub kind: Processor,
    pub client: Arc<dyn PaymentProcessor>,
    /// `None`: it sends none.
    webhooks: Option<Arc<WebhookVerifier>>,
    page_origins: Arc<[String]>,
}

/// All that are enabled. None: nothing can be sold here.
#[derive(Clone, Default)]
pub(crate) struct Processors {
    hosted: Option<OpenProcessor>,
    manual: Option<OpenProcessor>,
}

impl Processors {
    /// Opens what the settings enable.
    ///
    /// # Errors
    /// The client cannot be set up.
    pub(crate) fn open(
        settings: &ProcessorSettings,
        policy: EgressPolicy,
        store: &Store,
    ) -> Result<Self, StripeSetupError> {
        let manual = settings.is_manual_enabled.then(|| OpenProcessor {
            kind: Processor::Manual,
            client: Arc::new(ManualProcessor::new(store.clone())),
            webhooks: None,
            page_origins: Arc::default(),
        });
        let hosted = match &settings.stripe {
            Some(stripe) => open_hosted(stripe, policy)?,
            None => None,
        };
        Ok(Self { hosted, manual })
    }

    /// The one with a hosted page, for new payments.
    #[must_use]
    pub(crate) fn hosted(&self) -> Option<&OpenProcessor> {
        self.hosted.as_ref()
    }

    /// Payments by invoice.
    #[must_use]
    pub(crate) fn manual(&self) -> Option<&OpenProcessor> {
        self.manual.as_ref()
    }

    /// The one that takes a method, for new payments.
    #[must_use]
    pub(crate) fn taking(&self, method: PaymentMethod) -> Option<&OpenProcessor> {
        match method {
            PaymentMethod::Card | PaymentMethod::BankRedirect(_) => self.hosted(),
            PaymentMethod::Invoice { .. } => self.manual(),
        }
    }

    /// The one with this name, for payments that were begun there.
    #[must_use]
    pub(crate) fn named(&self, name: &str) -> Option<&OpenProcessor> {
        let mut open = self.hosted.iter().chain(&self.manual);
        open.find(|open| open.kind.name() == name)
    }
}

/// `None`: no secret verifies its webhooks.
fn open_hosted(
    settings: &StripeSettings,
    policy: EgressPolicy,
) -> Result<Option<OpenProcessor>, StripeSetupError> {
    let Some(webhooks) = WebhookVerifier::new(settings) else {
        return Ok(None);
    };
    let client = StripeProcessor::open(settings, policy, StripeTimeouts::default())?;
    Ok(Some(OpenProcessor {
        kind: settings.processor,
        client: Arc::new(client),
        webhooks: Some(Arc::new(webhooks)),
        page_origins: settings.page_origins().into(),
    }))
}

impl OpenProcessor {
    /// What verifies its webhooks. `None`: it sends none.
    #[must_use]
    pub(crate) fn webhooks(&self) -> Option<&WebhookVerifier> {
        self.webhooks.as_deref()
    }

    /// Where its hosted pages are, for the policy of the page that sends a buyer there.
    #[must_use]
    pub(crate) fn page_origins(&self) -> &[String] {
        &self.page_origins
    }
}
