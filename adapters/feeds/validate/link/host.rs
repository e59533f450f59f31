//! Which hosts are publicly reachable: buyers must be able to open links.
//!
//! Names below a suffix of the Public Suffix List are public. Names of one label, those that RFC 6761 and its
//! successors reserve, and address literals are not.

use std::net::IpAddr;

use ipnet::IpNet;

/// Reserved, although some lists include them: nothing below them is public.
const SPECIAL: [&str; 7] = [
    "alt",
    "arpa",
    "internal",
    "invalid",
    "local",
    "localhost",
    "onion",
];
/// Reserved for examples (RFC 2606): nothing is ever there, so no buyer is misled.
const RESERVED_EXAMPLE: &str = "example";

/// Whether buyers can reach this host, as spelled in a parsed URL. `private`: ranges that count as public.
pub(crate) fn is_reachable(host: &str, private: &[IpNet]) -> bool {
    if let Some(address) = parse_literal(host) {
        let address = address.to_canonical();
        return private.iter().any(|range| range.contains(&address));
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let Some((_, top)) = name.rsplit_once('.') else {
        return false;
    };
    match top {
        RESERVED_EXAMPLE => true,
        special if SPECIAL.contains(&special) => false,
        _ => psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known()),
    }
}

/// The IP address that a host denotes without a lookup.
fn parse_literal(host: &str) -> Option<IpAddr> {
    let inner = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match inner {
        Some(inner) => inner.parse().ok(),
        None if host == "localhost" => Some(IpAddr::from([127, 0, 0, 1])),
        None => host.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_everybody_finds_is_reachable() {
        for host in [
            "shop.example",
            "shop.com",
            "a.b.shop.co.uk",
            "shop.myshopify.com",
            "xn--bcher-kva.de",
            "shop.xn--p1ai",
            "shop.com.",
            "fritz.box",
        ] {
            assert!(is_reachable(host, &[]), "{host}");
        }
        for host in [
            "localhost",
            "shop",
            "shop.localhost",
            "nas.local",
            "printer.home.arpa",
            "shop.internal",
            "shop.lan",
            "shop.invalid",
            "shop.onion",
            "intranet.corp",
            "192.168.1.2",
            "127.0.0.1",
            "169.254.169.254",
            "8.8.8.8",
            "[::1]",
            "[fe80::1]",
            "",
            ".",
        ] {
            assert!(!is_reachable(host, &[]), "{host}");
        }
    }

    #[test]
    fn a_range_that_the_operator_opened_is_reachable() {
        let private = ["127.0.0.0/8".parse().unwrap()];
        for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
            assert!(is_reachable(host, &private), "{host}");
        }
        for host in ["10.0.0.1", "shop", "nas.local"] {
            assert!(!is_reachable(host, &private), "{host}");
        }
    }
}
