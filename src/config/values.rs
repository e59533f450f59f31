//! Reads the values of settings, and says what it expected.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

/// The URL without a trailing slash, in characters that a header can carry.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    let expected = || "expected an http or https URL without a query".to_owned();
    let url = Url::parse(text).map_err(|_| expected())?;
    let is_base = url.has_host() && url.query().is_none() && url.fragment().is_none();
    let is_open = url.username().is_empty() && url.password().is_none();
    match url.scheme() {
        "http" | "https" if is_base && is_open => Ok(url.as_str().trim_end_matches('/').to_owned()),
        _ => Err(expected()),
    }
}

/// An address and port, the first address of a name and port, or a port of this machine only.
pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    let expected = || {
        "expected an address and port (127.0.0.1:8080, 0.0.0.0:8080, [::1]:8080), a name and port \
         (localhost:8080), or a port (8080)"
            .to_owned()
    };
    let text = text.trim();
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
    let port: u16 = port.parse().map_err(|_| expected())?;
    // IPv4 as in the default; many systems resolve localhost to ::1 first.
    if matches!(host, "" | "localhost") {
        return Ok((Ipv4Addr::LOCALHOST, port).into());
    }
    let mut found = (host, port).to_socket_addrs().map_err(|_| expected())?;
    found.next().ok_or_else(expected)
}

/// A range, or one address.
pub(super) fn range(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let one = || text.parse::<IpAddr>().ok().map(IpNet::from);
    let range = text.parse().ok().or_else(one);
    range.ok_or_else(|| "expected a range (10.0.0.0/8, fd00::/8) or an address".to_owned())
}

pub(super) fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    match name.chars().count() <= 40 && !name.chars().any(char::is_control) {
        true => Ok(name.to_owned()),
        false => Err("expected a name of at most 40 characters".to_owned()),
    }
}

pub(super) fn requests(text: &str) -> Result<u32, String> {
    let count = text
        .parse()
        .ok()
        .filter(|count| (1..=1_000_000).contains(count));
    count.ok_or_else(|| "expected a number of requests from 1 to 1000000".to_owned())
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "expected a number of seconds from 0.1 to 300".to_owned())?;
    match (0.1..=300.0).contains(&seconds) {
        true => Ok(Duration::from_secs_f64(seconds)),
        false => Err("expected 0.1 to 300 seconds".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listen_address_may_be_a_port_or_a_name_with_a_port() {
        for (given, expected) in [
            ("8099", "127.0.0.1:8099"),
            (":8099", "127.0.0.1:8099"),
            ("localhost:8099", "127.0.0.1:8099"),
            (" 0.0.0.0:80 ", "0.0.0.0:80"),
            ("[::1]:8099", "[::1]:8099"),
        ] {
            assert_eq!(
                listen(given).map(|at| at.to_string()),
                Ok(expected.to_owned())
            );
        }
        for refused in [
            "",
            "localhost",
            "http://localhost:80",
            "127.0.0.1",
            "8099x",
            "99999",
        ] {
            let message = listen(refused).unwrap_err();
            assert!(message.contains("localhost:8080"), "{refused}: {message}");
        }
    }

    #[test]
    fn a_range_is_refused_in_our_words() {
        assert_eq!(range("10.1.2.3").unwrap().to_string(), "10.1.2.3/32");
        assert_eq!(range(" fd00::/8").unwrap().to_string(), "fd00::/8");
        assert!(range("10.0.0.0/33").unwrap_err().contains("10.0.0.0/8"));
    }

    #[test]
    fn a_public_url_begins_other_addresses() {
        for (given, expected) in [
            ("https://buywire.example", "https://buywire.example"),
            ("https://buywire.example/", "https://buywire.example"),
            ("http://10.0.0.1:8080/hooks/", "http://10.0.0.1:8080/hooks"),
            (
                "https://buywire.example/a\"b",
                "https://buywire.example/a%22b",
            ),
        ] {
            assert_eq!(public_url(given).as_deref(), Ok(expected));
        }
        for refused in [
            "buywire.example",
            "ftp://buywire.example",
            "https://buywire.example/?a=1",
            "https://buywire.example/#top",
            "https://me:secret@buywire.example",
        ] {
            assert!(public_url(refused).is_err(), "{refused}");
        }
    }
}
