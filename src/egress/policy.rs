//! The egress policy: the private ranges that an operator has allowed, what a URL may reach, and the gateway's own
//! way out.
//!
//! Without ranges only the public internet is reachable. The policy is read once at start from
//! `BUYWIRE_ALLOW_PRIVATE` and never changes while the process lives.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::gateway::GatewayConnections;
use super::routable::is_globally_routable;

/// The private ranges that operators' URLs may reach, and how the gateway connects.
#[derive(Debug, Clone, Default)]
pub struct EgressPolicy {
    allowed: Arc<[IpNet]>,
    gateway: Arc<GatewayConnections>,
}

/// The addresses that one URL may connect to. Decided when the URL is parsed, checked at each connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// The public internet only. Every URL that a partner saved has this reach.
    Public,
    /// The public internet and the allowed ranges.
    PublicOrAllowed,
    /// The allowed ranges only: plain http, or a port that is closed to the public internet.
    AllowedOnly,
}

impl Reach {
    /// There is one client for each.
    pub const ALL: [Self; 3] = [Self::Public, Self::PublicOrAllowed, Self::AllowedOnly];
}

/// The text is not a range.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRange {
    /// Neither an address nor a CIDR range.
    #[error("`{0}` is not an address range such as 10.0.0.0/8 or fd00::/8")]
    NotARange(String),
    /// Mapped addresses are checked as IPv4, so this range would never match.
    #[error("write `{0}` as an IPv4 range")]
    Mapped(String),
}

impl EgressPolicy {
    /// Parses comma-separated CIDR ranges or single addresses. Empty text allows none.
    ///
    /// # Errors
    /// The first part that is not a range.
    pub fn parse(text: &str) -> Result<Self, BadRange> {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let allowed = parts.map(range).collect::<Result<_, _>>()?;
        Ok(Self {
            allowed,
            gateway: Arc::default(),
        })
    }

    /// The same ranges, with the gateway's own proxy and certificates.
    #[must_use]
    pub fn with_connections(self, gateway: GatewayConnections) -> Self {
        Self {
            gateway: Arc::new(gateway),
            ..self
        }
    }

    /// The same without the client certificate: for hosts that have no business with the gateway's identity.
    #[must_use]
    pub(crate) fn without_client_certificate(&self) -> Self {
        self.clone().with_connections(GatewayConnections {
            proxy: self.gateway.proxy.clone(),
            tls: self.gateway.tls.without_client(),
        })
    }

    pub(super) fn gateway(&self) -> &GatewayConnections {
        &self.gateway
    }

    #[must_use]
    pub fn ranges(&self) -> &[IpNet] {
        &self.allowed
    }

    /// Whether any range is allowed.
    #[must_use]
    pub fn has_ranges(&self) -> bool {
        !self.allowed.is_empty()
    }

    /// Whether a URL of this reach may connect to this address.
    #[must_use]
    pub fn allows(&self, reach: Reach, address: IpAddr) -> bool {
        match reach {
            Reach::Public => is_globally_routable(address),
            Reach::PublicOrAllowed => self.is_allowed(address) || is_globally_routable(address),
            Reach::AllowedOnly => self.is_allowed(address),
        }
    }

    /// Whether an operator has allowed this address. A v4-mapped one is checked as IPv4. No other
    /// embedded address is decoded, so a tunnel must be allowed by its own range.
    #[must_use]
    pub fn is_allowed(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed.iter().any(|range| range.contains(&address))
    }
}

fn range(part: &str) -> Result<IpNet, BadRange> {
    let range = part
        .parse::<IpNet>()
        .or_else(|_| part.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| BadRange::NotARange(part.to_owned()))?;
    if range.addr().to_canonical() != range.addr() {
        return Err(BadRange::Mapped(part.to_owned()));
    }
    Ok(range.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(policy: &EgressPolicy, reach: Reach, address: &str) -> bool {
        policy.allows(reach, address.parse().unwrap())
    }

    #[test]
    fn ranges_open_exactly_what_they_name() {
        let policy = EgressPolicy::parse(" 10.0.0.0/8, fd00::/8 ,192.168.7.9").unwrap();
        for inside in [
            "10.1.2.3",
            "::ffff:10.1.2.3",
            "fd00:ec2::254",
            "192.168.7.9",
        ] {
            assert!(allows(&policy, Reach::AllowedOnly, inside), "{inside}");
            assert!(allows(&policy, Reach::PublicOrAllowed, inside), "{inside}");
            assert!(!allows(&policy, Reach::Public, inside), "{inside}");
        }
        for outside in [
            "127.0.0.1",
            "192.168.7.8",
            "::10.1.2.3",
            "64:ff9b::10.1.2.3",
        ] {
            assert!(
                !allows(&policy, Reach::PublicOrAllowed, outside),
                "{outside}"
            );
        }
        assert!(allows(&policy, Reach::PublicOrAllowed, "8.8.8.8"));
        assert!(!allows(&policy, Reach::AllowedOnly, "8.8.8.8"));
    }

    #[test]
    fn no_text_opens_nothing() {
        for empty in ["", " ", ","] {
            assert!(!EgressPolicy::parse(empty).unwrap().has_ranges());
        }
    }

    #[test]
    fn a_range_that_cannot_work_is_named() {
        let refusal = |text| EgressPolicy::parse(text).unwrap_err();
        assert_eq!(refusal("10.0.0.0/8,lan"), BadRange::NotARange("lan".into()));
        assert_eq!(
            refusal("10.0.0.0/33"),
            BadRange::NotARange("10.0.0.0/33".into())
        );
        assert!(matches!(
            refusal("::ffff:10.0.0.0/104"),
            BadRange::Mapped(_)
        ));
    }
}
