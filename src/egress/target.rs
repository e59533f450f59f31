//! Target URLs: URLs that requests may go to, in principle.
//!
//! Parsing refuses what the text alone shows: the scheme, the port, a
//! user name, a private address. A host name's addresses are only known when it is
//! resolved, so the URL's reach is checked again at every new connection.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::policy::{EgressPolicy, Reach};

/// Domains that do not exist on the public internet (RFC 6761 and others). `example` is left out, for examples and tests.
const RESERVED_DOMAINS: [&str; 8] = [
    "home.arpa",
    "internal",
    "invalid",
    "local",
    "localdomain",
    "localhost",
    "onion",
    "test",
];

/// Long enough for any real endpoint, short enough for logs and tables.
const URL_BYTES_MAX: usize = 2048;

/// Who saved a URL. Allowed ranges apply to operators' URLs only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SavedBy {
    /// With an operator's key or from the command line.
    Operator,
    /// With a partner's key.
    Partner,
}

/// A parsed URL and its reach. `Debug` shows the host only, because paths and
/// queries of webhooks often contain tokens.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct TargetUrl {
    url: Url,
    reach: Reach,
}

/// Why a URL is refused. The messages are for the caller who saves it, even a partner, and never
/// name an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UrlRefusal {
    #[error("the URL is longer than 2048 characters")]
    TooLong,
    /// Not a URL that all parsers read alike.
    #[error("this is not an absolute URL such as https://shop.example/hooks")]
    Malformed,
    /// Neither http nor https.
    #[error("the URL must begin with https://")]
    Scheme,
    /// Plain http outside the allowed ranges.
    #[error("plain http is allowed only inside ranges that an operator has allowed; use https")]
    NotHttps,
    /// A user name or password in the URL.
    #[error("the URL must not carry a user name or password; use a header")]
    Userinfo,
    /// Fragments are never sent.
    #[error("the URL must not have a fragment (#…)")]
    Fragment,
    /// Certificates do not match a host name that ends with a dot.
    #[error("the host name must not end with a dot")]
    TrailingDot,
    /// A port that belongs to other protocols.
    #[error("the port must be 443 or at least 1024")]
    Port,
    /// An address that this URL may not reach.
    #[error("blocked_address: the host is not a public address")]
    BlockedAddress,
}

impl UrlRefusal {
    /// A stable code for problems, attempts and metrics.
    #[must_use]
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::BlockedAddress => "blocked_address",
            Self::NotHttps => "not_https",
            Self::Port => "port",
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::Scheme => "scheme",
            Self::Userinfo => "userinfo",
            Self::Fragment => "fragment",
            Self::TrailingDot => "trailing_dot",
        }
    }
}

impl UrlRefusal {
    /// The message for the caller who saves the URL. Only an operator is told which setting to change.
    #[must_use]
    pub(crate) fn message_for(self, saved_by: SavedBy) -> String {
        match (self, saved_by) {
            (Self::BlockedAddress, SavedBy::Operator) => format!(
                "{self}. If it is yours, add its range to BUYWIRE_ALLOW_PRIVATE (such as 10.0.0.0/8) and restart"
            ),
            _ => self.to_string(),
        }
    }
}

impl TargetUrl {
    /// Parses a URL under the rules for who saved it.
    ///
    /// Outside the allowed ranges: https on port 443 or from 1024 up. Inside them: http or https
    /// on any port. A host name that breaks the first rule is accepted from an operator if ranges
    /// are allowed, and may then connect to allowed addresses only.
    ///
    /// # Errors
    /// The rule that the URL breaks.
    pub(crate) fn parse(
        text: &str,
        saved_by: SavedBy,
        policy: &EgressPolicy,
    ) -> Result<Self, UrlRefusal> {
        check_spelling(text)?;
        let url = Url::parse(text).map_err(|_| UrlRefusal::Malformed)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(UrlRefusal::Scheme);
        }
        if url.fragment().is_some() {
            return Err(UrlRefusal::Fragment);
        }
        if url.as_str().len() > URL_BYTES_MAX {
            return Err(UrlRefusal::TooLong);
        }
        // No server can listen on port 0.
        if url.port() == Some(0) {
            return Err(UrlRefusal::Port);
        }
        let ranges_apply = saved_by == SavedBy::Operator && policy.has_ranges();
        let reach = match url.host() {
            Some(Host::Domain(name)) => {
                check_name(name)?;
                if !may_resolve(name, ranges_apply, policy) {
                    return Err(UrlRefusal::BlockedAddress);
                }
                reach_of_name(&url, ranges_apply)?
            }
            Some(Host::Ipv4(v4)) => reach_of_address(&url, v4.into(), ranges_apply, policy)?,
            Some(Host::Ipv6(v6)) => reach_of_address(&url, v6.into(), ranges_apply, policy)?,
            None => return Err(UrlRefusal::Malformed),
        };
        Ok(Self { url, reach })
    }

    /// The URL as it is stored and requested.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        self.url.as_str()
    }

    #[must_use]
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// The host, the only part that a log may show.
    #[must_use]
    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// What this URL may connect to.
    #[must_use]
    pub(crate) fn reach(&self) -> Reach {
        self.reach
    }

    /// The address, if the host is one. Such a host never passes a resolver.
    #[must_use]
    pub(crate) fn literal_address(&self) -> Option<IpAddr> {
        match self.url.host()? {
            Host::Ipv4(v4) => Some(v4.into()),
            Host::Ipv6(v6) => Some(v6.into()),
            Host::Domain(_) => None,
        }
    }
}

