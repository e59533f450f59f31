//! Verifies Stripe's webhooks: `Stripe-Signature: t=…,v1=…` over the exact bytes, within 300 seconds of now.
//!
//! The scheme is the one that partners' callbacks already use; this only binds it to the endpoint's secrets.

use buywire_adapters::contract::callback::CallbackRequest;
use buywire_adapters::signing::inbound::{CallbackVerifier, InboundScheme, SignatureError};
use time::OffsetDateTime;
use url::Url;

use crate::payments::settings::StripeSettings;

/// Verifies with every secret of the endpoint: during a rotation there are two.
pub struct WebhookVerifier {
    verifier: CallbackVerifier,
    /// The scheme does not cover it; a request has one.
    url: Url,
}

impl WebhookVerifier {
    /// `None` when a secret is too short to be one; settings that were read have none such.
    #[must_use]
    pub fn new(settings: &StripeSettings) -> Option<Self> {
        let secrets = settings.webhook_secrets.iter();
        let secrets: Vec<_> = secrets.map(|secret| secret.as_str()).collect();
        let verifier = CallbackVerifier::new(InboundScheme::STRIPE, &secrets, &[]).ok()?;
        let url = settings.url.clone();
        Some(Self { verifier, url })
    }

    /// Verifies a webhook that arrived at `now`. Header names may have any case; the body is as it came.
    ///
    /// # Errors
    /// When no secret of this endpoint signed it, or not within 300 seconds.
    pub fn verify(
        &self,
        headers: &[(String, String)],
        body: &[u8],
        now: OffsetDateTime,
    ) -> Result<(), SignatureError> {
        let request = CallbackRequest {
            method: "POST",
            url: &self.url,
            headers,
            body,
        };
        self.verifier.verify(&request, now).map(|_| ())
    }
}
