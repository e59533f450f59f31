//! What a buyer may pay with.
//!
//! Promises: only what the seller and the operator have enabled, and what pays in the quote's currency, is offered and
//! accepted.

use buywire_checkout::payment_method::PaymentMethod;
use buywire_checkout::policy::SellingPolicy;
use buywire_checkout::pricing::Pricing;
use buywire_schemas::money::Currency;

use crate::checkout::shared::{CheckoutError, Checkouts};
use crate::checkout::view::CheckoutView;

impl Checkouts {
    /// The methods of a seller, the one that is proposed first.
    pub(crate) fn payment_methods(
        &self,
        policy: &SellingPolicy,
        currency: Currency,
    ) -> Vec<PaymentMethod> {
        let redirects = policy.bank_redirects.iter().copied();
        let redirects = redirects.filter(|redirect| redirect.pays_in(currency));
        let days = policy.invoice.as_ref().map(|invoice| invoice.days);
        std::iter::once(PaymentMethod::Card)
            .chain(redirects.map(PaymentMethod::BankRedirect))
            .chain(days.map(|days| PaymentMethod::Invoice { days }))
            .filter(|method| self.processors.taking(*method).is_some())
            .collect()
    }

    /// The method that the buyer chose by its name, or what is proposed to who chose none. What is being paid keeps its
    /// method.
    pub(super) async fn chosen_method(
        &self,
        view: &CheckoutView,
        chosen: Option<&str>,
    ) -> Result<PaymentMethod, CheckoutError> {
        if let Some(payment) = view.paying() {
            return Ok(payment.method);
        }
        let quote = view.stored.pricing.as_ref().and_then(Pricing::quote);
        let policy = self.first_policy(view).await?;
        let offered = policy.zip(quote).map(|(policy, quote)| {
            let mut offered = self.payment_methods(&policy, quote.currency()).into_iter();
            match chosen {
                Some(chosen) => offered.find(|method| method.name() == chosen),
                None => offered.next(),
            }
        });
        match (offered.flatten(), chosen) {
            (Some(method), _) => Ok(method),
            // Without a processor, the session is refused.
            (None, None) => Ok(PaymentMethod::Card),
            (None, Some(_)) => Err(CheckoutError::MethodUnavailable),
        }
    }
}