impl fmt::Debug for TargetUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TargetUrl")
            .field("host", &self.host())
            .field("reach", &self.reach)
            .finish_non_exhaustive()
    }
}

/// The parser repairs much: it drops tabs and an empty user name, and converts backslashes.
/// A URL that needs repair is refused, so that every reader sees the same host.
fn check_spelling(text: &str) -> Result<(), UrlRefusal> {
    if text.len() > URL_BYTES_MAX {
        return Err(UrlRefusal::TooLong);
    }
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    if text.contains(odd) {
        return Err(UrlRefusal::Malformed);
    }
    let (scheme, rest) = text.split_once(':').ok_or(UrlRefusal::Malformed)?;
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return Err(UrlRefusal::Scheme);
    }
    let rest = rest.strip_prefix("//").ok_or(UrlRefusal::Malformed)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(UrlRefusal::Userinfo);
    }
    if authority.is_empty() {
        return Err(UrlRefusal::Malformed);
    }
    Ok(())
}

/// Checks a name as DNS has it, after the parser has lowered and unescaped it.
pub(super) fn check_name(name: &str) -> Result<(), UrlRefusal> {
    if name.ends_with('.') {
        return Err(UrlRefusal::TrailingDot);
    }
    let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(letter);
    if name.len() > 253 || !name.split('.').all(label) {
        return Err(UrlRefusal::Malformed);
    }
    Ok(())
}

/// Whether the name can resolve to an allowed address. Names of this machine and of local networks
/// are not public; with allowed ranges, only this machine's addresses are known beforehand.
pub(super) fn may_resolve(name: &str, ranges_apply: bool, policy: &EgressPolicy) -> bool {
    let below = |domain: &str| {
        name.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if ranges_apply {
        let loopback = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        return !below("localhost") || loopback.iter().any(|address| policy.is_allowed(*address));
    }
    name.contains('.') && !RESERVED_DOMAINS.iter().any(|domain| below(domain))
}

fn reach_of_name(url: &Url, ranges_apply: bool) -> Result<Reach, UrlRefusal> {
    match (check_public(url), ranges_apply) {
        (Ok(()), false) => Ok(Reach::Public),
        (Ok(()), true) => Ok(Reach::PublicOrAllowed),
        (Err(_), true) => Ok(Reach::AllowedOnly),
        (Err(refusal), false) => Err(refusal),
    }
}

fn reach_of_address(
    url: &Url,
    address: IpAddr,
    ranges_apply: bool,
    policy: &EgressPolicy,
) -> Result<Reach, UrlRefusal> {
    if ranges_apply && policy.is_allowed(address) {
        return Ok(Reach::AllowedOnly);
    }
    // The address first: a hint to use https would promise that https helps.
    if !policy.allows(Reach::Public, address) {
        return Err(UrlRefusal::BlockedAddress);
    }
    check_public(url).map(|()| Reach::Public)
}

/// The rule for the public internet: https, and no port that belongs to an older protocol.
fn check_public(url: &Url) -> Result<(), UrlRefusal> {
    if url.scheme() != "https" {
        return Err(UrlRefusal::NotHttps);
    }
    match url.port_or_known_default() {
        Some(443 | 1024..) => Ok(()),
        _ => Err(UrlRefusal::Port),
    }
}
