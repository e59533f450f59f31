//! Proxies of endpoints: checked like a URL that an operator saved.
//!
//! Promises: https, or http inside the allowed ranges; an address that no URL of an operator may reach is no proxy
//! either.

use super::policy::{EgressPolicy, Reach};
use super::proxy::{MalformedProxy, ProxyAddress};
use super::target::{SavedBy, TargetUrl, UrlRefusal};

/// The proxy of one endpoint, and the addresses that it may have.
#[derive(Debug, Clone)]
pub(crate) struct EndpointProxy {
    address: ProxyAddress,
    reach: Reach,
}

/// Why a proxy is refused. The messages never repeat the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProxyRefusal {
    #[error(transparent)]
    Malformed(#[from] MalformedProxy),
    #[error(transparent)]
    Url(#[from] UrlRefusal),
}

impl EndpointProxy {
    /// # Errors
    /// The rule that it breaks.
    pub(crate) fn parse(text: &str, policy: &EgressPolicy) -> Result<Self, ProxyRefusal> {
        let address = ProxyAddress::parse(text)?;
        let target = TargetUrl::parse(address.bare().as_str(), SavedBy::Operator, policy)?;
        Ok(Self {
            address,
            reach: target.reach(),
        })
    }

    pub(crate) fn address(&self) -> &ProxyAddress {
        &self.address
    }

    pub(super) fn reach(&self) -> Reach {
        self.reach
    }
}

impl ProxyRefusal {
    /// A stable code for problems.
    #[must_use]
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Url(refusal) => refusal.code(),
        }
    }

    /// The message for whoever saves it.
    #[must_use]
    pub(crate) fn message(self) -> String {
        match self {
            Self::Malformed(malformed) => malformed.to_string(),
            Self::Url(refusal) => refusal.message_for(SavedBy::Operator),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_where_an_operators_url_may_be() {
        for (text, ranges, code) in [
            ("https://proxy.example/tunnel", "", "malformed"),
            ("http://proxy.example:3128", "", "not_https"),
            ("https://proxy.example:25", "", "port"),
            ("https://127.0.0.1:3128", "", "blocked_address"),
            ("https://2130706433:3128", "", "blocked_address"),
            ("https://me:secret@[::ffff:10.0.0.1]", "", "blocked_address"),
            ("https://proxy.internal", "", "blocked_address"),
            ("http://127.0.0.1:3128", "10.0.0.0/8", "blocked_address"),
            ("https://169.254.169.254", "10.0.0.0/8", "blocked_address"),
        ] {
            let policy = EgressPolicy::parse(ranges).unwrap();
            let refusal = EndpointProxy::parse(text, &policy).unwrap_err();
            assert_eq!(refusal.code(), code, "{text}");
        }
        let policy = EgressPolicy::parse("10.0.0.0/8").unwrap();
        for (text, reach) in [
            ("http://10.0.0.1:3128", Reach::AllowedOnly),
            ("https://me:secret@proxy.example", Reach::PublicOrAllowed),
            ("http://proxy.corp:80", Reach::AllowedOnly),
        ] {
            assert_eq!(EndpointProxy::parse(text, &policy).unwrap().reach, reach);
        }
    }
}
