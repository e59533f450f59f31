//! What a partner's settings say about its feed.

use buywire_schemas::catalog::Availability;
use buywire_schemas::catalog::issue::{Code, Issue};
use buywire_schemas::money::Currency;
use ipnet::IpNet;
use jiff::tz::TimeZone;

use super::values::decimal_sign::{Column, DecimalSign, Decimals, SignProofs};

/// The settings that the checks need. The default fits a feed of which nothing is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// For amounts that come without a currency.
    pub default_currency: Option<Currency>,
    /// Of all numbers in the feed.
    pub decimal: DecimalSign,
    /// What the feed's own numbers prove of it.
    pub proofs: SignProofs,
    /// Of times that come without one; none: they are read as UTC.
    pub time_zone: Option<TimeZone>,
    /// Ranges of addresses that are not public, and that the operator has opened: images may lie there. A link is for
    /// buyers, and may not.
    pub private: Vec<IpNet>,
    /// Hosts that links may lead to, with all below them, in lower case (`shop.example`); empty: any.
    pub domains: Vec<String>,
    /// For items that say neither availability nor quantity, or `unknown`.
    pub default_availability: Option<Availability>,
    /// Whether something may cost nothing.
    pub zero_price_allowed: bool,
    /// Whether the format speaks of brands at all, so that a missing one is worth a warning.
    pub brand_expected: bool,
}

impl Rules {
    /// What is to be said once a run, whatever its items are.
    #[must_use]
    pub fn issues(&self) -> Vec<Issue> {
        let undeclared = self.domains.is_empty();
        undeclared
            .then(|| Issue::new(Code::DomainsUndeclared))
            .into_iter()
            .collect()
    }

    /// How numbers of a column are to be read.
    pub(super) const fn decimals(&self, column: Column) -> Decimals {
        Decimals {
            set: self.decimal,
            proven: self.proofs.sign(column),
        }
    }

    /// Whether a link may lead to this host.
    pub(super) fn allows_host(&self, host: &str) -> bool {
        let below = |domain: &String| {
            let rest = host.strip_suffix(domain.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.domains.is_empty() || self.domains.iter().any(below)
    }
}
