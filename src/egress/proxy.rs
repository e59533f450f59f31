//! Addresses of proxies: where https requests are tunnelled through by HTTP CONNECT, and with which credentials.
//!
//! Promises: no error and no `Debug` shows credentials. Must not decide where a proxy may be.

use std::fmt;

use percent_encoding::percent_decode_str;
use url::Url;
use zeroize::Zeroizing;

/// A proxy, with its credentials.
#[derive(Clone)]
pub(crate) struct ProxyAddress {
    given: Url,
    bare: Url,
}

/// Why a text is no proxy. Never repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MalformedProxy {
    #[error(
        "must be a URL such as https://proxy.example:3128, with a user name and password if the proxy needs them"
    )]
    Url,
    #[error("must not have a path, query or fragment")]
    Path,
    #[error("must not have a password without a user name")]
    UserName,
}

impl ProxyAddress {
    /// # Errors
    /// The text is not the URL of a proxy.
    pub(crate) fn parse(text: &str) -> Result<Self, MalformedProxy> {
        if text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(MalformedProxy::Url);
        }
        let given = Url::parse(text).map_err(|_| MalformedProxy::Url)?;
        if !matches!(given.scheme(), "http" | "https") || !text.contains("://") {
            return Err(MalformedProxy::Url);
        }
        if given.path() != "/" || given.query().is_some() || given.fragment().is_some() {
            return Err(MalformedProxy::Path);
        }
        if given.username().is_empty() && given.password().is_some() {
            return Err(MalformedProxy::UserName);
        }
        let mut bare = given.clone();
        // Both fail only for URLs that can have neither.
        let _ = bare.set_username("");
        let _ = bare.set_password(None);
        Ok(Self { given, bare })
    }

    /// The whole URL. It may hold a password.
    pub(crate) fn reveal(&self) -> &Url {
        &self.given
    }

    /// The URL without its credentials.
    pub(super) fn bare(&self) -> &Url {
        &self.bare
    }

    /// The host, which logs may show.
    pub(crate) fn host(&self) -> &str {
        self.bare.host_str().unwrap_or_default()
    }

    /// As the HTTP client takes it.
    pub(super) fn for_client(&self) -> reqwest::Result<reqwest::Proxy> {
        let proxy = reqwest::Proxy::all(self.bare.clone())?;
        Ok(match self.given.username() {
            "" => proxy,
            name => {
                let password = decoded(self.given.password().unwrap_or_default());
                proxy.basic_auth(&decoded(name), &password)
            }
        })
    }
}

impl fmt::Debug for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProxyAddress({})", self.host())
    }
}

fn decoded(part: &str) -> Zeroizing<String> {
    Zeroizing::new(percent_decode_str(part).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_has_a_host_and_nothing_behind_it() {
        for (text, refusal) in [
            ("proxy.example:3128", MalformedProxy::Url),
            ("socks5://proxy.example:1080", MalformedProxy::Url),
            ("https:proxy.example", MalformedProxy::Url),
            ("https://proxy.example\\@other.example", MalformedProxy::Url),
            ("https://proxy.example/tunnel", MalformedProxy::Path),
            ("https://proxy.example/?a=b", MalformedProxy::Path),
            ("https://:secret@proxy.example", MalformedProxy::UserName),
        ] {
            assert_eq!(ProxyAddress::parse(text).unwrap_err(), refusal, "{text}");
        }
        let proxy = ProxyAddress::parse("http://ann:p%40ss@127.0.0.1:3128").unwrap();
        assert_eq!(proxy.bare.as_str(), "http://127.0.0.1:3128/");
        assert_eq!(format!("{proxy:?}"), "ProxyAddress(127.0.0.1)");
        assert_eq!(decoded("p%40ss").as_str(), "p@ss");
    }
}
