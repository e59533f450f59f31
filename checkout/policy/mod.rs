//! A partner's selling policy: whether Buywire sells for it, who the seller is, and under which terms.
//!
//! Promises: read strictly, every problem with its JSON pointer; a policy that sells names its seller, its terms of use and
//! its privacy policy. Must not decide what the law of a country requires: it holds what the seller states.

mod read;
#[cfg(test)]
mod tests;
mod withdrawal;

pub use self::withdrawal::{
    EEA_COUNTRIES, ExceptionReason, Withdrawal, WithdrawalException, has_withdrawal_right,
};

use crate::payment_method::BankRedirect;

/// What a partner states about selling here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SellingPolicy {
    /// Whether its posts lead to our own page, unless a post says otherwise.
    pub sells_here: bool,
    /// Who sells. A policy that sells has it.
    pub seller: Option<PolicySeller>,
    /// The seller's own pages.
    pub links: PolicyLinks,
    /// How long a consumer may withdraw, and from what not.
    pub withdrawal: Withdrawal,
    /// Months for which the producer guarantees durability, where it does.
    pub durability_months: Option<u16>,
    /// Whether the carrier needs the buyer's phone number.
    pub requires_phone: bool,
    /// Bank redirects that a buyer may choose beside cards, in the seller's order. Their payments cannot be held.
    pub bank_redirects: Vec<BankRedirect>,
    /// How a buyer pays by invoice. Without it, nobody does.
    pub invoice: Option<InvoiceTerms>,
}

/// How a buyer pays a seller by invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceTerms {
    /// Days in which the money must arrive.
    pub days: u16,
    /// The seller's own words, such as its bank account.
    pub instructions: String,
}

/// The seller as a buyer reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySeller {
    /// Its name.
    pub name: String,
    /// The lines of its address.
    pub address: Vec<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Its e-mail address.
    pub email: String,
    /// Its phone number in E.164.
    pub phone: Option<String>,
}

/// The seller's own pages, each an https URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyLinks {
    /// The terms of use. A policy that sells has it.
    pub terms_of_use: Option<String>,
    /// The privacy policy. A policy that sells has it.
    pub privacy_policy: Option<String>,
    /// How returns work.
    pub return_policy: Option<String>,
    /// How delivery works.
    pub shipping_policy: Option<String>,
}

impl SellingPolicy {
    /// Whether a post that says nothing else, or this, is sold here. A policy without a seller, terms of use or privacy
    /// policy sells nothing, whatever a post says.
    #[must_use]
    pub fn sells(&self, post: Option<bool>) -> bool {
        self.is_complete() && post.unwrap_or(self.sells_here)
    }

    fn is_complete(&self) -> bool {
        let links = &self.links;
        self.seller.is_some() && links.terms_of_use.is_some() && links.privacy_policy.is_some()
    }
}
