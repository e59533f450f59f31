//! The processors that an operator has enabled, opened.

use std::sync::Arc;

use super::processor::PaymentProcessor;
use super::settings::{Processor, ProcessorSettings};
use super::stripe::{StripeProcessor, StripeSetupError, StripeTimeouts, WebhookVerifier};
use crate::egress::EgressPolicy;

/// A processor that takes payments now.
#[derive(Clone)]
pub(crate) struct OpenProcessor {
    pub kind: Processor,
    pub client: Arc<dyn PaymentProcessor>,
    webhooks: Arc<WebhookVerifier>,
    page_origins: Arc<[String]>,
}

/// All that are enabled. None: nothing can be sold here.
#[derive(Clone, Default)]
pub(crate) struct Processors {
    hosted: Option<OpenProcessor>,
}

impl Processors {
    /// Opens what the settings enable.
    ///
    /// # Errors
    /// The client cannot be set up.
    pub(crate) fn open(
        settings: &ProcessorSettings,
        policy: EgressPolicy,
    ) -> Result<Self, StripeSetupError> {
        let Some(stripe) = &settings.stripe else {
            return Ok(Self::default());
        };
        let Some(webhooks) = WebhookVerifier::new(stripe) else {
            return Ok(Self::default());
        };
        let client = StripeProcessor::open(stripe, policy, StripeTimeouts::default())?;
        Ok(Self {
            hosted: Some(OpenProcessor {
                kind: stripe.processor,
                client: Arc::new(client),
                webhooks: Arc::new(webhooks),
                page_origins: stripe.page_origins().into(),
            }),
        })
    }

    /// The one with a hosted page, for new payments.
    #[must_use]
    pub(crate) fn hosted(&self) -> Option<&OpenProcessor> {
        self.hosted.as_ref()
    }

    /// The one with this name, for payments that were begun there.
    #[must_use]
    pub(crate) fn named(&self, name: &str) -> Option<&OpenProcessor> {
        self.hosted.iter().find(|open| open.kind.name() == name)
    }
}

impl OpenProcessor {
    /// What verifies its webhooks.
    #[must_use]
    pub(crate) fn webhooks(&self) -> &WebhookVerifier {
        &self.webhooks
    }

    /// Where its hosted pages are, for the policy of the page that sends a buyer there.
    #[must_use]
    pub(crate) fn page_origins(&self) -> &[String] {
        &self.page_origins
    }
}
