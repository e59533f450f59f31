//! What the law makes a seller say before an order: withdrawal, guarantees, terms.
//!
//! Promises: an exception from the right of withdrawal is named with its reason; what a seller has not given is not linked.
//! Must not decide which law applies: that is a value.

use buywire_checkout::address::Language;

use super::super::link::web_url;
use super::words::{self, Notice, fill, isolated};

/// The seller's own pages.
#[derive(Debug, Clone, Default)]
pub(crate) struct SellerPages {
    /// Terms of sale.
    pub(crate) terms: Option<String>,
    /// Privacy policy.
    pub(crate) privacy: Option<String>,
    /// Returns.
    pub(crate) returns: Option<String>,
}

/// Whether a buyer may withdraw from the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WithdrawalRight {
    /// Within so many days.
    Days(u16),
    /// Not, or not for as long, for this reason.
    Except(WithdrawalException),
    /// The buyer's law has no such right.
    Absent,
}

/// Why the right of withdrawal is restricted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WithdrawalException {
    /// A ticket or a service on a fixed date.
    Dated,
    /// Sealed media or hygiene products.
    Sealed,
    /// It spoils.
    Perishable,
    /// It is made for the buyer.
    CustomMade,
    /// It is delivered at once, over the network: only with the buyer's consent.
    Digital,
    /// A donation is no purchase.
    Donation,
}

/// The producer's own guarantee of durability, beyond two years.
#[derive(Debug, Clone)]
pub(crate) struct DurabilityGuarantee {
    /// Who gives it.
    pub(crate) producer: String,
    /// For how long.
    pub(crate) years: u8,
}

/// What is said of the law.
#[derive(Debug, Clone)]
pub(crate) struct LegalNotices {
    /// Withdrawal.
    pub(crate) withdrawal: WithdrawalRight,
    /// Whether the seller owes the harmonised notice of the legal guarantee: sales of things to consumers in the EU.
    pub(crate) has_guarantee_notice: bool,
    /// The durability label, where a producer offers it.
    pub(crate) durability: Option<DurabilityGuarantee>,
    /// The seller's pages.
    pub(crate) pages: SellerPages,
}

/// A link to one of the seller's pages.
#[derive(Debug)]
pub(super) struct SellerLink {
    pub(super) label: &'static str,
    pub(super) href: String,
}

/// The notices as text.
#[derive(Debug)]
pub(super) struct LegalView {
    pub(super) withdrawal: Option<String>,
    /// What the buyer must agree to, beside a box that is not ticked.
    pub(super) consent: Option<&'static str>,
    pub(super) guarantee: Option<GuaranteeView>,
    pub(super) durability: Option<(String, String)>,
    pub(super) links_label: String,
    pub(super) links: Vec<SellerLink>,
}

/// The harmonised notice.
#[derive(Debug)]
pub(super) struct GuaranteeView {
    pub(super) words: Notice,
    pub(super) link: &'static str,
    pub(super) href: String,
}

impl LegalNotices {
    /// Whether the buyer must tick a box before ordering.
    #[must_use]
    pub(crate) fn needs_consent(&self) -> bool {
        self.withdrawal == WithdrawalRight::Except(WithdrawalException::Digital)
    }
}

impl LegalView {
    pub(super) fn of(notices: &LegalNotices, seller: &str, language: Language) -> Self {
        let words = &words::buying(language).law;
        let review = &words::buying(language).review;
        let pages = &notices.pages;
        let links = [
            (review.terms, &pages.terms),
            (review.privacy, &pages.privacy),
            (review.returns, &pages.returns),
        ];
        let links = links.into_iter().filter_map(|(label, href)| {
            let href = web_url(href.as_deref()?)?.into();
            Some(SellerLink { label, href })
        });
        let guarantee = GuaranteeView {
            words: words.guarantee,
            link: words.guarantee_link,
            href: guarantee_page(language),
        };
        Self {
            withdrawal: withdrawal(notices.withdrawal, language),
            consent: notices.needs_consent().then_some(words.digital_consent),
            guarantee: notices.has_guarantee_notice.then_some(guarantee),
            durability: notices.durability.as_ref().map(|given| {
                let years = given.years.to_string();
                let producer = isolated(&given.producer);
                let values: [(&str, &str); 2] = [("years", &years), ("producer", &producer)];
                let words = words.durability;
                (fill(words.title, &values), fill(words.text, &values))
            }),
            links_label: fill(review.terms_of, &[("seller", &isolated(seller))]),
            links: links.collect(),
        }
    }
}

fn withdrawal(right: WithdrawalRight, language: Language) -> Option<String> {
    let words = &words::buying(language).law;
    let sentence = match right {
        WithdrawalRight::Absent => return None,
        WithdrawalRight::Days(days) => {
            return Some(fill(words.withdrawal, &[("days", &days.to_string())]));
        }
        WithdrawalRight::Except(exception) => match exception {
            WithdrawalException::Dated => words.withdrawal_dated,
            WithdrawalException::Sealed => words.withdrawal_sealed,
            WithdrawalException::Perishable => words.withdrawal_perishable,
            WithdrawalException::CustomMade => words.withdrawal_custom_made,
            WithdrawalException::Digital => words.withdrawal_digital,
            WithdrawalException::Donation => words.withdrawal_donation,
        },
    };
    Some(sentence.to_owned())
}

/// The European Union's page about guarantees, which the harmonised notice refers to.
fn guarantee_page(language: Language) -> String {
    let tag = language.tag();
    format!("https://europa.eu/youreurope/citizens/consumers/shopping/guarantees/index_{tag}.htm")
}
