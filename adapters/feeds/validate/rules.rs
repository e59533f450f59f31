//! A partner's settings for its feed.

use buywire_schemas::catalog::Availability;
use buywire_schemas::catalog::issue::{Code, Issue};
use buywire_schemas::money::Currency;
use ipnet::IpNet;
use jiff::tz::TimeZone;

use super::values::decimal_sign::{Column, DecimalSign, Decimals, SignProofs};

/// The settings for validation. The default suits an unknown feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// The currency of amounts without one.
    pub default_currency: Option<Currency>,
    /// The decimal sign of all numbers in the feed.
    pub decimal: DecimalSign,
    /// What the feed's numbers prove about the decimal sign.
    pub proofs: SignProofs,
    /// The zone of times without one. `None`: UTC.
    pub time_zone: Option<TimeZone>,
    /// Private address ranges that the operator allows for images. Links are for
    /// buyers, and may not use them.
    pub private: Vec<IpNet>,
    /// Hosts that links may lead to, including their subdomains, in lower case (`shop.example`). Empty: any.
    pub domains: Vec<String>,
    /// The availability of items with neither availability nor quantity, or with `unknown`.
    pub default_availability: Option<Availability>,
    /// Whether a price may be zero.
    pub zero_price_allowed: bool,
    /// Whether the format has brands, so that a missing one is a warning.
    pub brand_expected: bool,
}

impl Rules {
    /// Findings raised once per run, whatever its items.
    #[must_use]
    pub fn issues(&self) -> Vec<Issue> {
        let undeclared = self.domains.is_empty();
        undeclared
            .then(|| Issue::new(Code::DomainsUndeclared))
            .into_iter()
            .collect()
    }

    /// How to read the numbers of a column.
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
