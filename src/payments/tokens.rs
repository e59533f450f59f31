//! Payments with a token: an agent's buyer has granted it, and the processor alone can read it.
//!
//! Promises: a token is in no `Debug`, log or error.

use std::collections::BTreeMap;
use std::fmt;

use buywire_checkout::machine::CaptureMethod;
use buywire_schemas::ids::CheckoutId;
use zeroize::Zeroizing;

use super::ids::is_id;
use super::processor::Amount;

/// A token for one payment, such as Stripe's Shared Payment Token.
#[derive(Clone, PartialEq, Eq)]
pub struct PaymentToken(Zeroizing<String>);

impl PaymentToken {
    /// Letters, digits, `_` and `-`; `None` otherwise.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        is_id(text).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// For the processor, and for sealing.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PaymentToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PaymentToken")
    }
}

/// What a token pays.
#[derive(Debug, Clone)]
pub struct TokenPayment {
    pub checkout_id: CheckoutId,
    pub amount: Amount,
    pub token: PaymentToken,
    pub capture: CaptureMethod,
    /// Where the bank sends the buyer back to, if it wants to see him.
    pub return_url: String,
    /// For the operator, in the processor's lists.
    pub description: String,
    /// More of our own ids; never anything of the buyer.
    pub metadata: BTreeMap<&'static str, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_printed() {
        let token = PaymentToken::parse("spt_1").unwrap();
        assert_eq!(token.reveal(), "spt_1");
        assert!(!format!("{token:?}").contains("spt_1"));
        for no_token in ["", "spt 1", "spt/1", &"a".repeat(256)] {
            assert!(PaymentToken::parse(no_token).is_none(), "{no_token}");
        }
    }
}
